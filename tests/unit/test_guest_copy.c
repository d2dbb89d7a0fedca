/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's addresses: each paging mode, rights, accessed and dirty bits, copies over pages, hostile tables. */
#include "unit.h"
#include "unit_random.h"
#include <hv/cpu_regs.h>
#include <hv/domain_frames.h>
#include <hv/frame.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/hvm.h>
#include <hv/p2m.h>
#include "p2m_domain.h"

#define P  0x1UL
#define W  0x2UL
#define U  0x4UL
#define A  0x20UL
#define D  0x40UL
#define PS 0x80UL
#define NX (1UL << 63)

static struct domain *d;
static struct vcpu v;
static mfn_t ram;
static uint64_t reg[HVM_REGS];

static uint64_t reg_get(const struct vcpu *which, enum hvm_reg r)
{
	(void)which;
	return reg[r];
}

static const struct hvm_ops ops = {.reg_get = reg_get};
const struct hvm_ops *hvm_ops = &ops;

struct vcpu *vcpu_current(void)
{
	return &v;
}

/* 2 MiB of RAM at guest-physical 0, read-only RAM at 4 MiB, a device at 6 MiB. */
static int start(void **state)
{
	mfn_t ro = INVALID_MFN;

	(void)state;
	p2m_machine();
	d = p2m_domain(1);
	v = (struct vcpu){.domain = d};
	memset(reg, 0, sizeof(reg));
	assert_int_equal(domain_frames_alloc(d, ORDER_2M, HEAP_ANY_NODE, 0, &ram), 0);
	assert_int_equal(p2m_set(d, GFN(0), ram, ORDER_2M, P2M_RAM), 0);
	assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &ro), 0);
	assert_int_equal(p2m_set(d, GFN(1024), ro, 0, P2M_RAM_RO), 0);
	assert_int_equal(p2m_set(d, GFN(1536), MFN(0x100000), 0, P2M_MMIO_DIRECT), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 512; i++)
		assert_int_equal(frame_at(mfn_add(ram, i))->refs, 2);
	p2m_domain_end(d);
	return 0;
}

static void *at(uint64_t gpa)
{
	return (char *)mfn_to_va(ram) + gpa;
}

static uint64_t *entry(uint64_t table, unsigned int i)
{
	return at(table + i * 8UL);
}

/* 4 levels at 0x1000 to 0x4000: page i of the top 2 MiB of the address space is guest page 16 + i. */
static void long_mode(uint64_t flags)
{
	reg[HVM_CR0] = CR0_PE | CR0_PG | CR0_WP;
	reg[HVM_CR4] = CR4_PAE;
	reg[HVM_EFER] = EFER_LMA | EFER_LME | EFER_NXE;
	reg[HVM_CR3] = 0x1018;
	*entry(0x1000, 511) = 0x2000 | P | W | U;
	*entry(0x2000, 511) = 0x3000 | P | W | U;
	*entry(0x3000, 511) = 0x4000 | P | W | U;
	for (unsigned int i = 0; i < 64; i++)
		*entry(0x4000, i) = (16UL + i) << 12 | flags;
}

#define TOP 0xffffffffffe00000UL

static int walk(uint64_t linear, uint32_t access, uint64_t *gpa, uint32_t *error)
{
	return guest_walk(&v, linear, access, gpa, error);
}

static void assert_walks(uint64_t linear, uint32_t access, uint64_t want)
{
	uint64_t gpa = 0;
	uint32_t error;

	assert_int_equal(walk(linear, access, &gpa, &error), 0);
	assert_int_equal(gpa, want);
}

static void assert_faults(uint64_t linear, uint32_t access, uint32_t want)
{
	uint64_t gpa;
	uint32_t error = 99;

	assert_int_equal(walk(linear, access, &gpa, &error), -EFAULT);
	assert_int_equal(error, want);
}

static void paging_off(void **state)
{
	(void)state;
	assert_walks(0x12345, GUEST_PF_WRITE, 0x12345);
	assert_walks(0x100012345, 0, 0x12345);
}

