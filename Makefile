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
# V=1 shows the commands.
Q := $(if $(V),,@)

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif

# --- Sources, by folder. -------------------------------------------------------------------------------------------
X_start := head.S trampoline.S init.c aps.c interrupts.c boot_map.c boot_info.c multiboot1.c multiboot2.c pci.c pci_access.c cmdline.c options.c acpi.c acpi_fadt.c acpi_find.c acpi_hpet.c acpi_madt.c \
	acpi_mcfg.c acpi_slit.c acpi_srat.c acpi_table.c numa.c iommu.c
X_cpu   := entry.S gdt.c idt.c traps.c percpu.c spinlock.c lock_check.c features.c mtrr.c lapic.c ioapic.c vector.c irq.c \
	   time.c time_ref.c timer.c softirq.c tasklet.c rcu.c smp.c nmi_watchdog.c cpu_area.c
X_mm    := e820.c boot_alloc.c frame.c heap.c scrub.c slab.c map.c map_init.c map_wx.c map_cpu.c vmap.c mm_start.c
X_mm    += iomem.c p2m.c p2m_iommu.c p2m_refs.c p2m_tlb.c guest_walk.c guest_copy.c domain_frames.c
X_sched := loop.c sched.c
X_domain := console_io.c domain.c memory_op.c physdev_op.c physmap.c platform_op.c event.c event_2l.c event_fifo.c grant.c grant_op.c guest_pin.c hvm_op.c hypercall.c sched_op.c shared_info.c shutdown.c \
	vcpu.c vcpu_op.c vcpu_time.c version.c wallclock.c
X_domain += dom0_acpi.c dom0_build.c dom0_devices.c dom0_elf.c dom0_image.c dom0_memory.c dom0_options.c dom0_space.c
X_hvm   := hvm.c exits.c control.c inject.c memory.c emulate.c portio.c trap.c msr.c fpu.c cpuid.c decode.c alu.c switch.S \
	   svm.c svm_ops.c svm_vmcb.c svm_exit.c svm_entry.S \
	   vlapic.c vlapic_ipi.c vlapic_mmio.c vlapic_timer.c vioapic.c guest_irq.c irq_bind.c \
	   msi.c vpci_io.c vpci_host.c
X_trace := backtrace.c console.c key_table.c keys.c keys_input.c log.c panic.c peek.c rate_limit.c reboot.c symbols.c text_ring.c uart.c uart_params.c
X_lib   := libc_stubs.c pheap.c printf.c string.c zstd.c
X_top   := env.c

P_passthrough := iommu_fw.c iommu_fw_log.c pci_bar.c pci_cap.c pci_dev.c pci_name.c pci_registry.c pci_scan.c ptab.c ptab_formats.c iommu_unit.c iommu_domid.c iommu.c iommu_scope.c vpci.c vpci_bar.c vpci_msi.c vpci_msix.c vpci_vf.c intremap.c
P_vtd    := vtd_acpi.c vtd_unit.c vtd_queue.c vtd_table.c vtd_flush.c vtd_ops.c vtd_intremap.c
P_amdvi  := amdvi_acpi.c amdvi_unit.c amdvi_queue.c amdvi_table.c amdvi_flush.c amdvi_ops.c amdvi_intremap.c
P_sriov  :=
P_quirks := $(addprefix quirks_,lookup.c set.c name.c program.c reset.c acs.c alias.c msi.c ats.c order.c bar.c power.c iommu.c deny.c)
P_passthrough += reset_program.c

# Dom0 programs: their own sources; the portable ones they also use are named in full.
D_ptctl := $(addprefix tools/pt-ctl/,devices.c dump.c env.c explain.c json.c list.c main.c sbdf.c session.c show.c source.c table.c words.c) \
	$(addprefix passthrough/,pci_bar.c pci_cap.c pci_dev.c pci_name.c pci_registry.c pci_scan.c) $(addprefix quirks/,$(P_quirks))

X_SRCS := $(foreach d,start cpu mm sched domain hvm trace lib,$(addprefix xen/$(d)/,$(X_$(d)))) $(addprefix xen/,$(X_top))
P_SRCS := $(addprefix passthrough/,$(P_passthrough)) $(addprefix passthrough/iommu-vtd/,$(P_vtd)) \
	  $(addprefix passthrough/iommu-amdvi/,$(P_amdvi)) $(addprefix sriov/,$(P_sriov)) $(addprefix quirks/,$(P_quirks))

