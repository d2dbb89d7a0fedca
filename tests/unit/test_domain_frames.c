/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's frames: limited, listed, counted exactly, all given back. */
#include "unit.h"
#include "unit_random.h"
#include <hv/domain_frames.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/p2m.h>
#include "p2m_domain.h"
#include "ram.h"

static struct domain *d;
static uint64_t free_at_start;

static int start(void **state)
{
	(void)state;
	p2m_machine();
	free_at_start = heap_free_frames();
	d = p2m_domain(5);
	return 0;
}

static int end(void **state)
{
	(void)state;
	p2m_domain_end(d);
	/* One kept slab for the p2m's size. */
	assert_true(free_at_start <= heap_free_frames() + 8);
	return 0;
}

static uint64_t listed(void)
{
	uint64_t n = 0;

	for (uint32_t m = d->frame_first; m; m = frame_at(MFN(m))->next) {
		assert_int_equal(frame_at(MFN(m))->owner, d->id);
		n++;
	}
	return n;
}

static void limit_and_count(void **state)
{
	uint64_t before = heap_free_frames();
	mfn_t mfn = INVALID_MFN;

	(void)state;
	d->frame_max = 1000;
	assert_int_equal(domain_frames_alloc(d, ORDER_2M, HEAP_ANY_NODE, 0, &mfn), 0);
	assert_int_equal(d->frame_count, 512);
	assert_int_equal(domain_frames_alloc(d, ORDER_2M, HEAP_ANY_NODE, 0, &mfn), -ENOSPC);
	assert_int_equal(domain_frames_alloc(d, 19, HEAP_ANY_NODE, 0, &mfn), -EINVAL);
	for (unsigned int i = 0; i < 488; i++)
		assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &mfn), 0);
	assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &mfn), -ENOSPC);
	assert_int_equal(listed(), 1000);
	assert_int_equal(heap_free_frames(), before - 1000);
	assert_int_equal(domain_frame_free(d, mfn), 0);
	assert_int_equal(domain_frame_free(d, mfn), -EPERM);
	assert_int_equal(d->frame_count, 999);
	assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &mfn), 0);
	/* The reservation of what failed is given back. */
	d->frame_max = 1UL << 20;
	assert_int_equal(domain_frames_alloc(d, ORDER_1G, HEAP_ANY_NODE, 0, &mfn), -ENOMEM);
	assert_int_equal(d->frame_reserved, 0);
	d->state = DOMAIN_DYING;
	assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &mfn), -EBUSY);
}

static void strangers(void **state)
{
	struct domain *other = p2m_domain(6);
	mfn_t theirs = INVALID_MFN, hv = INVALID_MFN;

	(void)state;
	assert_int_equal(domain_frames_alloc(other, 0, HEAP_ANY_NODE, 0, &theirs), 0);
	assert_int_equal(heap_alloc(0, HEAP_ANY_NODE, 0, &hv), 0);
	assert_int_equal(domain_frame_free(d, theirs), -EPERM);
	assert_int_equal(domain_frame_free(d, hv), -EPERM);
	assert_int_equal(domain_frame_free(d, MFN(0)), -EPERM);
	assert_int_equal(domain_frame_free(d, INVALID_MFN), -EPERM);
	heap_free(hv, 0);
	p2m_domain_end(other);
}

static void mapped_elsewhere_stays(void **state)
{
	uint64_t before;
	struct frame *f;
	mfn_t mfn = INVALID_MFN;

	(void)state;
	assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &mfn), 0);
	f = frame_get(mfn, d->id);
	assert_non_null(f);
	before = heap_free_frames();
	assert_int_equal(domain_frame_free(d, mfn), 0);
	assert_int_equal(heap_free_frames(), before);
	frame_put(f);
	assert_int_equal(heap_free_frames(), before + 1);
}

/* RAM that the heap was not given: the machine of the setup has 1 MiB more than its heap. */
static void claims(void **state)
{
	mfn_t first = paddr_to_mfn(TEST_RAM + MIB(1)), inside = INVALID_MFN;
	struct e820_entry ram[] = {{MIB(1), TEST_RAM + MIB(4), E820_RAM}};

	(void)state;
	p2m_domain_end(d);
	fake_ram_reset(ram, 1);
	heap_init(NULL);
	heap_add(MIB(1), TEST_RAM, true);
	d = p2m_domain(5);
	assert_int_equal(domain_frames_claim(d, first, 700), 0);
	assert_int_equal(listed(), 700);
	assert_int_equal(frame_at(first)->refs, 1);
	assert_int_equal(d->frame_first, first.v);
	assert_int_equal(domain_frames_claim(d, first, 1), -EPERM);
	assert_int_equal(domain_frames_claim(d, mfn_add(first, 699), 2), -EPERM);
	assert_int_equal(domain_frames_claim(d, MFN(0), 1), -EPERM);
	assert_int_equal(domain_frames_claim(d, mfn_add(first, 1023), 2), -EPERM);
	assert_int_equal(heap_alloc(0, HEAP_ANY_NODE, 0, &inside), 0);
	assert_int_equal(domain_frames_claim(d, inside, 1), -EPERM);
	heap_free(inside, 0);
	d->frame_max = 701;
	assert_int_equal(domain_frames_claim(d, mfn_add(first, 700), 2), -ENOSPC);
	assert_int_equal(domain_frames_claim(d, mfn_add(first, 700), 1), 0);
	d->frame_max = TEST_RAM;
	free_at_start = heap_free_frames();
}

static void random_walk(void **state)
{
	static mfn_t got[4096];
	unsigned int n = 0;
	uint32_t seed = 7;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		if (n < ARRAY_SIZE(got) && unit_random(&seed) % 2) {
			assert_int_equal(domain_frames_alloc(d, 0, HEAP_ANY_NODE, 0, &got[n]), 0);
			n++;
		} else if (n > 0) {
			unsigned int k = unit_random(&seed) % n;

			assert_int_equal(domain_frame_free(d, got[k]), 0);
			got[k] = got[--n];
		}
	}
	assert_int_equal(listed(), n);
	assert_int_equal(d->frame_count, n);
}

static void death_in_steps(void **state)
{
	unsigned int steps = 0;
	mfn_t mfn;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(domain_frames_alloc(d, ORDER_2M, HEAP_ANY_NODE, 0, &mfn), 0);
	while (domain_frames_destroy(d) == -ERESTART)
		steps++;
	assert_true(steps >= 2);
	assert_int_equal(d->frame_count, 0);
	assert_int_equal(d->frame_first, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limit_and_count),
		TEST(strangers),
		TEST(mapped_elsewhere_stays),
		TEST(claims),
		TEST(random_walk),
		TEST(death_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