static void four_levels(void **state)
{
	(void)state;
	long_mode(P | W);
	assert_walks(TOP + 0x1234, 0, 0x11234);
	assert_walks(TOP + 0x1234, GUEST_PF_WRITE, 0x11234);
	*entry(0x3000, 510) = 0x200000 | P | W | PS;
	assert_walks(TOP - 0x200000 + 0x12345, 0, 0x212345);
	*entry(0x2000, 510) = 0x80000000 | P | W | PS;
	assert_walks(TOP - 0x40000000 - 0x100000, 0, 0x80000000UL + 0x3fd00000);
	assert_int_equal(walk(1UL << 47, 0, &(uint64_t){0}, &(uint32_t){0}), -ENXIO);
}

static void five_levels(void **state)
{
	(void)state;
	long_mode(P | W);
	reg[HVM_CR4] |= CR4_LA57;
	*entry(0x5000, 511) = 0x1000 | P | W;
	reg[HVM_CR3] = 0x5000;
	assert_walks(TOP + 0x5678, 0, 0x15678);
	*entry(0x5000, 255) = 0x1000 | P | W;
	assert_walks((1UL << 56) - 0x200000 + 0x5678, 0, 0x15678);
	assert_int_equal(walk(1UL << 56, 0, &(uint64_t){0}, &(uint32_t){0}), -ENXIO);
}

static void pae(void **state)
{
	(void)state;
	reg[HVM_CR0] = CR0_PE | CR0_PG | CR0_WP;
	reg[HVM_CR4] = CR4_PAE;
	reg[HVM_CR3] = 0x1020;
	*entry(0x1020, 2) = 0x2000 | P;
	*entry(0x2000, 1) = 0x3000 | P | W;
	*entry(0x3000, 7) = 0x9000 | P | W;
	*entry(0x2000, 2) = 0xe00000 | P | W | PS;
	assert_walks(0x80207abc, GUEST_PF_WRITE, 0x9abc);
	assert_walks(0xf80207abcUL, 0, 0x9abc);
	assert_walks(0x80412345, 0, 0xe12345);
	/* The top entries have no accessed bit and grant nothing. */
	assert_int_equal(*entry(0x1020, 2), 0x2000 | P);
	assert_int_equal(*entry(0x2000, 1), 0x3000 | P | W | A);
	assert_faults(0xc0000000, 0, 0);
}

static void two_levels(void **state)
{
	uint32_t *top = at(0x1000), *table = at(0x2000);

	(void)state;
	reg[HVM_CR0] = CR0_PE | CR0_PG;
	reg[HVM_CR3] = 0x1000;
	top[768] = 0x2000 | P | W;
	table[3] = 0x7000 | P;
	top[1] = 0x00c00000 | 0x6000 | P | W | PS;
	assert_walks(0xc0003123, 0, 0x7123);
	assert_int_equal(table[3], 0x7000 | P | A);
	assert_int_equal(table[2], 0);
	/* Without WP a supervisor may write anything; with it not. */
	assert_walks(0xc0003123, GUEST_PF_WRITE, 0x7123);
	assert_int_equal(table[3], 0x7000 | P | A | D);
	reg[HVM_CR0] |= CR0_WP;
	assert_faults(0xc0003123, GUEST_PF_WRITE, GUEST_PF_WRITE | GUEST_PF_PRESENT);
	/* Without PSE bit 7 means nothing; with it 4 MiB and the high address bits. */
	assert_int_equal(walk(0x00400000, 0, &(uint64_t){0}, &(uint32_t){0}), -ENXIO);
	reg[HVM_CR4] = CR4_PSE;
	assert_walks(0x00412345, 0, 0x300c12345UL);
}