# --- Tests: in unit-NAME and fuzz-NAME, the unmodified sources and the fakes that tests/unit/test_NAME.c and
# tests/fuzz/fuzz_NAME.c are linked with. hostflags-SOURCE: more flags for it in these builds (clashes with libc).
FAKE_ENV := tests/fake/env.c tests/fake/env_cfg.c tests/fake/env_mem.c tests/fake/env_mmio.c
FAKE_HV := tests/fake/asm.c tests/fake/lock.c tests/fake/hv_log.c
unit-fake := $(FAKE_HV)
unit-fake_env := $(FAKE_ENV)

# xen/lib
unit-pheap := xen/lib/pheap.c
unit-printf := xen/lib/printf.c
unit-string := xen/lib/string.c
hostflags-xen/lib/string.c := $(foreach f,memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strrchr \
	strstr,-D$f=hv_$f)

# xen/start
BOOT_INFO := xen/start/boot_info.c xen/start/multiboot1.c xen/start/multiboot2.c
ACPI := $(addprefix xen/start/,acpi.c acpi_fadt.c acpi_find.c acpi_hpet.c acpi_madt.c acpi_mcfg.c acpi_slit.c acpi_srat.c \
	acpi_table.c)
ACPI_TEST := $(ACPI) tests/unit/acpi_build.c tests/fake/phys.c tests/fake/hv_log.c
unit-acpi_corpus := $(ACPI) tests/unit/fw_corpus.c tests/fake/phys.c tests/fake/hv_log.c
unit-acpi_find := $(ACPI_TEST)
unit-acpi_madt := $(ACPI_TEST)
unit-acpi_tables := $(ACPI_TEST)
unit-cmdline := xen/start/cmdline.c tests/fake/hv_log.c
unit-numa := xen/start/numa.c tests/fake/hv_log.c
unit-multiboot1 := $(BOOT_INFO) tests/fake/phys.c tests/fake/hv_log.c
unit-multiboot2 := $(unit-multiboot1)
fuzz-acpi := $(ACPI) tests/fake/phys.c tests/fuzz/log.c
fuzz-cmdline := xen/start/cmdline.c tests/fuzz/log.c
fuzz-multiboot := $(BOOT_INFO) tests/fake/phys.c tests/fuzz/log.c

# xen/mm
unit-boot_alloc := xen/mm/boot_alloc.c xen/mm/e820.c $(FAKE_HV)
unit-e820 := xen/mm/e820.c $(FAKE_HV)
FAKE_RAM := $(FAKE_HV) tests/fake/ram.c xen/mm/e820.c xen/mm/frame.c xen/mm/heap.c xen/mm/scrub.c
unit-frame := $(FAKE_RAM)
unit-heap := $(FAKE_RAM)
unit-map := xen/mm/map.c xen/mm/map_init.c xen/mm/map_wx.c xen/mm/vmap.c xen/mm/boot_alloc.c $(FAKE_RAM)
unit-mm_start := xen/mm/mm_start.c xen/mm/boot_alloc.c $(FAKE_RAM)
unit-scrub := $(FAKE_RAM)
unit-slab := xen/mm/slab.c $(FAKE_RAM)
FAKE_P2M := tests/unit/p2m_domain.c tests/fake/env_heap.c tests/fake/p2m_tlb.c tests/fake/iommu_domain.c xen/mm/slab.c $(FAKE_RAM) $(addprefix xen/mm/,p2m.c p2m_iommu.c p2m_refs.c iomem.c \
	domain_frames.c) passthrough/ptab.c passthrough/ptab_formats.c
unit-domain_frames := $(FAKE_P2M)
unit-guest_copy := xen/mm/guest_copy.c xen/mm/guest_walk.c $(FAKE_P2M)
unit-p2m := $(FAKE_P2M)
unit-p2m_tlb := xen/mm/p2m_tlb.c
fuzz-e820 := xen/mm/e820.c tests/fuzz/log.c

