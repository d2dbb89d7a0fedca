/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that no untrusted guest may have. */
#include "quirks_priv.h"

#define WHY_QAT "QuickAssist PF or VF with errata that let a guest take the host or other guests down"
#define SRC_QAT FROM_VFIO "vfio_pci_dev_in_denylist"

#define WHY_DSA \
	"DSA or IAA of the first Sapphire Rapids: errata make it unsafe in the hands of an untrusted guest"
#define SRC_DSA FROM_VFIO "vfio_pci_dev_in_denylist"

static const struct quirk rows[] = {
	/* --- Single ids. --- */
	ROW(ID(0x8086, 0x0435), QUIRK_DENIED, 0, WHY_QAT, SRC_QAT),
	ROW(ID(0x8086, 0x0443), QUIRK_DENIED, 0, WHY_QAT, SRC_QAT),
	ROW(ID(0x8086, 0x0b25), QUIRK_DENIED, 0, WHY_DSA, SRC_DSA),
	ROW(ID(0x8086, 0x0cfe), QUIRK_DENIED, 0, WHY_DSA, SRC_DSA),
	ROW(ID(0x8086, 0x19e2), QUIRK_DENIED, 0, WHY_QAT, SRC_QAT),
	ROW(ID(0x8086, 0x19e3), QUIRK_DENIED, 0, WHY_QAT, SRC_QAT),
	ROW(ID(0x8086, 0x37c8), QUIRK_DENIED, 0, WHY_QAT, SRC_QAT),
	ROW(ID(0x8086, 0x37c9), QUIRK_DENIED, 0, WHY_QAT, SRC_QAT),
};

TABLE(quirk_table_deny, rows);
