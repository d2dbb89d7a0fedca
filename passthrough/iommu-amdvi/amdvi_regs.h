/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers, commands and table entries of AMD-Vi: "AMD IOMMU 3.08", publication 48882. */
#ifndef AMDVI_REGS_H
#define AMDVI_REGS_H

#include <pt/compiler.h>

#define AMDVI_BIT(n)	     (1ULL << (n))
#define AMDVI_FIELD(v, s, w) (((v) >> (s)) & (AMDVI_BIT(w) - 1))

/* --- The unit's PCI capability, section 3.2. --- */
#define AMDVI_CAP_HEADER  0x00
#define AMDVI_CAP_NPCACHE (1U << 26) /* caches what is not present */

/* --- Registers, section 3.4. --- */
#define AMDVI_DEVTAB	   0x0000 /* 51:12 base; 8:0 pages - 1 */
#define AMDVI_CMDBUF	   0x0008 /* 51:12 base; 59:56 log2 of the entries */
#define AMDVI_EVTLOG	   0x0010 /* the same */
#define AMDVI_LEN_256	   (8ULL << 56)
#define AMDVI_CONTROL	   0x0018
#define AMDVI_CTL_IOMMU	   AMDVI_BIT(0)
#define AMDVI_CTL_HT_TUN   AMDVI_BIT(1)
#define AMDVI_CTL_EVTLOG   AMDVI_BIT(2)
#define AMDVI_CTL_PASS_PW  AMDVI_BIT(8)
#define AMDVI_CTL_RES_PW   AMDVI_BIT(9)
#define AMDVI_CTL_COHERENT AMDVI_BIT(10)
#define AMDVI_CTL_ISOC	   AMDVI_BIT(11)
#define AMDVI_CTL_CMDBUF   AMDVI_BIT(12)
#define AMDVI_CTL_GA	   AMDVI_BIT(17) /* 128-bit interrupt entries */
#define AMDVI_CTL_XT	   AMDVI_BIT(50) /* 32-bit interrupt destinations */
#define AMDVI_EXCLUSION	   0x0020	 /* bit 0 on, bit 1 for all devices */
#define AMDVI_EFR	   0x0030
#define AMDVI_EFR_XT	   AMDVI_BIT(2) /* 32-bit interrupt destinations */
#define AMDVI_EFR_IA	   AMDVI_BIT(6) /* one command flushes all */
#define AMDVI_EFR_GA	   AMDVI_BIT(7) /* 128-bit interrupt entries */
#define AMDVI_EFR_HATS(e)  AMDVI_FIELD(e, 10, 2)
#define AMDVI_HATS_NONE	   3
#define AMDVI_CMD_HEAD	   0x2000 /* 18:4, in bytes */
#define AMDVI_CMD_TAIL	   0x2008
#define AMDVI_EVT_HEAD	   0x2010
#define AMDVI_EVT_TAIL	   0x2018
#define AMDVI_STATUS	   0x2020
#define AMDVI_ST_OVERFLOW  (1U << 0) /* of the event log; written 1 to clear */
#define AMDVI_ST_EVT_RUN   (1U << 3)
#define AMDVI_ST_CMD_RUN   (1U << 4)

/* Flags of an IVHD that are bits of the control register, section 5.2.2.1. */
#define AMDVI_IVHD_HT_TUN   0x01
#define AMDVI_IVHD_PASS_PW  0x02
#define AMDVI_IVHD_RES_PW   0x04
#define AMDVI_IVHD_ISOC	    0x08
#define AMDVI_IVHD_COHERENT 0x20

/* --- Commands, section 2.4. --- */
struct amdvi_cmd {
	uint64_t lo, hi;
};
BUILD_ASSERT(sizeof(struct amdvi_cmd) == 16);