# xen/cpu
# The real locks, checker included, on the fake processor.
FAKE_CPU := xen/cpu/spinlock.c xen/cpu/lock_check.c tests/fake/asm.c tests/fake/hv_log.c
unit-deferred := xen/cpu/softirq.c xen/cpu/timer.c xen/lib/pheap.c xen/cpu/tasklet.c xen/cpu/rcu.c xen/cpu/smp.c $(FAKE_CPU)
unit-features := xen/cpu/features.c xen/cpu/mtrr.c tests/fake/asm.c tests/fake/hv_log.c
unit-ioapic := xen/cpu/ioapic.c $(FAKE_CPU)
unit-lapic := xen/cpu/lapic.c tests/fake/asm.c tests/fake/hv_log.c
unit-spinlock := $(FAKE_CPU)
unit-time := xen/cpu/time.c xen/cpu/time_ref.c tests/fake/asm.c tests/fake/hv_log.c
unit-vector := xen/cpu/vector.c xen/cpu/irq.c $(FAKE_CPU)

# xen/domain: dom0's building
unit-dom0_acpi := xen/domain/dom0_acpi.c $(ACPI) tests/fake/phys.c tests/fake/hv_log.c
unit-dom0_devices := xen/domain/dom0_devices.c passthrough/pci_registry.c $(FAKE_P2M)
unit-dom0_image := xen/domain/dom0_image.c xen/domain/dom0_elf.c tests/fake/hv_log.c
unit-dom0_layout := xen/domain/dom0_options.c xen/domain/dom0_space.c xen/start/cmdline.c tests/fake/hv_log.c
unit-dom0_memory := $(addprefix xen/domain/,dom0_memory.c dom0_options.c dom0_space.c) xen/start/cmdline.c \
	xen/mm/boot_alloc.c xen/mm/mm_start.c $(FAKE_P2M)
unit-zstd := xen/lib/zstd.c
unitlibs-zstd := -lzstd
fuzz-dom0_kernel := xen/domain/dom0_image.c xen/domain/dom0_elf.c tests/fuzz/log.c

# xen/trace
unit-console := xen/trace/console.c xen/trace/text_ring.c
unit-keys := xen/trace/keys.c tests/fake/hv_log.c
unit-log := xen/trace/log.c xen/trace/rate_limit.c xen/trace/text_ring.c xen/lib/printf.c
unit-reboot := xen/trace/reboot.c xen/trace/panic.c xen/lib/printf.c tests/fake/asm.c
unit-symbols := xen/trace/symbols.c xen/trace/backtrace.c tests/fake/asm.c tests/fake/hv_log.c
unit-uart := xen/trace/uart.c xen/trace/uart_params.c tests/fake/asm.c
fuzz-console_options := $(addprefix xen/trace/,console.c log.c rate_limit.c text_ring.c uart.c uart_params.c) xen/lib/printf.c \
	tests/fake/asm.c

# passthrough
PCI := $(addprefix passthrough/,pci_bar.c pci_cap.c pci_dev.c pci_name.c pci_registry.c pci_scan.c)
unit-env := xen/env.c $(FAKE_CPU)
unit-pci_access := xen/start/pci_access.c $(FAKE_HV)
unit-pci_bar := passthrough/pci_bar.c tests/fake/pci.c $(FAKE_ENV)
unit-pci_cap := passthrough/pci_cap.c tests/fake/pci.c $(FAKE_ENV)
unit-pci_dev := $(PCI) tests/fake/pci.c $(FAKE_ENV)
unit-pci_dumps := $(PCI) tests/fake/pci.c $(FAKE_ENV)
unit-pci_registry := $(PCI) $(FAKE_ENV)
unit-pci_scan := $(PCI) tests/fake/pci.c $(FAKE_ENV)
VPCI := $(addprefix passthrough/,vpci.c vpci_bar.c vpci_msi.c vpci_msix.c vpci_vf.c) $(PCI) tests/fake/pci.c tests/fake/vpci_host.c $(FAKE_ENV)
unit-vpci := $(VPCI)
fuzz-vpci := $(VPCI)
fuzz-pci_config := $(PCI) $(FAKE_ENV)

# xen/domain
DOMAIN := $(addprefix xen/domain/,$(filter-out dom0_%,$(X_domain))) tests/fake/domain_host.c \
	$(filter-out tests/unit/p2m_domain.c tests/fake/hv_log.c,$(FAKE_P2M))
DOMAIN_TEST := $(DOMAIN) tests/fake/machine_end.c tests/fake/hv_log.c
unit-event := $(DOMAIN_TEST)
unit-grant := $(DOMAIN_TEST)
unit-hypercall := $(DOMAIN_TEST)
unit-memory_op := $(DOMAIN_TEST)
fuzz-event := $(DOMAIN) tests/fuzz/machine_end.c tests/fuzz/log.c
fuzz-grant := $(DOMAIN) tests/fuzz/machine_end.c tests/fuzz/log.c

