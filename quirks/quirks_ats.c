/* SPDX-License-Identifier: GPL-2.0-only */
/* Address translation services that must stay off, or need more care. */
#include "quirks_priv.h"

#define WHY_AMD "the GPU fails when translation services are on before its driver has set it up"
#define SRC_AMD FROM_LINUX "quirk_amd_harvest_no_ats"

#define WHY_E2000 "IPU E2000 before revision 20h (C0): invalidation requests have the wrong byte order"
#define SRC_E2000 FROM_LINUX "quirk_intel_e2000_no_ats"

#define WHY_QAT "integrated QAT: says that an invalidation is complete before its earlier writes are"
#define SRC_QAT FROM_VTD "dev_needs_extra_dtlb_flush"

static const struct quirk rows[] = {
	/* --- Single ids. --- */
	ROW(ID(0x1002, 0x15d8, SUBSYSTEM(0xea50, 0xcc08), REVISIONS(0xcf, 0xcf)), QUIRK_NO_ATS, 0, WHY_AMD,
		SRC_AMD),
	ROW(ID(0x1002, 0x15d8, SUBSYSTEM(0xea50, 0xcc10), REVISIONS(0xcf, 0xcf)), QUIRK_NO_ATS, 0, WHY_AMD,
		SRC_AMD),
	ROW(ID(0x1002, 0x15d8, SUBSYSTEM(0xea50, 0xce19), REVISIONS(0xcf, 0xcf)), QUIRK_NO_ATS, 0, WHY_AMD,
		SRC_AMD),
	ROW(ID(0x1002, 0x6900), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7310), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7312), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7318), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7319), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x731a), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x731b), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x731e), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x731f), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7340), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7341), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x7347), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x734f), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x1002, 0x98e4), QUIRK_NO_ATS, 0, WHY_AMD, SRC_AMD),
	ROW(ID(0x8086, 0x1451, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x1452, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x1453, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x1454, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x1455, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x1457, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x1459, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x145a, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	ROW(ID(0x8086, 0x145c, REVISIONS(0, 0x1f)), QUIRK_NO_ATS, 0, WHY_E2000, SRC_E2000),
	/* --- Ranges of ids. --- */
	ROW(ID_MASK(0x8086, 0x4940, 0xfffc), QUIRK_ATS_FLUSH_TWICE, 0, WHY_QAT, SRC_QAT),
};

TABLE(quirk_table_ats, rows);
