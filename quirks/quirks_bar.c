/* SPDX-License-Identifier: GPL-2.0-only */
/* Configuration space, BARs and ROMs that are not what they seem. */
#include "quirks_priv.h"

#define WHY_CITRINE "reading beyond 9fh while it accesses memory can cause parity errors"
#define SRC_CITRINE FROM_LINUX "quirk_citrine"

#define WHY_NFP "any access from 600h on can lock up the bus"
#define SRC_NFP FROM_LINUX "quirk_nfp6000"

#define WHY_IPR "small BARs: what stands behind them on the page is the device's, too"
#define SRC_IPR FROM_LINUX "quirk_extend_bar_to_page"

#define WHY_S3 "BAR 0 says 32 MiB and decodes 64"
#define SRC_S3 FROM_LINUX "quirk_s3_64M"

#define WHY_HSE43 "a configuration register stands where BARs are: what it reads is no address"
#define SRC_HSE43 "linux arch/x86/pci/fixup.c: pci_invalid_bar; Xeon E5 v3 erratum HSE43"

#define WHY_BDF2 "home agent or power control unit: BARs that do not exist read as non-zero"
#define SRC_BDF2 "linux arch/x86/pci/fixup.c: pci_invalid_bar; Xeon E5 v4 erratum BDF2"

#define WHY_I210 "firmware leaves the expansion ROM on top of another BAR"
#define SRC_I210 FROM_LINUX "rom_bar_overlap_defect"

#define WHY_BCM57810 "reading the expansion ROM can hang the device"
#define SRC_BCM57810 "qemu hw/vfio/pci-quirks.c: rom denylist"

#define WHY_IVT_NTB \
	"the BARs of the non-transparent bridge report a wrong size; D0h and D1h hold the right one"
#define SRC_IVT_NTB FROM_LINUX "quirk_intel_ntb"

#define WHY_TC86C001 "transfers fail when BAR 0 stands at an odd multiple of 8"
#define SRC_TC86C001 FROM_LINUX "quirk_tc86c001_ide"

#define WHY_PLX9050 "local registers read wrongly when bit 7 of their BAR is set; fixed in revision 2"
#define SRC_PLX9050 FROM_LINUX "quirk_plx_pci9050"

#define WHY_HOST "a host bridge may carry the way to memory: its decoding stays on"
#define SRC_HOST FROM_LINUX "quirk_mmio_always_on"

#define WHY_RADEON "Radeon: configuration registers also behind BAR 2, and BAR 4 or its port window"
#define SRC_RADEON "qemu hw/vfio/pci-quirks.c: ATI mirrors"

#define WHY_GEFORCE \
	"NVIDIA graphics: configuration registers also behind BAR 0, BAR 5 and ports 3D0h and 3D4h"
#define SRC_GEFORCE "qemu hw/vfio/pci-quirks.c: NVIDIA mirrors"

#define WHY_QAT_CAP \
	"DH895xCC VF: the MSI capability ends the list, the PCI Express capability behind it is not linked"
#define SRC_QAT_CAP FROM_LINUX "quirk_intel_qat_vf_cap"

#define WHY_TW686X "video capture card with an empty class code"
#define SRC_TW686X FROM_LINUX "quirk_tw686x_class"

#define WHY_TI816X "TI 816x booted over PCI Express has an empty class code"
#define SRC_TI816X FROM_LINUX "fixup_ti816x_class"

#define WHY_APEX "Edge TPU with an empty class code"
#define SRC_APEX FROM_LINUX "apex_pci_fixup_class"

