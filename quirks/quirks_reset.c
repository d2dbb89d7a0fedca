/* SPDX-License-Identifier: GPL-2.0-only */
/* Resets that do not work, that leak, that need time, and those that only one device has. */
#include "quirks_priv.h"

#define WHY_LINK_LOST \
	"after a bus reset its link stays down and configuration space is lost; reading it can hang the host"
#define SRC_LINK_LOST FROM_LINUX "quirk_no_bus_reset"

#define WHY_QUALCOMM_SBR "wireless chip or modem that does not come back after a bus reset"
#define SRC_QUALCOMM_SBR FROM_LINUX "quirk_no_bus_reset"

#define WHY_NVIDIA_SBR "GPU family on which a bus reset fails"
#define SRC_NVIDIA_SBR FROM_LINUX "quirk_nvidia_no_bus_reset"

#define WHY_GB10_PORT "GB10 root port: the link may not train again after a reset of the bus below"
#define SRC_GB10_PORT FROM_LINUX "quirk_no_bus_reset"

#define WHY_CN8XXX_PORT \
	"CN8xxx root port: with some devices, configuration accesses fail after a reset of the bus below"
#define SRC_CN8XXX_PORT FROM_LINUX "quirk_no_bus_reset"

#define WHY_KEYSTONE "KeyStone C667x: a bus reset switches its link training off for good"
#define SRC_KEYSTONE FROM_LINUX "quirk_no_bus_reset"

#define WHY_KEYSTONE_LEAK "KeyStone C667x: without a bus reset nothing clears its memory between two owners"
#define SRC_KEYSTONE_LEAK FROM_LINUX "quirk_no_bus_reset"

#define WHY_ASM1164 \
	"ASM1164 SATA: the link does not train again after a bus reset; the power management reset works"
#define SRC_ASM1164 FROM_LINUX "quirk_no_bus_reset"

#define WHY_AMD_FLR "controller of a Ryzen or EPYC chipset that hangs on a function-level reset"
#define SRC_AMD_FLR FROM_LINUX "quirk_no_flr"

#define WHY_82579_FLR "82579 Ethernet hangs on a function-level reset"
#define SRC_82579_FLR FROM_LINUX "quirk_no_flr"

#define WHY_MEDIATEK_FLR "MT7922 and MT7925 wireless hang on a function-level reset"
#define SRC_MEDIATEK_FLR FROM_LINUX "quirk_no_flr"

#define WHY_SNET_FLR "SNET DPU of revision 1 may hang on a function-level reset"
#define SRC_SNET_FLR FROM_LINUX "quirk_no_flr_snet"

#define WHY_SPECTRUM_PM \
	"Spectrum switch keeps running through D3hot to D0, ports up, although it advertises a reset"
#define SRC_SPECTRUM_PM FROM_LINUX "quirk_no_pm_reset"

#define WHY_RADEON_PM \
	"Radeon keeps frame buffer and monitor synchronisation through D3hot to D0 although it advertises a reset"
#define SRC_RADEON_PM FROM_LINUX "quirk_no_pm_reset"

#define WHY_82599_VF "82599 VF: has a function-level reset, but only its PF advertises it"
#define SRC_82599_VF                              \
	FROM_LINUX "reset_intel_82599_sfp_virtfn" \
		   "; 82599 datasheet sections 9.3.10.4, 9.5"

#define WHY_IVB "Ivy Bridge graphics: no standard reset, a sequence of display registers"
#define SRC_IVB FROM_LINUX "reset_ivb_igd"

#define WHY_SM961 \
	"SM961/PM961: configuration space may read as all-ones after a function-level reset of a running controller"
#define SRC_SM961 FROM_LINUX "nvme_disable_and_flr"

#define WHY_NVME_SOON \
	"NVMe drive that never becomes ready when it is enabled less than 250 ms after a function-level reset"
#define SRC_NVME_SOON FROM_LINUX "delay_250ms_after_flr"

#define WHY_T4 "Chelsio T4 wedges when bus mastering or MSI-X is off during a function-level reset"
#define SRC_T4 FROM_LINUX "reset_chelsio_generic_dev"

#define WHY_HINIC \
	"HiNIC VF: its firmware must be told of the function-level reset and clears a flag when it is done"
#define SRC_HINIC FROM_LINUX "reset_hinic_vf_dev"

#define WHY_TORRENT "Torrent QN16e modulator: configuration space only one second after a reset or D3cold"
#define SRC_TORRENT FROM_LINUX "pci_fixup_d3cold_delay_1sec"

#define WHY_P50 "ThinkPad P50: firmware leaves this GPU as the last boot had it, with interrupts on"
#define SRC_P50 FROM_LINUX "quirk_reset_lenovo_thinkpad_p50_nvgpu"

#define WHY_MI355X \
	"MI355X PF: configuration space reads as all-ones for good after any reset from configuration space"
#define SRC_MI355X "amd/MxGPU-Virtualization issue 25"

