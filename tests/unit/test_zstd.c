/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpacking with the machine's own libzstd: whole, damaged, cut, too large for its place, without memory. */
#include "unit.h"
#include "unit_random.h"
#include <stdlib.h>
#include <hv/libc_stubs.h>
#include <hv/zstd.h>

#define BYTES 300000

size_t ZSTD_compress(void *dst, size_t room, const void *src, size_t bytes, int level);

static unsigned int entered;
static bool no_memory;

uint64_t libc_enter(void)
{
	entered++;
	return 42;
}

void libc_leave(uint64_t before)
{
	assert_int_equal(before, 42);
	entered--;
}

void *hv_alloc(size_t bytes);
void hv_free(void *p);

void *hv_alloc(size_t bytes)
{
	return no_memory ? NULL : aligned_alloc(64, ALIGN_UP(bytes, 64));
}

void hv_free(void *p)
{
	free(p);
}

static uint8_t plain[BYTES], packed[BYTES + 1000], out[BYTES];
static size_t packed_bytes;

static int setup(void **state)
{
	uint32_t seed = 9;

	(void)state;
	for (size_t i = 0; i < BYTES; i++)
		plain[i] = (uint8_t)(unit_random(&seed) % 7);
	packed_bytes = ZSTD_compress(packed, sizeof(packed), plain, BYTES, 3);
	assert_true(packed_bytes < BYTES);
	return 0;
}

static int unpack(size_t room, size_t bytes, size_t *ret)
{
	uint8_t *exact = malloc(bytes ? bytes : 1);
	int rc;

	memcpy(exact, packed, bytes);
	rc = zstd_unpack(out, room, exact, bytes, ret);
	free(exact);
	assert_int_equal(entered, 0);
	return rc;
}

static void good_and_bad(void **state)
{
	size_t got = 0;

	(void)state;
	assert_int_equal(unpack(BYTES, packed_bytes, &got), 0);
	assert_int_equal(got, BYTES);
	assert_memory_equal(out, plain, BYTES);
	/* What follows the frame does not matter. */
	assert_int_equal(unpack(BYTES, packed_bytes + 4, &got), 0);
	assert_int_equal(unpack(BYTES - 1, packed_bytes, &got), -EINVAL);
	assert_int_equal(unpack(BYTES, packed_bytes - 1, &got), -EINVAL);
	assert_int_equal(unpack(BYTES, 0, &got), -EINVAL);
	no_memory = true;
	assert_int_equal(unpack(BYTES, packed_bytes, &got), -ENOMEM);
	no_memory = false;
	packed[0] ^= 1;
	assert_int_equal(unpack(BYTES, packed_bytes, &got), -EINVAL);
	packed[0] ^= 1;
}

static void damaged(void **state)
{
	uint32_t seed = 4;
	size_t got;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		size_t at = unit_random(&seed) % packed_bytes;
		uint8_t was = packed[at];

		packed[at] = (uint8_t)unit_random(&seed);
		(void)!unpack(BYTES, packed_bytes, &got);
		packed[at] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_and_bad),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