# quirks
QUIRKS := $(addprefix quirks/,$(P_quirks))
unit-quirks := $(QUIRKS) passthrough/reset_program.c $(PCI) tests/fake/pci.c $(FAKE_ENV)
unit-reset_program := passthrough/reset_program.c $(QUIRKS) $(PCI) tests/fake/pci.c $(FAKE_ENV)
fuzz-reset_program := passthrough/reset_program.c $(PCI) tests/fake/pci.c $(FAKE_ENV)

# xen/sched
unit-sched := xen/sched/sched.c xen/lib/pheap.c $(FAKE_HV)

# tools/pt-ctl
unit-ptctl := $(D_ptctl)
unitlibs-ptctl := -lpci -ljansson
fuzz-ptctl_dump := tools/pt-ctl/dump.c
hostflags-tools/pt-ctl/dump.c := -D_GNU_SOURCE
hostflags-tests/fuzz/fuzz_ptctl_dump.c := -D_GNU_SOURCE
hostflags-tools/pt-ctl/main.c := -D_GNU_SOURCE -Dmain=ptctl_main -Wno-missing-prototypes

# xen/hvm
DECODE := xen/hvm/decode.c xen/hvm/alu.c
unit-alu := xen/hvm/alu.c
unit-cpuid := xen/hvm/cpuid.c tests/fake/asm.c
unit-decode := $(DECODE)
unit-inject := xen/hvm/inject.c tests/fake/asm.c
unit-msr := xen/hvm/msr.c tests/fake/asm.c
unit-svm_vmcb := xen/hvm/svm_vmcb.c xen/hvm/svm_exit.c
unit-trap := xen/hvm/trap.c tests/fake/lock.c tests/fake/asm.c tests/fake/hv_log.c
fuzz-decode := $(DECODE)
VLAPIC := $(addprefix xen/hvm/,vlapic.c vlapic_ipi.c vlapic_mmio.c vlapic_timer.c)
FAKE_GUEST := tests/fake/guest.c tests/fake/asm.c tests/fake/lock.c
unit-vlapic := $(VLAPIC) $(FAKE_GUEST) tests/fake/hv_log.c
VIOAPIC := $(addprefix xen/hvm/,vioapic.c guest_irq.c irq_bind.c)
unit-vioapic := $(VIOAPIC) tests/fake/machine_irq.c $(FAKE_GUEST) tests/fake/hv_log.c
unit-vpci_io := xen/hvm/vpci_io.c $(FAKE_GUEST) tests/fake/hv_log.c
unit-msi := xen/hvm/msi.c xen/hvm/guest_irq.c tests/fake/machine_irq.c $(FAKE_GUEST) tests/fake/hv_log.c
fuzz-vioapic := $(VIOAPIC) tests/fake/machine_irq.c $(FAKE_GUEST) tests/fuzz/log.c
fuzz-vlapic := $(VLAPIC) $(FAKE_GUEST) tests/fuzz/log.c

# passthrough/iommu-*
IOMMU_FW := passthrough/iommu_fw.c passthrough/iommu_fw_log.c
PTAB := passthrough/ptab.c passthrough/ptab_formats.c
UNIT_VTD := $(addprefix passthrough/iommu-vtd/,$(filter-out vtd_acpi.c,$(P_vtd))) tests/fake/fake_vtd.c
UNIT_AMDVI := $(addprefix passthrough/iommu-amdvi/,$(filter-out amdvi_acpi.c,$(P_amdvi))) tests/fake/fake_amdvi.c
UNIT_IOMMU := passthrough/iommu_unit.c $(PTAB) tests/fake/fake_tlb.c $(FAKE_ENV)
fuzz-dmar := $(IOMMU_FW) passthrough/iommu-vtd/vtd_acpi.c $(FAKE_ENV)
fuzz-ivrs := $(IOMMU_FW) passthrough/iommu-amdvi/amdvi_acpi.c $(FAKE_ENV)
unit-amdvi_acpi := $(IOMMU_FW) passthrough/iommu-amdvi/amdvi_acpi.c tests/unit/fw_corpus.c $(FAKE_ENV)
unit-amdvi_unit := $(UNIT_AMDVI) $(UNIT_IOMMU)
IOMMU := $(addprefix passthrough/,iommu.c iommu_scope.c iommu_domid.c intremap.c) $(IOMMU_FW) $(PCI) \
	$(UNIT_VTD) $(UNIT_AMDVI) $(UNIT_IOMMU)
