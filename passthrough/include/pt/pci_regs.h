/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space: offsets, and under each its bits.
 * Sources: PCI Express Base 6.0 (PCIe) chapter 7, PCI-to-PCI Bridge 1.2 (P2PB),
 * PCI Local Bus 3.0 (PCI), PC Card 8.0 volume 7 (CardBus bridges).
 * Context: any; constants only.
 */
#ifndef PT_PCI_REGS_H
#define PT_PCI_REGS_H

/* Bits stand indented under their register. clang-format would flatten that. */
/* clang-format off */

#define PCI_CFG_BYTES                 256          /* PCI compatible region */
#define PCI_CFG_EXT_BYTES             4096         /* with the extended region, PCIe 7.2.2 */
#define PCI_CFG_HEADER                0x40         /* capabilities stand above it */

/* --- Common header, PCIe 7.5.1.1. --- */
#define PCI_VENDOR                    0x00
#define   PCI_VENDOR_NONE             0xffff
#define PCI_DEVICE                    0x02
#define PCI_COMMAND                   0x04
#define   PCI_COMMAND_IO              0x0001
#define   PCI_COMMAND_MEMORY          0x0002
#define   PCI_COMMAND_MASTER          0x0004
#define   PCI_COMMAND_INTX_OFF        0x0400
#define PCI_STATUS                    0x06
#define   PCI_STATUS_CAP_LIST         0x0010
#define PCI_REVISION                  0x08
#define PCI_CLASS                     0x09         /* three bytes: interface, sub-class, base class */
#define   PCI_CLASS_HOST_BRIDGE       0x0600
#define   PCI_CLASS_PCI_BRIDGE        0x0604
#define PCI_HEADER_TYPE               0x0e
#define   PCI_HEADER_LAYOUT           0x7f
#define   PCI_HEADER_NORMAL           0x00
#define   PCI_HEADER_BRIDGE           0x01
#define   PCI_HEADER_CARDBUS          0x02
#define   PCI_HEADER_MULTI            0x80
#define PCI_CAP_POINTER               0x34         /* types 0 and 1 */
#define   PCI_CAP_POINTER_MASK        0xfcU        /* PCI 6.7: the low two bits are reserved, software masks them */

/* --- Base address registers, PCIe 7.5.1.2.1. --- */
#define PCI_BAR0                      0x10
#define   PCI_BAR_IO                  0x00000001
#define   PCI_BAR_IO_MASK             0xfffffffcU
#define   PCI_BAR_MEM_TYPE            0x00000006
#define   PCI_BAR_MEM_32              0x00000000
#define   PCI_BAR_MEM_1M              0x00000002   /* below 1 MiB: PCI 2.3 and older */
#define   PCI_BAR_MEM_64              0x00000004
#define   PCI_BAR_MEM_PREFETCH        0x00000008
#define   PCI_BAR_MEM_MASK            0xfffffff0U

/* --- Type 0, PCIe 7.5.1.2. --- */
#define PCI_SUBVENDOR                 0x2c
#define PCI_SUBDEVICE                 0x2e
#define PCI_ROM                       0x30
#define   PCI_ROM_ENABLE              0x00000001
#define   PCI_ROM_MASK                0xfffff800U
#define PCI_INTERRUPT_PIN             0x3d

/* --- Type 1, PCIe 7.5.1.3; the bus numbers stand at the same place in type 2. --- */
#define PCI_PRIMARY_BUS               0x18
#define PCI_SECONDARY_BUS             0x19
#define PCI_SUBORDINATE_BUS           0x1a
#define PCI_ROM_BRIDGE                0x38

/* --- Type 2 (CardBus bridge). --- */
#define PCI_CARDBUS_CAP_POINTER       0x14
#define PCI_CARDBUS_SUBVENDOR         0x40
#define PCI_CARDBUS_SUBDEVICE         0x42

/* --- Capabilities: id and next pointer, PCIe 7.5.3 and the PCI Code and ID Assignment 1.17 section 2. --- */
#define PCI_CAP_ID                    0            /* offsets inside of a capability */
#define PCI_CAP_NEXT                  1
#define PCI_CAP_PM                    0x01
#define PCI_CAP_MSI                   0x05
#define PCI_CAP_PCIX                  0x07
#define PCI_CAP_SSVID                 0x0d         /* P2PB 3.2.5.13: subsystem ids of a bridge */
#define PCI_CAP_PCIE                  0x10
#define PCI_CAP_MSIX                  0x11
#define PCI_CAP_AF                    0x13
#define PCI_CAP_EA                    0x14

/* Inside of PCI_CAP_SSVID. */
#define PCI_SSVID_VENDOR              4
#define PCI_SSVID_DEVICE              6

/* Inside of PCI_CAP_PCIX, PCI-X 2.0 section 7.2.4 (type 0 status). */
#define PCI_PCIX_STATUS               4
#define   PCI_PCIX_266_CAP            0x40000000
#define   PCI_PCIX_533_CAP            0x80000000U

/* Inside of PCI_CAP_PCIE, PCIe 7.5.3. */
#define PCI_PCIE_CAPS                 0x02
#define   PCI_PCIE_TYPE_SHIFT         4
#define   PCI_PCIE_TYPE_MASK          0xf
#define PCI_PCIE_DEVCTL2              0x28
#define   PCI_PCIE_DEVCTL2_ARI        0x0020

/* --- Extended capabilities, PCIe 7.6.3. --- */
#define PCI_ECAP_BASE                 0x100
#define PCI_ECAP_ID(header)           ((header)&0xffff)
#define PCI_ECAP_VER(header)          (((header) >> 16) & 0xf)
#define PCI_ECAP_NEXT(header)         ((header) >> 20)
#define PCI_ECAP_AER                  0x0001
#define PCI_ECAP_DSN                  0x0003
#define PCI_ECAP_ACS                  0x000d
#define PCI_ECAP_ARI                  0x000e
#define PCI_ECAP_ATS                  0x000f
#define PCI_ECAP_SRIOV                0x0010
#define PCI_ECAP_REBAR                0x0015

/* Inside of PCI_ECAP_DSN, PCIe 7.9.3. */
#define PCI_DSN_LOW                   4
#define PCI_DSN_HIGH                  8

/* Inside of PCI_ECAP_ARI, PCIe 7.8.7. */
#define PCI_ARI_CAPS                  4
#define   PCI_ARI_CAPS_NEXT(caps)     (((caps) >> 8) & 0xff)

/* clang-format on */

#endif
