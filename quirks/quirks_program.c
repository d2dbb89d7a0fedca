/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets that only one family of devices needs or has, as data for the
 * interpreter (pt/reset_program.h). Facts: the device-specific resets of
 * linux drivers/pci/quirks.c, and the manuals named below.
 *
 * The AMD GPU sequences that are known publicly (BACO, PSP mode 1) are not
 * here: they need the video BIOS's tables or a running SMU, which a list of
 * register steps cannot express. Those devices have QUIRK_NEEDS_DRIVER.
 */
#include <pt/pci_regs.h>
#include <pt/reset_program.h>
#include "quirks_priv.h"

/* --- Words of which programs are made. --- */
#define WRITE(where, bytes, at, v)                                                         \
	{                                                                                  \
		.op = RESET_WRITE, .space = where, .size = bytes, .offset = at, .value = v \
	}
#define CLEAR_SET(where, bytes, at, clear, set)                                                              \
	{                                                                                                    \
		.op = RESET_UPDATE, .space = where, .size = bytes, .offset = at, .mask = clear, .value = set \
	}
#define UNTIL(kind, where, bytes, at, bits, v, ms)                                                           \
	{                                                                                                    \
		.op = kind, .space = where, .size = bytes, .arg = ms, .offset = at, .mask = bits, .value = v \
	}
#define REQUIRE(where, bytes, at, bits, v)                                                                 \
	{                                                                                                  \
		.op = RESET_REQUIRE, .space = where, .size = bytes, .offset = at, .mask = bits, .value = v \
	}
#define SKIP_IF(where, bytes, at, bits, v, count)                                                          \
	{                                                                                                  \
		.op = RESET_SKIP, .space = where, .size = bytes, .arg = count, .offset = at, .mask = bits, \
		.value = v                                                                                 \
	}
#define LIMIT(where, at, bits, ms)                                                                  \
	{                                                                                           \
		.op = RESET_LIMIT, .space = where, .size = 4, .arg = ms, .offset = at, .mask = bits \
	}
#define DELAY(ms)                            \
	{                                    \
		.op = RESET_DELAY, .arg = ms \
	}
#define UNTIL_READY(ms)                      \
	{                                    \
		.op = RESET_READY, .arg = ms \
	}

/* PCIe 6.0 section 7.5.3: device control and status. */
#define DEVICE_CONTROL 0x08
#define INITIATE_FLR   0x8000
#define DEVICE_STATUS  0x0a
#define PENDING	       0x0020

/*
 * Function-level reset without asking whether it is advertised, PCIe 6.0
 * section 6.6.2: let transactions end, start it, 100 ms without an access, then
 * wait until configuration space answers.
 */
#define FLR                                                                    \
	UNTIL(RESET_POLL_SOFT, RESET_PCIE, 2, DEVICE_STATUS, PENDING, 0, 500), \
		CLEAR_SET(RESET_PCIE, 2, DEVICE_CONTROL, 0, INITIATE_FLR), DELAY(100), UNTIL_READY(10000)

/* --- 82599 VF: has the reset, but only its PF says so (82599 datasheet sections 9.3.10.4 and 9.5). --- */
static const struct reset_step flr_unadvertised[] = {FLR};

/* --- NVMe drives that fail when they are enabled too soon after the reset. --- */
static const struct reset_step flr_250ms[] = {FLR, DELAY(250)};

/* --- SM961: disable the controller, NVMe 1.4 section 3.1, or configuration space may be lost. --- */
#define NVME_CAP      0x00
#define NVME_CAP_TO   0xff000000 /* longest time to disable, in 500 ms, less one */
#define NVME_CC	      0x14
#define NVME_CC_EN    0x0001
#define NVME_CC_SHN   0xc000
#define NVME_CSTS     0x1c
#define NVME_CSTS_RDY 0x0001
#define NVME_BYTES    0x1000

static const struct reset_step nvme_off_flr[] = {
	CLEAR_SET(RESET_CFG, 2, PCI_COMMAND, 0, PCI_COMMAND_MEMORY),
	SKIP_IF(RESET_BAR, 4, NVME_CC, NVME_CC_EN, 0, 3),
	LIMIT(RESET_BAR, NVME_CAP, NVME_CAP_TO, 500),
	CLEAR_SET(RESET_BAR, 4, NVME_CC, NVME_CC_EN | NVME_CC_SHN, 0),
	UNTIL(RESET_POLL_SOFT, RESET_BAR, 4, NVME_CSTS, NVME_CSTS_RDY, 0, 30000),
	FLR,
};