unit-intremap := $(IOMMU)
unit-iommu := $(IOMMU)
unit-iommu_domid := passthrough/iommu_domid.c $(FAKE_ENV)
unit-iommu_scope := passthrough/iommu_scope.c $(IOMMU_FW) $(PCI) $(FAKE_ENV)
unit-ptab := $(PTAB) $(FAKE_ENV)
unit-vtd_acpi := $(IOMMU_FW) passthrough/iommu-vtd/vtd_acpi.c tests/unit/fw_corpus.c $(FAKE_ENV)
unit-vtd_unit := $(UNIT_VTD) $(UNIT_IOMMU)

# --- Flags. --------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wconversion -Wundef -Wmissing-prototypes -Wstrict-prototypes -Wvla -Werror
COMMON := -std=gnu17 -g -MMD -MP $(WARN) -fno-strict-aliasing -fno-common -fwrapv -ffile-prefix-map=$(CURDIR)=.
GCC_INC := $(shell $(CC) -print-file-name=include 2>/dev/null)

# Position independent code linked at a fixed address: every reference is relative to RIP, so the image may stand
# outside the lowest and highest 2 GiB, which belong to PV guests.
FREESTANDING := $(COMMON) -O2 -ffreestanding -nostdinc -isystem $(GCC_INC) -isystem xen/include/libc \
	-mno-red-zone -mgeneral-regs-only -fPIE -fno-plt -fno-asynchronous-unwind-tables -fno-omit-frame-pointer \
	-fcf-protection=none -fno-stack-protector -ffunction-sections -fdata-sections

# Xen's public ABI, as the toolstack of Debian 13 sees it. Only xen/ and tests/ see it.
ABI := -isystem $(B)/sysroot/include -D__XEN_TOOLS__ -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__
INC_X := -Ixen/include -Ipassthrough/include -Isriov/include -Iquirks/include $(ABI)
INC_D := -Ipassthrough/include -Isriov/include -Iquirks/include -Ipciback/include -Ixen/include
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

$(B)/hv/%.c.o: %.c Makefile | $(B)/sysroot/.done
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(CC) $(FREESTANDING) -include xen/include/hv/hidden.h $(call inc_of,$<) -c -o $@ $<

$(B)/hv/%.S.o: %.S Makefile | $(B)/sysroot/.done
	@mkdir -p $(@D)
	@echo "  AS     $<"
	$(Q)$(CC) $(FREESTANDING) $(call inc_of,$<) -D__ASSEMBLY__ -c -o $@ $<

# No loop of string.c may become a call of the function that it is in.
$(B)/hv/xen/lib/string.c.o: FREESTANDING += -fno-tree-loop-distribute-patterns

LDFLAGS_HV := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
	-Wl,--gc-sections -Wl,--orphan-handling=warn -Wl,--fatal-warnings

$(B)/hv/undercroft.lds: xen/start/undercroft.lds xen/include/hv/layout.h Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x assembler-with-cpp -undef $(INC_X) -o $@ $<

# Linked twice: the second image also holds the names of the first one's functions, for call traces. They stand behind
# the text and move no function; that is checked.
SYMBOLS := tools/build/symbols.py
hv_link = $(CC) $(LDFLAGS_HV) -T $(B)/hv/undercroft.lds -o $@ $(HV_OBJS)
ZSTD_LIB = $(shell $(CC) -print-file-name=libzstd.a)

$(B)/hv/symbols-none.S: $(SYMBOLS)
	@mkdir -p $(@D)
	$(Q)$(SYMBOLS) </dev/null >$@

$(B)/hv/nameless: $(B)/hv/undercroft.lds $(HV_OBJS) $(B)/hv/symbols-none.o
	$(Q)$(hv_link) $(B)/hv/symbols-none.o $(ZSTD_LIB)

$(B)/hv/symbols.S: $(B)/hv/nameless $(SYMBOLS)
	$(Q)nm $< | $(SYMBOLS) $< >$@

$(B)/hv/symbols.o $(B)/hv/symbols-none.o: %.o: %.S
	$(Q)$(CC) -c -o $@ $<