static const struct quirk rows[] = {
	/* --- Single ids. --- */
	ROW(ID(0x1014, 0x028c), QUIRK_CFG_BYTES, 0xa0, WHY_CITRINE, SRC_CITRINE),
	ROW(ID(0x1014, 0x034a), QUIRK_BAR_PAGES, 0, WHY_IPR, SRC_IPR),
	ROW(ID(0x102f, 0x0105), QUIRK_BAR_ALIGN, 16, WHY_TC86C001, SRC_TC86C001),
	ROW(ID(0x104c, 0xb800, CLASS(0x0000)), QUIRK_CLASS_IS, 0x040000, WHY_TI816X, SRC_TI816X),
	ROW(ID(0x10b5, 0x9050, REVISIONS(0, 1)), QUIRK_BAR_ALIGN, 256, WHY_PLX9050, SRC_PLX9050),
	ROW(ID(0x1402, 0x2000, REVISIONS(0, 1)), QUIRK_BAR_ALIGN, 256, WHY_PLX9050, SRC_PLX9050),
	ROW(ID(0x1402, 0x2600, REVISIONS(0, 1)), QUIRK_BAR_ALIGN, 256, WHY_PLX9050, SRC_PLX9050),
	ROW(ID(0x14e4, 0x168e), QUIRK_ROM_HANGS, 0, WHY_BCM57810, SRC_BCM57810),
	ROW(ID(0x1797, 0x6864, CLASS(0x0000)), QUIRK_CLASS_IS, 0x048001, WHY_TW686X, SRC_TW686X),
	ROW(ID(0x1797, 0x6865, CLASS(0x0000)), QUIRK_CLASS_IS, 0x048001, WHY_TW686X, SRC_TW686X),
	ROW(ID(0x1797, 0x6868, CLASS(0x0000)), QUIRK_CLASS_IS, 0x048001, WHY_TW686X, SRC_TW686X),
	ROW(ID(0x1797, 0x6869, CLASS(0x0000)), QUIRK_CLASS_IS, 0x048001, WHY_TW686X, SRC_TW686X),
	ROW(ID(0x19ee, 0x4000), QUIRK_CFG_BYTES, 0x600, WHY_NFP, SRC_NFP),
	ROW(ID(0x19ee, 0x5000), QUIRK_CFG_BYTES, 0x600, WHY_NFP, SRC_NFP),
	ROW(ID(0x19ee, 0x6000), QUIRK_CFG_BYTES, 0x600, WHY_NFP, SRC_NFP),
	ROW(ID(0x19ee, 0x6003), QUIRK_CFG_BYTES, 0x600, WHY_NFP, SRC_NFP),
	ROW(ID(0x1ac1, 0x089a, CLASS(0x0000)), QUIRK_CLASS_IS, 0x088000, WHY_APEX, SRC_APEX),
	ROW(ID(0x5333, 0x8880), QUIRK_BAR_BYTES, 0x4000000, WHY_S3, SRC_S3),
	ROW(ID(0x5333, 0x88f0), QUIRK_BAR_BYTES, 0x4000000, WHY_S3, SRC_S3),
	ROW(ID(0x8086, 0x0443), QUIRK_CAP_AT, 0x50, WHY_QAT_CAP, SRC_QAT_CAP),
	ROW(ID(0x8086, 0x0e08, CLASS(0x0680)), QUIRK_BAR_SIZE_REG, 0xd0, WHY_IVT_NTB, SRC_IVT_NTB),
	ROW(ID(0x8086, 0x0e0d, CLASS(0x0680)), QUIRK_BAR_SIZE_REG, 0xd0, WHY_IVT_NTB, SRC_IVT_NTB),
	ROW(ID(0x8086, 0x1533), QUIRK_ROM_OVERLAP, 0, WHY_I210, SRC_I210),
	ROW(ID(0x8086, 0x1536), QUIRK_ROM_OVERLAP, 0, WHY_I210, SRC_I210),
	ROW(ID(0x8086, 0x1537), QUIRK_ROM_OVERLAP, 0, WHY_I210, SRC_I210),
	ROW(ID(0x8086, 0x1538), QUIRK_ROM_OVERLAP, 0, WHY_I210, SRC_I210),
	ROW(ID(0x8086, 0x2fc0), QUIRK_BARS_INVALID, 0, WHY_HSE43, SRC_HSE43),
	ROW(ID(0x8086, 0x6f60), QUIRK_BARS_INVALID, 0, WHY_BDF2, SRC_BDF2),
	ROW(ID(0x8086, 0x6fa0), QUIRK_BARS_INVALID, 0, WHY_BDF2, SRC_BDF2),
	ROW(ID(0x8086, 0x6fc0), QUIRK_BARS_INVALID, 0, WHY_BDF2, SRC_BDF2),
	/* --- Whole vendors. --- */
	ROW(VENDOR(0x1002, CLASS(0x0300)), QUIRK_CFG_MIRROR, 0, WHY_RADEON, SRC_RADEON),
	ROW(VENDOR(0x10de, CLASS(0x0300)), QUIRK_CFG_MIRROR, 0, WHY_GEFORCE, SRC_GEFORCE),
	/* --- Any vendor. --- */
	ROW(ANY(CLASS(0x0600)), QUIRK_BAR_DECODE_ON, 0, WHY_HOST, SRC_HOST),
};

TABLE(quirk_table_bar, rows);