#define WHY_POLARIS \
	"Polaris GPU stays in a bad state after the usual resets; the BACO sequence needs its video BIOS and power controller"
#define SRC_POLARIS "gnif/vendor-reset src/device-db.h"

#define WHY_VEGA10 \
	"Vega 10 GPU stays in a bad state after the usual resets; BACO needs a running SMU, mode 1 the security processor"
#define SRC_VEGA10 "gnif/vendor-reset src/device-db.h"

#define WHY_VEGA20 \
	"Vega 20 or MI100 GPU stays in a bad state after the usual resets; mode 1 needs the security processor"
#define SRC_VEGA20 "gnif/vendor-reset src/device-db.h"

#define WHY_NAVI \
	"Navi 10, 12 or 14 GPU stays in a bad state after the usual resets; mode 1 needs a running SMU"
#define SRC_NAVI "gnif/vendor-reset src/device-db.h"

static const struct quirk rows[] = {
	/* --- Single ids. --- */
	ROW(ID(0x025e, 0xf1ac), QUIRK_PROGRAM, QUIRK_PROGRAM_FLR_250MS, WHY_NVME_SOON, SRC_NVME_SOON),
	ROW(ID(0x1002, 0x66a0), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x66a1), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x66a2), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x66a3), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x66a4), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x66a7), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x66af), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x67c0), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67c1), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67c2), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67c4), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67c7), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67c8), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67c9), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67ca), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67cc), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67cf), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67d0), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67df), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67e0), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67e1), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67e3), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67e7), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67e8), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67e9), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67eb), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67ef), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x67ff), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6860), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6861), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6862), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6863), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6864), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6867), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6868), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6869), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x686a), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x686b), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x686c), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x686d), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x686e), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x686f), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x687f), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA10, SRC_VEGA10),
	ROW(ID(0x1002, 0x6980), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6981), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6985), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6986), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6987), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6995), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6997), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x699f), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x6fdf), QUIRK_NEEDS_DRIVER, 0, WHY_POLARIS, SRC_POLARIS),
	ROW(ID(0x1002, 0x7310), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7312), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7318), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7319), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x731a), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x731b), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x731e), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x731f), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7340), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7341), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7347), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x734f), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7360), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x7362), QUIRK_NEEDS_DRIVER, 0, WHY_NAVI, SRC_NAVI),
	ROW(ID(0x1002, 0x738c), QUIRK_NEEDS_DRIVER, 0, WHY_VEGA20, SRC_VEGA20),
	ROW(ID(0x1002, 0x75a3), QUIRK_NO_RESET, 0, WHY_MI355X, SRC_MI355X),
	ROW(ID(0x1022, 0x1487), QUIRK_NO_FLR, 0, WHY_AMD_FLR, SRC_AMD_FLR),
	ROW(ID(0x1022, 0x148c), QUIRK_NO_FLR, 0, WHY_AMD_FLR, SRC_AMD_FLR),
	ROW(ID(0x1022, 0x149c), QUIRK_NO_FLR, 0, WHY_AMD_FLR, SRC_AMD_FLR),
	ROW(ID(0x1022, 0x7901), QUIRK_NO_FLR, 0, WHY_AMD_FLR, SRC_AMD_FLR),
	ROW(ID(0x104c, 0xb005), QUIRK_LEAKS_STATE, 0, WHY_KEYSTONE_LEAK, SRC_KEYSTONE_LEAK),
	ROW(ID(0x104c, 0xb005), QUIRK_NO_SBR, 0, WHY_KEYSTONE, SRC_KEYSTONE),
	ROW(ID(0x10de, 0x13b1, SUBSYSTEM(0x17aa, 0x222e), CLASS(0x0300)), QUIRK_RESET_FIRST, 0, WHY_P50,
		SRC_P50),
	ROW(ID(0x10de, 0x22ce), QUIRK_NO_SBR_BELOW, 0, WHY_GB10_PORT, SRC_GB10_PORT),
	ROW(ID(0x10de, 0x22d0), QUIRK_NO_SBR_BELOW, 0, WHY_GB10_PORT, SRC_GB10_PORT),
	ROW(ID(0x144d, 0xa804, CLASS_FULL(0x010802)), QUIRK_PROGRAM, QUIRK_PROGRAM_NVME_OFF_FLR, WHY_SM961,
		SRC_SM961),
	ROW(ID(0x14c3, 0x0616), QUIRK_NO_FLR, 0, WHY_MEDIATEK_FLR, SRC_MEDIATEK_FLR),
	ROW(ID(0x14c3, 0x7925), QUIRK_NO_FLR, 0, WHY_MEDIATEK_FLR, SRC_MEDIATEK_FLR),
	ROW(ID(0x15b3, 0xcb84), QUIRK_NO_PM_RESET, 0, WHY_SPECTRUM_PM, SRC_SPECTRUM_PM),
	ROW(ID(0x15b3, 0xcf6c), QUIRK_NO_PM_RESET, 0, WHY_SPECTRUM_PM, SRC_SPECTRUM_PM),
	ROW(ID(0x15b3, 0xcf70), QUIRK_NO_PM_RESET, 0, WHY_SPECTRUM_PM, SRC_SPECTRUM_PM),
	ROW(ID(0x15b3, 0xcf80), QUIRK_NO_PM_RESET, 0, WHY_SPECTRUM_PM, SRC_SPECTRUM_PM),
	ROW(ID(0x168c, 0x0030), QUIRK_NO_SBR, 0, WHY_LINK_LOST, SRC_LINK_LOST),
	ROW(ID(0x168c, 0x0032), QUIRK_NO_SBR, 0, WHY_LINK_LOST, SRC_LINK_LOST),
	ROW(ID(0x168c, 0x0033), QUIRK_NO_SBR, 0, WHY_LINK_LOST, SRC_LINK_LOST),
	ROW(ID(0x168c, 0x0034), QUIRK_NO_SBR, 0, WHY_LINK_LOST, SRC_LINK_LOST),
	ROW(ID(0x168c, 0x003c), QUIRK_NO_SBR, 0, WHY_LINK_LOST, SRC_LINK_LOST),
	ROW(ID(0x168c, 0x003e), QUIRK_NO_SBR, 0, WHY_LINK_LOST, SRC_LINK_LOST),
	ROW(ID(0x177d, 0xa100), QUIRK_NO_SBR_BELOW, 0, WHY_CN8XXX_PORT, SRC_CN8XXX_PORT),
	ROW(ID(0x17cb, 0x0308), QUIRK_NO_SBR, 0, WHY_QUALCOMM_SBR, SRC_QUALCOMM_SBR),
	ROW(ID(0x17cb, 0x1103), QUIRK_NO_SBR, 0, WHY_QUALCOMM_SBR, SRC_QUALCOMM_SBR),
	ROW(ID(0x17cb, 0x1107), QUIRK_NO_SBR, 0, WHY_QUALCOMM_SBR, SRC_QUALCOMM_SBR),
	ROW(ID(0x19e5, 0x375e), QUIRK_PROGRAM, QUIRK_PROGRAM_HINIC_VF, WHY_HINIC, SRC_HINIC),
	ROW(ID(0x1b21, 0x1164), QUIRK_NO_SBR, 0, WHY_ASM1164, SRC_ASM1164),
	ROW(ID(0x1b21, 0x1164), QUIRK_PREFER, QUIRK_BY_PM, WHY_ASM1164, SRC_ASM1164),
	ROW(ID(0x5555, 0x0004), QUIRK_DELAY_AFTER_RESET, 1000, WHY_TORRENT, SRC_TORRENT),
	ROW(ID(0x8086, 0x0156), QUIRK_PROGRAM, QUIRK_PROGRAM_IVB_GRAPHICS, WHY_IVB, SRC_IVB),
	ROW(ID(0x8086, 0x0166), QUIRK_PROGRAM, QUIRK_PROGRAM_IVB_GRAPHICS, WHY_IVB, SRC_IVB),
	ROW(ID(0x8086, 0x0953), QUIRK_PROGRAM, QUIRK_PROGRAM_FLR_250MS, WHY_NVME_SOON, SRC_NVME_SOON),
	ROW(ID(0x8086, 0x0a54), QUIRK_PROGRAM, QUIRK_PROGRAM_FLR_250MS, WHY_NVME_SOON, SRC_NVME_SOON),
	ROW(ID(0x8086, 0x10ed), QUIRK_PROGRAM, QUIRK_PROGRAM_FLR_UNADVERTISED, WHY_82599_VF, SRC_82599_VF),
	ROW(ID(0x8086, 0x1502), QUIRK_NO_FLR, 0, WHY_82579_FLR, SRC_82579_FLR),
	ROW(ID(0x8086, 0x1503), QUIRK_NO_FLR, 0, WHY_82579_FLR, SRC_82579_FLR),
	ROW(ID(0xd063, 0x1000, REVISIONS(1, 1)), QUIRK_NO_FLR, 0, WHY_SNET_FLR, SRC_SNET_FLR),
	/* --- Ranges of ids. --- */
	ROW(ID_MASK(0x10de, 0x2340, 0xffc0), QUIRK_NO_SBR, 0, WHY_NVIDIA_SBR, SRC_NVIDIA_SBR),
	ROW(ID_MASK(0x1425, 0x4000, 0xf000), QUIRK_PROGRAM, QUIRK_PROGRAM_CHELSIO_T4, WHY_T4, SRC_T4),
	/* --- Whole vendors. --- */
	ROW(VENDOR(0x1002, CLASS(0x0300)), QUIRK_NO_PM_RESET, 0, WHY_RADEON_PM, SRC_RADEON_PM),
};

TABLE(quirk_table_reset, rows);
