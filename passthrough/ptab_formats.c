/* SPDX-License-Identifier: GPL-2.0-only */
/* The page-table formats: bits only. */
#include <pt/ptab.h>

#define BIT(n) (1ULL << (n))

#define PAGE_SIZE_BIT BIT(7) /* of EPT, NPT and VT-d: a leaf above level 1 */

/* VT-d 4.1 section 9.8 */
#define VTD_R	 BIT(0)
#define VTD_W	 BIT(1)
#define VTD_SNP	 BIT(11)
#define VTD_SOFT 52 /* 61:52 are ignored */

const struct ptab_format ptab_vtd = {
	.name = "vtd",
	.present = VTD_R | VTD_W,
	.table = VTD_R | VTD_W,
	.leaf_mask = PAGE_SIZE_BIT,
	.leaf_value = PAGE_SIZE_BIT,
	.access = {0, VTD_R, VTD_W, VTD_R | VTD_W, VTD_R, VTD_R, VTD_R | VTD_W, VTD_R | VTD_W},
	.read = VTD_R,
	.write = VTD_W,
	.force = VTD_SNP,
	.soft_shift = VTD_SOFT,
	.soft_bits = 6,
};

/* AMD IOMMU 3.08 section 2.2.3, table 14 */
#define AMDVI_PR	  BIT(0)
#define AMDVI_IR	  BIT(61)
#define AMDVI_IW	  BIT(62)
#define AMDVI_FC	  BIT(60)
#define AMDVI_LEVEL_SHIFT 9 /* 11:9 next level; 0 is a leaf of the level's own size */
#define AMDVI_SOFT	  1 /* 4:1 are ignored */
#define AMDVI_A_D	  (BIT(5) | BIT(6))

#define AMDVI_LEAF_R  (AMDVI_PR | AMDVI_IR)
#define AMDVI_LEAF_W  (AMDVI_PR | AMDVI_IW)
#define AMDVI_LEAF_RW (AMDVI_PR | AMDVI_IR | AMDVI_IW)

const struct ptab_format ptab_amdvi = {
	.name = "amdvi",
	.present = AMDVI_PR,
	.table = AMDVI_PR | AMDVI_IR | AMDVI_IW,
	.leaf_mask = 7ULL << AMDVI_LEVEL_SHIFT,
	.leaf_value = 0,
	.access = {0, AMDVI_LEAF_R, AMDVI_LEAF_W, AMDVI_LEAF_RW, AMDVI_LEAF_R, AMDVI_LEAF_R, AMDVI_LEAF_RW,
		AMDVI_LEAF_RW},
	.read = AMDVI_IR,
	.write = AMDVI_IW,
	.force = AMDVI_FC,
	.keep = AMDVI_A_D,
	.level_shift = AMDVI_LEVEL_SHIFT,
	.soft_shift = AMDVI_SOFT,
	.soft_bits = 4,
};

/* Intel SDM volume 3 section 29.3.2, tables 29-1 to 29-7 */
#define EPT_R	    BIT(0)
#define EPT_W	    BIT(1)
#define EPT_X	    BIT(2)
#define EPT_TYPE(t) ((uint64_t)(t) << 3)
#define EPT_IPAT    BIT(6)
#define EPT_A_D	    (BIT(8) | BIT(9))
#define EPT_SOFT    52

#define EPT_TYPES                                                                        \
	{                                                                                \
		EPT_TYPE(0), EPT_TYPE(1), 0, 0, EPT_TYPE(4), EPT_TYPE(5), EPT_TYPE(6), 0 \
	}

/* Writable but not readable is a misconfiguration; execute-only needs a capability. */
const struct ptab_format ptab_ept = {
	.name = "ept",
	.present = EPT_R | EPT_W | EPT_X,
	.table = EPT_R | EPT_W | EPT_X,
	.leaf_mask = PAGE_SIZE_BIT,
	.leaf_value = PAGE_SIZE_BIT,
	.access = {0, EPT_R, EPT_R | EPT_W, EPT_R | EPT_W, EPT_R | EPT_X, EPT_R | EPT_X,
		EPT_R | EPT_W | EPT_X, EPT_R | EPT_W | EPT_X},
	.read = EPT_R,
	.write = EPT_W,
	.exec = EPT_X,
	.type = EPT_TYPES,
	.type_large = EPT_TYPES,
	.type_mask = EPT_TYPE(7),
	.type_mask_large = EPT_TYPE(7),
	.force = EPT_IPAT,
	.keep = EPT_A_D,
	.soft_shift = EPT_SOFT,
	.soft_bits = 6,
};

/* AMD64 APM 2 section 5.3 and 15.25.5: nested tables are walked as user accesses */
#define NPT_P	      BIT(0)
#define NPT_RW	      BIT(1)
#define NPT_US	      BIT(2)
#define NPT_PWT	      BIT(3)
#define NPT_PCD	      BIT(4)
#define NPT_A_D	      (BIT(5) | BIT(6))
#define NPT_PAT	      BIT(7)
#define NPT_PAT_LARGE BIT(12)
#define NPT_NX	      BIT(63)
#define NPT_SOFT      52

#define NPT_LEAF_R (NPT_P | NPT_US | NPT_NX)
#define NPT_LEAF_W (NPT_P | NPT_US | NPT_RW | NPT_NX)

/* PAT: 0 WB, 1 WT, 2 UC-, 3 UC, 4 WC, 5 WP (Xen's public arch-x86 ABI). By memory type: UC, WC, -, -, WT, WP, WB. */
#define NPT_TYPES(pat)                                                             \
	{                                                                          \
		NPT_PCD | NPT_PWT, pat, 0, 0, NPT_PWT, (pat) | NPT_PWT, 0, NPT_PCD \
	}

const struct ptab_format ptab_npt = {
	.name = "npt",
	.present = NPT_P,
	.table = NPT_P | NPT_RW | NPT_US,
	.leaf_mask = PAGE_SIZE_BIT,
	.leaf_value = PAGE_SIZE_BIT,
	.access = {0, NPT_LEAF_R, NPT_LEAF_W, NPT_LEAF_W, NPT_LEAF_R & ~NPT_NX, NPT_LEAF_R & ~NPT_NX,
		NPT_LEAF_W & ~NPT_NX, NPT_LEAF_W & ~NPT_NX},
	.read = NPT_P,
	.write = NPT_RW,
	.noexec = NPT_NX,
	.type = NPT_TYPES(NPT_PAT),
	.type_large = NPT_TYPES(NPT_PAT_LARGE),
	.type_mask = NPT_PCD | NPT_PWT | NPT_PAT,
	.type_mask_large = NPT_PCD | NPT_PWT | NPT_PAT_LARGE,
	.keep = NPT_A_D,
	.soft_shift = NPT_SOFT,
	.soft_bits = 6,
};