$(B)/undercroft: $(B)/hv/undercroft.lds $(HV_OBJS) $(B)/hv/symbols.o
	@echo "  LD     $@"
	$(Q)$(hv_link) $(B)/hv/symbols.o $(ZSTD_LIB)
	$(Q)objcopy --only-keep-debug $@ $@.debug && objcopy --strip-debug $@
	$(Q)nm $@ | $(SYMBOLS) $@ | cmp -s - $(B)/hv/symbols.S || { echo "$@: the symbol table is not that of the image"; false; }

# --- Dom0 programs. ------------------------------------------------------------------------------------------------
DOM0 := $(COMMON) -D_GNU_SOURCE -O2 -fPIE -fstack-protector-strong
dom0_inc_of = $(if $(filter tools/% pciback/%,$1),$(INC_D),$(call inc_of,$1))
ptctl_objs := $(D_ptctl:%=$(B)/dom0/obj/%.o)

$(B)/dom0/obj/%.c.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(CC) $(DOM0) $(call dom0_inc_of,$<) -c -o $@ $<

$(B)/pt-ctl: $(ptctl_objs)
	@echo "  LD     $@"
	$(Q)$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ -lpci -ljansson

all: $(if $(D_ptctl),$(B)/pt-ctl)

# Xen's public headers, those of the toolstack in dom0, alone in a folder for -isystem.
$(B)/sysroot/.done: tools/host/fetch
	tools/host/fetch 13 $(B)/sysroot/root libxen-dev
	mkdir -p $(B)/sysroot/include && cp -r $(B)/sysroot/root/usr/include/xen $(B)/sysroot/include/
	touch $@

# --- Native builds of product sources under sanitizers: unit tests with gcc, fuzzers with clang. -------------------
UNITS := $(sort $(patsubst unit-%,%,$(filter unit-%,$(.VARIABLES))))
UNIT_BINS := $(UNITS:%=$(B)/unit/test_%)
FUZZERS := $(sort $(patsubst fuzz-%,%,$(filter fuzz-%,$(.VARIABLES))))
FUZZ_BINS := $(FUZZERS:%=$(B)/fuzz/fuzz_%)

NATIVE := $(COMMON) -O1 -fno-omit-frame-pointer
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
INC_TEST := -I. -Itests/fake/include -Itests/fake -Itests/unit $(INC_X)
native_inc_of = $(if $(filter tests/%,$1),$(INC_TEST),$(if $(filter xen/%,$1),-Itests/fake/include) $(call dom0_inc_of,$1))
unit_objs = $(patsubst %,$(B)/unit/obj/%.o,tests/unit/test_$1.c $(unit-$1))

$(B)/unit/obj/%.c.o: %.c Makefile | $(B)/sysroot/.done
	@mkdir -p $(@D)
	@echo "  TESTCC $<"
	$(Q)$(CC) $(NATIVE) $(SANITIZE) $(call native_inc_of,$<) $(hostflags-$<) -c -o $@ $<

.SECONDEXPANSION:
$(B)/unit/test_%: $$(call unit_objs,$$*)
	@echo "  TESTLD $@"
	$(Q)$(CC) $(SANITIZE) -o $@ $^ -lcmocka $(unitlibs-$*)

CLANG ?= clang
FUZZ_FLAGS := $(filter-out $(WARN),$(NATIVE)) -Wall -Wno-unknown-warning-option -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all
fuzz_objs = $(patsubst %,$(B)/fuzz/obj/%.o,tests/fuzz/fuzz_$1.c $(fuzz-$1))

$(B)/fuzz/obj/%.c.o: %.c Makefile | $(B)/sysroot/.done
	@mkdir -p $(@D)
	@echo "  FUZZCC $<"
	$(Q)$(CLANG) $(FUZZ_FLAGS) $(call native_inc_of,$<) $(hostflags-$<) -c -o $@ $<

$(B)/fuzz/fuzz_%: $$(call fuzz_objs,$$*)
	@echo "  FUZZLD $@"
	$(Q)$(CLANG) $(FUZZ_FLAGS) -o $@ $^

# What the checks of tests/lint need to know: class, file and compiler flags of each source and header, one a line.
HEADERS = $(sort $(shell git ls-files -co --exclude-standard '*.h'))
header_flags = $(if $(filter tests/%,$1),$(NATIVE) $(INC_TEST),$(if $(filter tools/% pciback/%,$1),$(DOM0) \
	$(INC_D),$(FREESTANDING) $(call inc_of,$1)))
