/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets: ordering, attributes, tags, payload. */
#include "quirks_priv.h"

#define WHY_XEON \
	"Haswell or Broadwell Xeon root port: relaxed writes from below starve for flow control credits"
#define SRC_XEON FROM_LINUX "quirk_relaxedordering_disable"

#define WHY_SEATTLE "A1100 root complex lets ordered packets overtake relaxed ones"
#define SRC_SEATTLE                                \
	FROM_LINUX "quirk_relaxedordering_disable" \
		   "; PCIe 3.0 section 2.4.1"

#define WHY_T5 \
	"Chelsio T5 completions lose the attributes of their request, which the root port may take for an error"
#define SRC_T5                                                     \
	FROM_LINUX "quirk_chelsio_T5_disable_root_port_attributes" \
		   "; PCIe 3.0 section 2.2.9"

#define WHY_TAGS "cannot handle extended tags"
#define SRC_TAGS FROM_LINUX "quirk_no_ext_tags"

#define WHY_PAYLOAD "is not reliable with the payload size that it advertises"
#define SRC_PAYLOAD FROM_LINUX "fixup_mpss_256"

static const struct quirk rows[] = {
	/* --- Single ids. --- */
	ROW(ID(0x1166, 0x0132), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1166, 0x0140), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1166, 0x0141), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1166, 0x0142), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1166, 0x0144), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1166, 0x0420), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1166, 0x0422), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x13c1, 0x1004), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x13c1, 0x1005), QUIRK_NO_EXT_TAGS, 0, WHY_TAGS, SRC_TAGS),
	ROW(ID(0x1924, 0x0703), QUIRK_PAYLOAD_MAX, 256, WHY_PAYLOAD, SRC_PAYLOAD),
	ROW(ID(0x1924, 0x0710), QUIRK_PAYLOAD_MAX, 256, WHY_PAYLOAD, SRC_PAYLOAD),
	ROW(ID(0x1924, 0x6703), QUIRK_PAYLOAD_MAX, 256, WHY_PAYLOAD, SRC_PAYLOAD),
	ROW(ID(0x1b21, 0x0612), QUIRK_PAYLOAD_MAX, 256, WHY_PAYLOAD, SRC_PAYLOAD),
	/* --- Ranges of ids. --- */
	ROW(IDS(0x1022, 0x1a00, 0x1a02, .where = QUIRK_ROOT_PORT), QUIRK_NO_RELAXED_BELOW, 0, WHY_SEATTLE,
		SRC_SEATTLE),
	ROW(ID_MASK(0x1425, 0x5400, 0xff00), QUIRK_ROOT_NO_ATTRIBUTES, 0, WHY_T5, SRC_T5),
	ROW(IDS(0x8086, 0x2f01, 0x2f0e, .where = QUIRK_ROOT_PORT), QUIRK_NO_RELAXED_BELOW, 0, WHY_XEON,
		SRC_XEON),
	ROW(IDS(0x8086, 0x6f01, 0x6f0e, .where = QUIRK_ROOT_PORT), QUIRK_NO_RELAXED_BELOW, 0, WHY_XEON,
		SRC_XEON),
};

TABLE(quirk_table_order, rows);