static void rights(void **state)
{
	(void)state;
	long_mode(P);
	assert_faults(TOP, GUEST_PF_WRITE, GUEST_PF_WRITE | GUEST_PF_PRESENT);
	assert_faults(TOP, GUEST_PF_USER, GUEST_PF_USER | GUEST_PF_PRESENT);
	*entry(0x4000, 0) |= U | W;
	assert_walks(TOP, GUEST_PF_USER | GUEST_PF_WRITE, 0x10000);
	*entry(0x2000, 511) &= ~W;
	assert_faults(TOP, GUEST_PF_WRITE, GUEST_PF_WRITE | GUEST_PF_PRESENT);
	assert_walks(TOP, GUEST_PF_FETCH, 0x10000);
	reg[HVM_CR4] |= CR4_SMEP;
	assert_faults(TOP, GUEST_PF_FETCH, GUEST_PF_FETCH | GUEST_PF_PRESENT);
	assert_walks(TOP, GUEST_PF_FETCH | GUEST_PF_USER, 0x10000);
	*entry(0x3000, 511) |= NX;
	assert_faults(TOP, GUEST_PF_FETCH | GUEST_PF_USER, GUEST_PF_FETCH | GUEST_PF_USER | GUEST_PF_PRESENT);
	*entry(0x4000, 1) = 0;
	assert_faults(TOP + 0x1000, GUEST_PF_WRITE, GUEST_PF_WRITE);
	assert_walks(TOP, 0, 0x10000);
}

static void accessed_and_dirty(void **state)
{
	(void)state;
	long_mode(P | W);
	assert_walks(TOP, 0, 0x10000);
	assert_int_equal(*entry(0x1000, 511), 0x2000 | P | W | U | A);
	assert_int_equal(*entry(0x3000, 511), 0x4000 | P | W | U | A);
	assert_int_equal(*entry(0x4000, 0), 0x10000 | P | W | A);
	assert_int_equal(*entry(0x4000, 1), 0x11000 | P | W);
	assert_walks(TOP, GUEST_PF_WRITE, 0x10000);
	assert_int_equal(*entry(0x4000, 0), 0x10000 | P | W | A | D);
	assert_int_equal(*entry(0x3000, 511), 0x4000 | P | W | U | A);
	/* What faults leaves no mark in the last entry. */
	*entry(0x4000, 2) = 0x12000 | P;
	assert_faults(TOP + 0x2000, GUEST_PF_WRITE, GUEST_PF_WRITE | GUEST_PF_PRESENT);
	assert_int_equal(*entry(0x4000, 2), 0x12000 | P);
}

static void tables_elsewhere(void **state)
{
	uint64_t gpa;
	uint32_t error;

	(void)state;
	long_mode(P | W);
	*entry(0x2000, 511) = 0x600000 | P | W; /* a device */
	assert_int_equal(walk(TOP, 0, &gpa, &error), -ENXIO);
	*entry(0x2000, 511) = 0x400000 | P | W; /* read-only */
	assert_int_equal(walk(TOP, 0, &gpa, &error), -ENXIO);
	*entry(0x2000, 511) = 0xffffffffff000 | P | W;
	assert_int_equal(walk(TOP, 0, &gpa, &error), -ENXIO);
	/* A table that is its own parent ends after as many levels. */
	*entry(0x1000, 511) = 0x1000 | P | W;
	assert_walks(0xffffffffffffffffUL, 0, 0x1fff);
}

static void copies_cross_pages(void **state)
{
	static uint8_t out[20000], in[20000];
	uint32_t seed = 3;

	(void)state;
	long_mode(P | W);
	*entry(0x4000, 3) = 30UL << 12 | P | W; /* not in order */
	for (unsigned int i = 0; i < 200; i++) {
		size_t bytes = unit_random(&seed) % sizeof(out);
		uint64_t where = TOP + unit_random(&seed) % 40000;

		for (size_t k = 0; k < bytes; k++)
			out[k] = (uint8_t)unit_random(&seed);
		assert_int_equal(copy_to_guest(where, out, bytes), 0);
		assert_int_equal(copy_from_guest(in, where, bytes), 0);
		assert_memory_equal(in, out, bytes);
	}
	memset(at(0x1e000), 7, 4096);
	assert_int_equal(copy_from_guest(in, TOP + 0x3010, 1), 0);
	assert_int_equal(in[0], 7);
}