$(B)/flags.txt: FORCE
	@mkdir -p $(@D)
	$(file >$@)
	$(foreach f,$(filter %.c,$(X_SRCS) $(P_SRCS)),$(file >>$@,hv $f $(FREESTANDING) $(call inc_of,$f)))
	$(foreach f,$(filter tools/% pciback/%,$(D_ptctl)),$(file >>$@,dom0 $f $(DOM0) $(INC_D)))
	$(foreach f,$(HEADERS),$(file >>$@,header $f $(call header_flags,$f)))

# --- Debian's kernel and busybox, for dom0 in the system tests: unpacked, not installed. -----------------------------
DEBIAN_DOM0 := $(B)/dom0/root/.done
$(DEBIAN_DOM0): tools/host/fetch
	tools/host/fetch 13 $(@D) linux-image-amd64+ busybox-static
	touch $@

# --- Test kernels: tests/guests/NAME/NAME.c with the run time they share, as a PVH ELF file. ------------------------
GUESTS := $(notdir $(patsubst %/,%,$(wildcard tests/guests/*/)))
GUEST_FLAGS := $(filter-out -g,$(COMMON)) $(ABI) -O2 -ffreestanding -nostdinc -isystem $(GCC_INC) -fno-pic -fno-pie \
	-mgeneral-regs-only -mno-red-zone -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none

$(B)/guests/%.o: tests/guests/% tests/guests/pvh.h Makefile | $(B)/sysroot/.done
	@mkdir -p $(@D)
	@echo "  GUEST  $<"
	$(Q)$(CC) $(GUEST_FLAGS) -c -o $@ $<

$(B)/guests/%.elf: $(B)/guests/%.c.o $(B)/guests/pvh.c.o $(B)/guests/pvh.S.o tests/guests/pvh.lds
	$(Q)ld --no-warn-rwx-segments -T tests/guests/pvh.lds -o $@ $(filter %.o,$^)

guests: $(foreach g,$(GUESTS),$(B)/guests/$g/$g.elf)

# --- What to say to make. T=WORD runs only the tests whose name contains the word. ---------------------------------
RUN := B=$(B) tests/run $(if $(T),--only $(T))
SUITES := --unit $(UNIT_BINS) --lint --fuzz $(FUZZ_BINS) --image --system
RUN_CPUS ?= 2
RUN_MEMORY ?= 1024
QEMU_RUN := qemu-system-x86_64 -M q35 -cpu EPYC,+svm,+npt -display none -nodefaults -no-reboot -serial mon:stdio

check: ## install what is missing, build, run every test; the last line counts them
	@B=$(B) tools/host/install
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) check-built

check-built: all guests $(DEBIAN_DOM0) $(UNIT_BINS) $(FUZZ_BINS) $(B)/flags.txt
	@$(RUN) $(SUITES)

unit: $(UNIT_BINS) ## unit tests, natively, under sanitizers
	@$(RUN) --unit $(UNIT_BINS)

fuzz: $(FUZZ_BINS) ## a short run of each fuzzer
	@$(RUN) --fuzz $(FUZZ_BINS)

lint: $(B)/flags.txt ## formatting, static analysis and the rules of the tree
	@$(RUN) --lint

image: $(B)/undercroft ## properties of the image as a file; built again elsewhere, it is the same
	@$(RUN) --image

system: all guests $(DEBIAN_DOM0) ## boots in QEMU
	@$(RUN) --system

run: $(B)/undercroft ## boot the hypervisor in QEMU, its console on this terminal (Ctrl-A X ends it)
	$(QEMU_RUN) -smp $(RUN_CPUS) -m $(RUN_MEMORY) -kernel $< -append "console=com1 $(APPEND)"

bench: $(B)/undercroft ## instructions until the end of the boot, beside stock Xen
	@B=$(B) tools/host/install
	@B=$(B) tests/bench/run

clean: ## remove the build folder
	rm -rf $(B)

help: ## this list
	@echo "make: build the hypervisor and the dom0 programs into $(B)/"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1: \2/p' Makefile

.PHONY: all guests check check-built unit fuzz lint image system run bench clean help FORCE
.SECONDARY:
objs := $(HV_OBJS) $(ptctl_objs) $(foreach t,$(UNITS),$(call unit_objs,$t)) $(foreach t,$(FUZZERS),$(call fuzz_objs,$t))
-include $(sort $(objs:.o=.d))