/*
 * --- Chelsio T4: wedges if bus mastering or MSI-X is off while work is in flight. ---
 * Both are on during the reset only, MSI-X with all vectors masked; its DMA is
 * blocked by the IOMMU as for every device that is being reset.
 */
#define MSIX_CONTROL  0x02
#define MSIX_ENABLE   0x8000
#define MSIX_MASK_ALL 0x4000

static const struct reset_step chelsio_t4[] = {
	CLEAR_SET(RESET_CFG, 2, PCI_COMMAND, 0, PCI_COMMAND_MASTER),
	SKIP_IF(RESET_MSIX, 2, MSIX_CONTROL, MSIX_ENABLE, MSIX_ENABLE, 1),
	CLEAR_SET(RESET_MSIX, 2, MSIX_CONTROL, 0, MSIX_ENABLE | MSIX_MASK_ALL),
	FLR,
};

/*
 * --- HiNIC VF: firmware clears a flag when it has cleaned up after the reset. ---
 * The write to the vendor id changes nothing; it tells the function its bus
 * number again, without which it answers no read.
 */
#define HINIC_FLR_TYPE 0x1000
#define HINIC_FLR_CAP  0x40000000
#define HINIC_VF_OP    0x0e80
#define HINIC_FLR_BUSY 0x00040000
#define HINIC_BYTES    0x2000

static const struct reset_step hinic_vf[] = {
	REQUIRE(RESET_BAR_BE, 4, HINIC_FLR_TYPE, HINIC_FLR_CAP, HINIC_FLR_CAP),
	CLEAR_SET(RESET_BAR_BE, 4, HINIC_VF_OP, 0, HINIC_FLR_BUSY),
	FLR,
	WRITE(RESET_CFG, 2, PCI_VENDOR, 0),
	UNTIL(RESET_POLL, RESET_BAR_BE, 4, HINIC_VF_OP, HINIC_FLR_BUSY, 0, 15000),
};

/* --- Ivy Bridge graphics: no function-level reset; display off, panel power down, power state cleared. --- */
#define IVB_MSG_CTL	   0x45010
#define IVB_SOUTH_CHICKEN2 0xc2004
#define IVB_PANEL_STATUS   0xc7200
#define IVB_PANEL_BUSY	   0xb0000000
#define IVB_PANEL_CONTROL  0xc7204
#define IVB_PANEL_ON	   0x00000001
#define IVB_POWER_STATE	   0xd0100
#define IVB_BYTES	   0x100000

static const struct reset_step ivb_graphics[] = {
	CLEAR_SET(RESET_CFG, 2, PCI_COMMAND, 0, PCI_COMMAND_MEMORY),
	WRITE(RESET_BAR, 4, IVB_MSG_CTL, 2),
	WRITE(RESET_BAR, 4, IVB_SOUTH_CHICKEN2, 5),
	CLEAR_SET(RESET_BAR, 4, IVB_PANEL_CONTROL, IVB_PANEL_ON, 0),
	UNTIL(RESET_POLL_SOFT, RESET_BAR, 4, IVB_PANEL_STATUS, IVB_PANEL_BUSY, 0, 10000),
	WRITE(RESET_BAR, 4, IVB_POWER_STATE, 2),
};

#define PROGRAM(text, list, needs_bytes, by_flr)                                                 \
	{                                                                                        \
		.name = text, .step = list, .steps = ARRAY_SIZE(list), .bar_bytes = needs_bytes, \
		.flr = by_flr                                                                    \
	}

static const struct reset_program programs[QUIRK_PROGRAMS] = {
	[QUIRK_PROGRAM_FLR_UNADVERTISED] = PROGRAM("flr-unadvertised", flr_unadvertised, 0, true),
	[QUIRK_PROGRAM_FLR_250MS] = PROGRAM("flr-250ms", flr_250ms, 0, true),
	[QUIRK_PROGRAM_NVME_OFF_FLR] = PROGRAM("nvme-off-flr", nvme_off_flr, NVME_BYTES, true),
	[QUIRK_PROGRAM_CHELSIO_T4] = PROGRAM("chelsio-t4", chelsio_t4, 0, true),
	[QUIRK_PROGRAM_HINIC_VF] = PROGRAM("hinic-vf", hinic_vf, HINIC_BYTES, true),
	[QUIRK_PROGRAM_IVB_GRAPHICS] = PROGRAM("ivb-graphics", ivb_graphics, IVB_BYTES, false),
};

const struct reset_program *quirk_program(uint32_t id)
{
	return id < QUIRK_PROGRAMS ? &programs[id] : NULL;
}
