# SPDX-License-Identifier: GPL-2.0-only
#
# Undercroft. One Makefile, no recursion, explicit lists. `make help` says what there is.
#
# Three classes of source (docs/architecture.md): X runs in the hypervisor only, D in dom0 only, P is portable and
# is built twice: freestanding into the hypervisor and natively, under sanitizers, into the unit tests.
# The include paths below are the dependency rule: what is not on a class's path cannot be included.

B := build
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif

# --- Sources, by folder. -------------------------------------------------------------------------------------------
X_start := head.S init.c
X_cpu   := entry.S gdt.c idt.c traps.c percpu.c
X_mm    :=
X_sched :=
X_domain :=
X_hvm   :=
X_trace :=
X_lib   :=
X_top   :=

P_passthrough :=
P_vtd    :=
P_amdvi  :=
P_sriov  :=
P_quirks :=

X_SRCS := $(foreach d,start cpu mm sched domain hvm trace lib,$(addprefix xen/$(d)/,$(X_$(d)))) $(addprefix xen/,$(X_top))
P_SRCS := $(addprefix passthrough/,$(P_passthrough)) $(addprefix passthrough/iommu-vtd/,$(P_vtd)) \
	  $(addprefix passthrough/iommu-amdvi/,$(P_amdvi)) $(addprefix sriov/,$(P_sriov)) $(addprefix quirks/,$(P_quirks))

# --- Unit tests: in unit-NAME, the sources that tests/unit/test_NAME.c is linked with. ------------------------------
FAKE_ENV := tests/fake/env.c tests/fake/env_cfg.c tests/fake/env_mem.c tests/fake/env_mmio.c

unit-fake_env := $(FAKE_ENV)

# --- Flags. --------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wconversion -Wundef -Wmissing-prototypes -Wstrict-prototypes -Wvla -Werror
COMMON := -std=gnu17 -g -MMD -MP $(WARN) -fno-strict-aliasing -fno-common -fwrapv -ffile-prefix-map=$(CURDIR)=.
GCC_INC := $(shell $(CC) -print-file-name=include)

# Position independent code linked at a fixed address: every reference is relative to RIP, so the image may stand
# outside the lowest and highest 2 GiB, which belong to PV guests.
FREESTANDING := $(COMMON) -O2 -ffreestanding -nostdinc -isystem $(GCC_INC) -isystem xen/include/libc \
	-mno-red-zone -mgeneral-regs-only -fPIE -fno-plt -fno-asynchronous-unwind-tables -fno-omit-frame-pointer \
	-fcf-protection=none -fno-stack-protector -ffunction-sections -fdata-sections

INC_X := -Ixen/include -Ipassthrough/include -Isriov/include -Iquirks/include
INC_P := -Ipassthrough/include -Iquirks/include
inc-passthrough := $(INC_P)
inc-vtd    := -Ipassthrough/include -Ipassthrough/iommu-vtd
inc-amdvi  := -Ipassthrough/include -Ipassthrough/iommu-amdvi
inc-sriov  := $(INC_P) -Isriov/include
inc-quirks := -Ipassthrough/include -Iquirks/include
# The class of a source file, by its path.
inc_of = $(if $(filter xen/%,$1),$(INC_X),$(if $(filter %/iommu-vtd/%,$1),$(inc-vtd),$(if $(filter \
	%/iommu-amdvi/%,$1),$(inc-amdvi),$(if $(filter sriov/%,$1),$(inc-sriov),$(if $(filter quirks/%,$1),$(inc-quirks),$(INC_P))))))

# --- The hypervisor. -----------------------------------------------------------------------------------------------
HV_OBJS := $(patsubst %,$(B)/hv/%.o,$(X_SRCS) $(P_SRCS))

all: $(B)/undercroft

$(B)/hv/%.c.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(FREESTANDING) $(call inc_of,$<) -c -o $@ $<

$(B)/hv/%.S.o: %.S Makefile
	@mkdir -p $(@D)
	$(CC) $(FREESTANDING) $(call inc_of,$<) -D__ASSEMBLY__ -c -o $@ $<

LDFLAGS_HV := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
	-Wl,--gc-sections -Wl,--orphan-handling=warn -Wl,--fatal-warnings

$(B)/hv/undercroft.lds: xen/start/undercroft.lds xen/include/hv/layout.h Makefile
	@mkdir -p $(@D)
	$(CC) -E -P -x assembler-with-cpp -undef $(INC_X) -o $@ $<

$(B)/undercroft: $(B)/hv/undercroft.lds $(HV_OBJS)
	$(CC) $(LDFLAGS_HV) -T $< -o $@ $(HV_OBJS)

clean:
	rm -rf $(B)

.PHONY: all clean
-include $(HV_OBJS:.o=.d)
