/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the virtual PCI share. */
#ifndef VPCI_PRIV_H
#define VPCI_PRIV_H

#include <pt/env.h>
#include <pt/pci_cfg.h>
#include <pt/pci_regs.h>
#include <pt/vpci.h>

#define VPCI_RANGES_MAX 40
#define VPCI_BUCKETS	256

/* Who deals with a register. */
enum vpci_what {
	VPCI_PASS,
	VPCI_COMMAND,
	VPCI_BAR,
	VPCI_BUSES,
	VPCI_MSI,
	VPCI_MSIX,
	VPCI_SRIOV,
	VPCI_REFUSE,
	VPCI_WHATS,
};

/* Registers [first, end) of one function, in double words. */
struct vpci_range {
	uint16_t first, end;
	uint8_t what; /* enum vpci_what */
};

/* Where a region of the function's memory is mapped for the guest. */
struct vpci_bar {
	uint16_t reg; /* 0: there is none */
	uint8_t kind; /* enum pci_bar_kind */
	uint64_t size;
	uint64_t mapped; /* 0: not mapped */
};

struct vpci_msi {
	uint16_t cap; /* 0: there is none */
	bool wide, maskable;
	bool enabled;
	bool masked;
	uint64_t address;
	uint32_t data;
	struct vpci_irq *irq;
};

struct vpci_msix_entry {
	uint64_t address;
	uint32_t data;
	bool masked;
	struct vpci_irq *irq;
};

struct vpci_msix {
	uint16_t cap; /* 0: there is none */
	uint16_t count;
	uint8_t bar;
	uint32_t offset; /* of the table in the BAR */
	bool enabled, masked;
	paddr_t trapped; /* the first page that holds the table, while it traps; 0: it does not */
	uint64_t trapped_bytes;
	volatile uint8_t *pages; /* the mapping of those */
	struct vpci_msix_entry *entry;
};

/* A physical function's: what its virtual functions have, each at its number times the size. */
struct vpci_sriov {
	uint16_t cap; /* 0: there is none */
	struct vpci_bar bar[PCI_BARS];
};

struct vpci_dev {
	struct vpci_dev *next; /* of the same bucket */
	struct vpci *v;
	sbdf_t sbdf;
	bool hidden;
	bool said; /* a refusal was logged */
	uint32_t range_count;
	struct vpci_range range[VPCI_RANGES_MAX]; /* sorted */
	struct vpci_bar bar[PCI_BARS];
	struct vpci_msi msi;
	struct vpci_msix msix;
	struct vpci_sriov sriov;
	struct vpci_dev *pf; /* of a virtual function */
	uint16_t number;     /* which one */
	bool gone;
};

struct vpci {
	struct env_lock lock;
	struct domain *owner;
	uint64_t refused;
	struct vpci_dev *bucket[VPCI_BUCKETS];
};

/* vpci.c */
void vpci_refuse(struct vpci_dev *dev, unsigned int reg, uint32_t value);

/* vpci_bar.c. Lock held. */
void vpci_bars_init(struct vpci_dev *dev, const struct pci_dev *pci);
void vpci_bars_unmap(struct vpci_dev *dev);
/* Maps what decodes now where it decodes. */
void vpci_bars_follow(struct vpci_dev *dev);
/* Where a region is in the machine; 0 when it does not decode. */
paddr_t vpci_bar_base(const struct vpci_dev *dev, unsigned int i);

/* vpci_msi.c and vpci_msix.c. Lock held; reg is relative to the capability, a double word. */
void vpci_msi_init(struct vpci_dev *dev, const struct pci_dev *pci);
uint32_t vpci_msi_read(const struct vpci_dev *dev, unsigned int reg);
void vpci_msi_write(struct vpci_dev *dev, unsigned int reg, uint32_t value);
void vpci_msi_off(struct vpci_dev *dev);
unsigned int vpci_msi_bytes(const struct vpci_dev *dev);
int vpci_msix_init(struct vpci_dev *dev, const struct pci_dev *pci) __must_check;
uint32_t vpci_msix_read(const struct vpci_dev *dev, unsigned int reg);
void vpci_msix_write(struct vpci_dev *dev, unsigned int reg, uint32_t value);
void vpci_msix_off(struct vpci_dev *dev);
/* The memory has moved: the trap follows. */
void vpci_msix_follow(struct vpci_dev *dev);
void vpci_msix_untrap(struct vpci_dev *dev);

/* vpci_vf.c. Lock held. */
void vpci_sriov_init(struct vpci_dev *pf, const struct pci_dev *pci);
/* A write to the control register; merged: the double word that it makes. */
void vpci_sriov_write(
	struct vpci_dev *pf, unsigned int reg, unsigned int size, uint32_t value, uint32_t merged);
/* Whose virtual function this is now; NULL: nobody's. */
struct vpci_dev *vpci_vf_parent(struct vpci *v, sbdf_t sbdf, uint16_t *ret_number);
/* For pci_dev_free(). -ENODEV, -ENOMEM. */
int vpci_vf_probe(sbdf_t sbdf, struct pci_dev **ret) __must_check;
void vpci_vf_bars_init(struct vpci_dev *vf);
bool vpci_vf_decodes(const struct vpci_dev *vf);

#endif