#define AMDVI_CMD(opcode)      ((uint64_t)(opcode) << 60)
#define AMDVI_CMD_WAIT	       AMDVI_CMD(1)
#define AMDVI_CMD_DEVTAB       AMDVI_CMD(2)
#define AMDVI_CMD_PAGES	       AMDVI_CMD(3)
#define AMDVI_CMD_INTTAB       AMDVI_CMD(5)
#define AMDVI_CMD_ALL	       AMDVI_CMD(8)
#define AMDVI_WAIT_STORE       AMDVI_BIT(0) /* 51:3 where; hi is what */
#define AMDVI_CMD_DOMAIN(id)   ((uint64_t)(id) << 32)
#define AMDVI_PAGES_SIZE       AMDVI_BIT(0) /* hi: the address says how many, by its lowest 0 bit */
#define AMDVI_PAGES_TABLES     AMDVI_BIT(1) /* hi: tables have changed too */
#define AMDVI_PAGES_EVERYTHING 0x7ffffffffffff000ULL

/* --- Device table entries, section 2.2.2.1, table 7. --- */
struct amdvi_dte {
	uint64_t q[4];
};
BUILD_ASSERT(sizeof(struct amdvi_dte) == 32);

#define AMDVI_DTE_V	     AMDVI_BIT(0)
#define AMDVI_DTE_TV	     AMDVI_BIT(1)
#define AMDVI_DTE_MODE(l)    ((uint64_t)(l) << 9)
#define AMDVI_DTE_MODE_OF(q) AMDVI_FIELD(q, 9, 3)
#define AMDVI_DTE_IR	     AMDVI_BIT(61)
#define AMDVI_DTE_IW	     AMDVI_BIT(62)
/* q[1] */
#define AMDVI_DTE_DOMAIN_MASK  0xffffULL
#define AMDVI_DTE_SYSMGT_SHIFT 40
/* q[2] */
#define AMDVI_DTE_INIT_PASS  AMDVI_BIT(56)
#define AMDVI_DTE_EINT_PASS  AMDVI_BIT(57)
#define AMDVI_DTE_NMI_PASS   AMDVI_BIT(58)
#define AMDVI_DTE_LINT0_PASS AMDVI_BIT(62)
#define AMDVI_DTE_LINT1_PASS AMDVI_BIT(63)

#define AMDVI_DTE_IV	    AMDVI_BIT(0)
#define AMDVI_DTE_INTLEN(n) ((uint64_t)(n) << 1) /* log2 of the entries */
#define AMDVI_DTE_INTROOT   0x000fffffffffffc0ULL
#define AMDVI_DTE_REMAP	    (2ULL << 60) /* IntCtl; 0: what is not passed is blocked */
#define AMDVI_DTE_PASS_MASK                                                                      \
	(AMDVI_DTE_INIT_PASS | AMDVI_DTE_EINT_PASS | AMDVI_DTE_NMI_PASS | AMDVI_DTE_LINT0_PASS | \
		AMDVI_DTE_LINT1_PASS)

/* --- Interrupt table entries, section 2.2.8.2: 32 bits, or 128 with GAEn. --- */
#define AMDVI_IRTE_ENABLE     0x1U
#define AMDVI_IRTE_LOWEST     (1U << 2) /* IntType */
#define AMDVI_IRTE_LOGICAL    (1U << 6)
#define AMDVI_IRTE_DEST(d)    ((uint32_t)(d) << 8)
#define AMDVI_IRTE_VECTOR(v)  ((uint32_t)(v) << 16)
#define AMDVI_GA_DEST(d)      (((uint64_t)(d)&0xffffff) << 8)
#define AMDVI_GA_HI_VECTOR(v) ((uint64_t)(v))
#define AMDVI_GA_HI_DEST(d)   ((uint64_t)(d) >> 24 << 56)
#define AMDVI_INTR_ENTRIES    256U /* of each device; one page holds them in either format */
#define AMDVI_INTR_LEN	      8

#define AMDVI_MSI_ADDRESS 0xfee00000ULL /* the data's 10:0 are the index */

#define AMDVI_DEVICES	   0x10000U
#define AMDVI_DEVTAB_ORDER 9 /* 65536 entries of 32 bytes: 2 MiB */

#endif