static void copies_end_where_they_must(void **state)
{
	static uint8_t buffer[3 * 4096];

	(void)state;
	long_mode(P | W);
	*entry(0x4000, 2) = 0;
	assert_int_equal(copy_from_guest(buffer, TOP + 0x1800, 0x1000), 0x800);
	*entry(0x4000, 2) = 0x400000 | P | W; /* read-only RAM */
	assert_int_equal(copy_from_guest(buffer, TOP + 0x1800, 0x1000), 0);
	assert_int_equal(copy_to_guest(TOP + 0x1800, buffer, 0x1000), 0x800);
	*entry(0x4000, 2) = 0x600000 | P | W; /* a device */
	assert_int_equal(copy_from_guest(buffer, TOP + 0x2000, 8), 8);
	assert_int_equal(copy_from_guest(buffer, ~0UL, 2), 1 + 1);
	assert_int_equal(copy_from_guest(buffer, TOP, 0), 0);
}

static void by_guest_physical_address(void **state)
{
	uint64_t word = 0;

	(void)state;
	assert_int_equal(copy_to_guest_phys(d, 0x1ffc, "undercroft", 10), 0);
	assert_memory_equal(at(0x1ffc), "undercroft", 10);
	assert_int_equal(copy_from_guest_phys(d, &word, 0x2000, 6), 0);
	assert_memory_equal(&word, "rcroft", 6);
	assert_int_equal(copy_to_guest_phys(d, 0x1ffffe, "12345", 5), 3);
	assert_int_equal(copy_to_guest_phys(d, 0x400000, "12345", 5), 5);
	assert_int_equal(copy_from_guest_phys(d, &word, 0x400000, 8), 0);
	assert_int_equal(copy_from_guest_phys(d, &word, 0x600000, 8), 8);
	assert_int_equal(copy_from_guest_phys(d, &word, ~0UL, 8), 8);
}

/* Random tables and registers: an answer each time, every reference given back (end() looks). */
static void hostile_tables(void **state)
{
	static const uint64_t cr4[] = {0, CR4_PSE, CR4_PAE, CR4_PAE | CR4_LA57, CR4_PAE | CR4_SMEP};
	static uint8_t buffer[9000];
	uint64_t linear;
	size_t bytes;
	uint32_t seed = 11;

	(void)state;
	for (unsigned int round = 0; round < 3000; round++) {
		for (unsigned int i = 0; i < 8 * 512; i++)
			*entry(0, i) = (uint64_t)(unit_random(&seed) % 8) << 12 |
				       (unit_random(&seed) & 0xfff) | (unit_random(&seed) % 8 ? P : 0) |
				       (uint64_t)(unit_random(&seed) % 64 == 0 ? unit_random(&seed) : 0)
					       << 32;
		reg[HVM_CR0] = CR0_PE | (unit_random(&seed) % 8 ? CR0_PG : 0) | (unit_random(&seed) & CR0_WP);
		reg[HVM_CR4] = cr4[unit_random(&seed) % ARRAY_SIZE(cr4)];
		reg[HVM_EFER] = unit_random(&seed) % 2 && (reg[HVM_CR4] & CR4_PAE) ? EFER_LMA | EFER_NXE : 0;
		reg[HVM_CR3] = (uint64_t)(unit_random(&seed) % 9) << 12;
		bytes = unit_random(&seed) % sizeof(buffer);
		linear = (uint64_t)unit_random(&seed) << (unit_random(&seed) % 40);
		assert_true(copy_from_guest(buffer, linear, bytes) <= bytes);
		assert_true(copy_to_guest(linear, buffer, bytes % 64) <= bytes % 64);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paging_off),
		TEST(four_levels),
		TEST(five_levels),
		TEST(pae),
		TEST(two_levels),
		TEST(rights),
		TEST(accessed_and_dirty),
		TEST(tables_elsewhere),
		TEST(copies_cross_pages),
		TEST(copies_end_where_they_must),
		TEST(by_guest_physical_address),
		TEST(hostile_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
