/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers, descriptors and table entries of VT-d: "VT-d 4.1", order number D51397-016. */
#ifndef VTD_REGS_H
#define VTD_REGS_H

#include <pt/compiler.h>

#define VTD_BIT(n)	   (1ULL << (n))
#define VTD_FIELD(v, s, w) (((v) >> (s)) & (VTD_BIT(w) - 1))

/* --- Registers, section 11.4 (each with its own subsection). --- */
#define VTD_CAP		      0x08
#define VTD_CAP_RWBF	      VTD_BIT(4) /* write buffers need an explicit flush */
#define VTD_CAP_PLMR	      VTD_BIT(5) /* protected memory regions */
#define VTD_CAP_PHMR	      VTD_BIT(6)
#define VTD_CAP_CM	      VTD_BIT(7) /* caches what is not present */
#define VTD_CAP_DOMAIN_IDS(c) (1U << (4 + 2 * VTD_FIELD(c, 0, 3)))
#define VTD_CAP_SAGAW_39      VTD_BIT(8 + 1)		  /* tables of 3 levels */
#define VTD_CAP_SAGAW_48      VTD_BIT(8 + 2)		  /* of 4 */
#define VTD_CAP_FRO(c)	      (VTD_FIELD(c, 24, 10) * 16) /* where the fault records are */
#define VTD_CAP_NFR(c)	      (VTD_FIELD(c, 40, 8) + 1)	  /* how many */
#define VTD_CAP_SLLPS_2M      VTD_BIT(34)
#define VTD_CAP_SLLPS_1G      VTD_BIT(35)
#define VTD_CAP_PSI	      VTD_BIT(39)			  /* page-selective invalidation */
#define VTD_CAP_MAMV(c)	      ((unsigned int)VTD_FIELD(c, 48, 6)) /* its largest order */
#define VTD_CAP_DRAINS	      (VTD_BIT(54) | VTD_BIT(55))

#define VTD_ECAP	0x10
#define VTD_ECAP_C	VTD_BIT(0) /* page walks are coherent */
#define VTD_ECAP_QI	VTD_BIT(1)
#define VTD_ECAP_IR	VTD_BIT(3)
#define VTD_ECAP_EIM	VTD_BIT(4)		   /* 32-bit interrupt destinations */
#define VTD_ECAP_SC	VTD_BIT(7)		   /* snoop control */
#define VTD_ECAP_IRO(c) (VTD_FIELD(c, 8, 10) * 16) /* where the IOTLB registers are */

#define VTD_GCMD       0x18
#define VTD_GSTS       0x1c
#define VTD_GCMD_TE    (1U << 31)
#define VTD_GCMD_SRTP  (1U << 30)
#define VTD_GCMD_WBF   (1U << 27)
#define VTD_GCMD_QIE   (1U << 26)
#define VTD_GCMD_IRE   (1U << 25)
#define VTD_GCMD_SIRTP (1U << 24)
#define VTD_GCMD_CFI   (1U << 23)
/* What the status says is written back with each command; the one-shot bits are not. */
#define VTD_GSTS_KEPT (VTD_GCMD_TE | VTD_GCMD_QIE | VTD_GCMD_IRE | VTD_GCMD_CFI)

#define VTD_RTADDR 0x20 /* 11:10 are 0: legacy mode */

#define VTD_FSTS       0x34
#define VTD_FSTS_PFO   (1U << 0) /* fault overflow */
#define VTD_FSTS_PPF   (1U << 1) /* fault pending */
#define VTD_FSTS_IQE   (1U << 4) /* bad descriptor; the queue stands still */
#define VTD_FSTS_ICE   (1U << 5) /* bad completion of a device-TLB flush */
#define VTD_FSTS_ITE   (1U << 6) /* no completion of one */
#define VTD_FSTS_QUEUE (VTD_FSTS_IQE | VTD_FSTS_ICE | VTD_FSTS_ITE)
#define VTD_FSTS_CLEAR (VTD_FSTS_PFO | VTD_FSTS_QUEUE)

#define VTD_FECTL    0x38
#define VTD_FECTL_IM (1U << 31) /* fault interrupt masked */

#define VTD_PMEN     0x64
#define VTD_PMEN_EPM (1U << 31)
#define VTD_PMEN_PRS (1U << 0)

