/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>
#include <hv/descriptors.h>
#include <hv/percpu.h>

/* AMD64 APM volume 2, figure 12-8. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7]; /* IST n is ist[n - 1] */
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_bitmap;
} __packed;

BUILD_ASSERT(sizeof(struct tss) == 104);

#define GDT_ENTRIES  5 /* null, code, data, and the TSS's two */
#define GDT_CODE64   0x00af9b000000ffff
#define GDT_DATA     0x00cf93000000ffff
#define GDT_TYPE_TSS (0x89UL << 40) /* present, available 64-bit TSS */

struct gdt {
	uint64_t entry[GDT_ENTRIES];
};

static DEFINE_PER_CPU(struct gdt, gdt) __aligned(16);
static DEFINE_PER_CPU(struct tss, tss) __aligned(16);

static void gdt_tss_descriptor(uint64_t desc[2], uintptr_t base)
{
	desc[0] = (sizeof(struct tss) - 1) | ((base & 0xffffff) << 16) | GDT_TYPE_TSS |
		  ((base >> 24 & 0xff) << 56);
	desc[1] = base >> 32;
}

void gdt_init(unsigned int cpu, const struct cpu_stacks *stacks)
{
	struct gdt *gdt = &per_cpu(gdt, cpu);
	struct tss *tss = &per_cpu(tss, cpu);

	memset(tss, 0, sizeof(*tss));
	tss->rsp[0] = stacks->main;
	tss->ist[IST_NMI - 1] = stacks->nmi;
	tss->ist[IST_DF - 1] = stacks->df;
	tss->ist[IST_MC - 1] = stacks->mc;
	tss->io_bitmap = sizeof(*tss); /* none */

	gdt->entry[0] = 0;
	gdt->entry[SEL_CS / 8] = GDT_CODE64;
	gdt->entry[SEL_DS / 8] = GDT_DATA;
	gdt_tss_descriptor(&gdt->entry[SEL_TSS / 8], (uintptr_t)tss);
}

void gdt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __packed gdtr = {sizeof(struct gdt) - 1, (uintptr_t)&this_cpu(gdt)};

	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl %2, %%ss\n\t"
			 "ltr %w3"
			 :
			 : "m"(gdtr), "i"(SEL_CS), "r"(SEL_DS), "r"(SEL_TSS)
			 : "rax", "memory");
}
