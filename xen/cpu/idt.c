/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/descriptors.h>

/* AMD64 APM volume 2, figure 4-24. */
struct idt_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_mid;
	uint32_t offset_high;
	uint32_t reserved;
};

BUILD_ASSERT(sizeof(struct idt_gate) == 16);

#define IDT_VECTORS	   256
#define IDT_INTERRUPT_GATE 0x8e /* present, ring 0, interrupts off on entry */
#define IDT_STUB_BYTES	   16

extern char entry_stubs[];

static struct idt_gate idt[IDT_VECTORS] __aligned(PAGE_SIZE);

static const struct {
	uint8_t vector;
	uint8_t ist;
} idt_own_stack[] = {
	{VECTOR_NMI, IST_NMI},
	{VECTOR_DF, IST_DF},
	{VECTOR_MC, IST_MC},
};

void idt_init(void)
{
	for (unsigned int v = 0; v < IDT_VECTORS; v++) {
		uintptr_t stub = (uintptr_t)entry_stubs + v * IDT_STUB_BYTES;

		idt[v] = (struct idt_gate){
			.offset_low = (uint16_t)stub,
			.offset_mid = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
			.selector = SEL_CS,
			.type = IDT_INTERRUPT_GATE,
		};
	}
}

static void idt_set_own_stacks(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(idt_own_stack); i++)
		idt[idt_own_stack[i].vector].ist = idt_own_stack[i].ist;
}

/* The stacks of their own exist from the moment a TSS is loaded, so the gates name them from then on. */
void idt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __packed idtr = {sizeof(idt) - 1, (uintptr_t)idt};
	uint16_t tr;

	__asm__ volatile("str %0" : "=r"(tr));
	if (tr != 0)
		idt_set_own_stacks();
	__asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}