#define VTD_IRTA      0xb8	  /* 63:12 base; 3:0 log2 of the entries - 1 */
#define VTD_IRTA_EIME VTD_BIT(11) /* 32-bit destinations */

#define VTD_IQH 0x80 /* 18:4, in bytes */
#define VTD_IQT 0x88
#define VTD_IQA 0x90 /* 63:12; 2:0 log2 of the pages; bit 11: 256-bit descriptors */

/* --- Queue descriptors, section 6.5.2. --- */
struct vtd_desc {
	uint64_t lo, hi;
};
BUILD_ASSERT(sizeof(struct vtd_desc) == 16);

#define VTD_DESC_CONTEXT 1ULL
#define VTD_DESC_IOTLB	 2ULL
#define VTD_DESC_IEC	 4ULL
#define VTD_DESC_WAIT	 5ULL

#define VTD_GRANULE_GLOBAL (1ULL << 4) /* context and IOTLB */
#define VTD_GRANULE_DOMAIN (2ULL << 4)
#define VTD_GRANULE_DEVICE (3ULL << 4)		     /* context */
#define VTD_GRANULE_PAGE   (3ULL << 4)		     /* IOTLB */
#define VTD_IOTLB_DRAIN	   (VTD_BIT(6) | VTD_BIT(7)) /* writes and reads under way finish first */
#define VTD_IOTLB_HINT	   VTD_BIT(6)		     /* hi: only leaves have changed */
#define VTD_IEC_INDEX(i)   (VTD_BIT(4) | (uint64_t)(i) << 32)
#define VTD_DESC_DID(id)   ((uint64_t)(id) << 16)
#define VTD_CONTEXT_SID(s) ((uint64_t)(s) << 32)
#define VTD_WAIT_WRITE	   VTD_BIT(5)
#define VTD_WAIT_FENCE	   VTD_BIT(6) /* what comes after it starts after it */
#define VTD_WAIT_DATA(d)   ((uint64_t)(d) << 32)

/* --- Root and context entries of legacy mode, sections 9.1 and 9.3. --- */
struct vtd_entry {
	uint64_t lo, hi;
};
BUILD_ASSERT(sizeof(struct vtd_entry) == 16);

#define VTD_ENTRY_P	       VTD_BIT(0)
#define VTD_CONTEXT_AW_39      1ULL /* hi 2:0 */
#define VTD_CONTEXT_AW_48      2ULL
#define VTD_CONTEXT_DID(i)     ((uint64_t)(i) << 8)
#define VTD_CONTEXT_DID_OF(hi) ((uint16_t)VTD_FIELD(hi, 8, 16))

/* --- Interrupt remapping entries, section 9.9; entries are struct vtd_entry. --- */
#define VTD_IRTE_P	   VTD_BIT(0)
#define VTD_IRTE_LOGICAL   VTD_BIT(2)
#define VTD_IRTE_LEVEL	   VTD_BIT(4)
#define VTD_IRTE_LOWEST	   (1ULL << 5)
#define VTD_IRTE_VECTOR(v) ((uint64_t)(v) << 16)
#define VTD_IRTE_DEST(d)   ((uint64_t)(d) << 32) /* without EIME: bits 15:8 of it */
#define VTD_IRTE_SID(s)	   ((uint64_t)(s))	 /* hi */
#define VTD_IRTE_SVT_SID   (1ULL << 18)		 /* hi: the source must be exactly that */

/* Interrupt requests in the remappable format, section 5.1.2.2 (MSI) and 5.1.5.1 (IOAPIC). */
#define VTD_MSI_ADDRESS	   0xfee00018ULL /* with a sub-handle in the data */
#define VTD_MSI_HANDLE(i)  (((uint64_t)(i)&0x7fff) << 5 | ((uint64_t)(i) >> 15) << 2)
#define VTD_IOAPIC_FORMAT  (1U << 16) /* upper half */
#define VTD_IOAPIC_HIGH(i) (((uint32_t)(i)&0x7fff) << 17)
#define VTD_IOAPIC_LOW(i)  (((uint32_t)(i) >> 15) << 11)

#define VTD_INTR_ENTRIES 0x10000U
#define VTD_INTR_ORDER	 8 /* 65536 entries of 16 bytes: 1 MiB */
#define VTD_INTR_SIZE	 15

#endif
