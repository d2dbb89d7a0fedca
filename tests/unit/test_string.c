/* SPDX-License-Identifier: GPL-2.0-only */
/* xen/lib/string.c under the names hv_*, against libc and against canaries. */
#include "unit.h"
#include <stdlib.h>

#define AREA   96
#define CANARY 0xc3

void *hv_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *hv_memmove(void *dst, const void *src, size_t n);
void *hv_memset(void *dst, int c, size_t n);
int hv_memcmp(const void *a, const void *b, size_t n);
void *hv_memchr(const void *s, int c, size_t n);
size_t hv_strlen(const char *s);
size_t hv_strnlen(const char *s, size_t max);
int hv_strcmp(const char *a, const char *b);
int hv_strncmp(const char *a, const char *b, size_t n);
char *hv_strchr(const char *s, int c);
char *hv_strrchr(const char *s, int c);
char *hv_strstr(const char *haystack, const char *needle);

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void fill_pattern(uint8_t *p)
{
	for (size_t i = 0; i < AREA; i++)
		p[i] = (uint8_t)(i * 7 + 1);
}

static void copy_of_every_length_and_alignment(void **state)
{
	uint8_t src[AREA], got[AREA], want[AREA];

	(void)state;
	fill_pattern(src);
	for (size_t to = 0; to < 9; to++) {
		for (size_t from = 0; from < 9; from++) {
			for (size_t n = 0; n < 48; n++) {
				memset(got, CANARY, AREA);
				memset(want, CANARY, AREA);
				memcpy(want + to, src + from, n);
				assert_ptr_equal(hv_memcpy(got + to, src + from, n), got + to);
				assert_memory_equal(got, want, AREA);
			}
		}
	}
}

static void move_over_every_overlap(void **state)
{
	uint8_t got[AREA], want[AREA];

	(void)state;
	for (size_t to = 0; to < 32; to++) {
		for (size_t from = 0; from < 32; from++) {
			for (size_t n = 0; n < 40; n++) {
				fill_pattern(got);
				fill_pattern(want);
				memmove(want + to, want + from, n);
				assert_ptr_equal(hv_memmove(got + to, got + from, n), got + to);
				assert_memory_equal(got, want, AREA);
			}
		}
	}
}

static void set_of_every_length_and_alignment(void **state)
{
	uint8_t got[AREA], want[AREA];

	(void)state;
	for (size_t to = 0; to < 9; to++) {
		for (size_t n = 0; n < 48; n++) {
			memset(got, CANARY, AREA);
			memset(want, CANARY, AREA);
			memset(want + to, 0x1a5, n);
			assert_ptr_equal(hv_memset(got + to, 0x1a5, n), got + to);
			assert_memory_equal(got, want, AREA);
		}
	}
}

static void compare_finds_the_first_difference(void **state)
{
	uint8_t a[AREA], b[AREA];

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		fill_pattern(a);
		fill_pattern(b);
		assert_int_equal(hv_memcmp(a + 1, b + 1, n), 0);
		for (size_t at = 0; at < n; at++) {
			fill_pattern(b);
			b[1 + at] ^= 0x80;
			b[AREA - 1] ^= 0xff;
			assert_int_equal(sign(hv_memcmp(a + 1, b + 1, n)), sign(memcmp(a + 1, b + 1, n)));
		}
		b[1 + n] ^= 0x55;
	}
}

static void bytes_compare_unsigned(void **state)
{
	(void)state;
	assert_true(hv_memcmp("\xff", "\x01", 1) > 0);
	assert_true(hv_strcmp("\xff", "\x01") > 0);
	assert_true(hv_strncmp("a\x01", "a\xff", 2) < 0);
}

static void find_a_byte(void **state)
{
	static const char text[] = "ab\0cd\xff";

	(void)state;
	assert_ptr_equal(hv_memchr(text, 'c', sizeof(text)), text + 3);
	assert_ptr_equal(hv_memchr(text, 0x1ff, sizeof(text)), text + 5);
	assert_null(hv_memchr(text, 'c', 3));
	assert_null(hv_memchr(text, 'a', 0));
}

static void length_stops_at_the_bound(void **state)
{
	static const char open[] = {'a', 'b', 'c'};

	(void)state;
	assert_int_equal(hv_strlen(""), 0);
	assert_int_equal(hv_strlen("abc"), 3);
	assert_int_equal(hv_strnlen(open, sizeof(open)), 3);
	assert_int_equal(hv_strnlen("abc", 2), 2);
	assert_int_equal(hv_strnlen("abc", 9), 3);
}

static void strings_compare_as_in_libc(void **state)
{
	static const char *const s[] = {"", "a", "ab", "abc", "abd", "b", "\x80", "ab\x80"};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		for (size_t j = 0; j < 8; j++) {
			assert_int_equal(sign(hv_strcmp(s[i], s[j])), sign(strcmp(s[i], s[j])));
			for (size_t n = 0; n < 5; n++)
				assert_int_equal(
					sign(hv_strncmp(s[i], s[j], n)), sign(strncmp(s[i], s[j], n)));
		}
	}
}

static void find_a_character(void **state)
{
	static const char s[] = "path/to/file";

	(void)state;
	assert_ptr_equal(hv_strchr(s, '/'), s + 4);
	assert_ptr_equal(hv_strrchr(s, '/'), s + 7);
	assert_ptr_equal(hv_strchr(s, '\0'), s + 12);
	assert_ptr_equal(hv_strrchr(s, '\0'), s + 12);
	assert_null(hv_strchr(s, 'x'));
	assert_null(hv_strrchr(s, 'x'));
}

static void find_a_string(void **state)
{
	static const char s[] = "aabaabaaab";

	(void)state;
	assert_ptr_equal(hv_strstr(s, ""), s);
	assert_ptr_equal(hv_strstr(s, "aaab"), s + 6);
	assert_ptr_equal(hv_strstr(s, "b"), s + 2);
	assert_null(hv_strstr(s, "aaaab"));
	assert_null(hv_strstr(s, "aabaabaaabx"));
	assert_null(hv_strstr("", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copy_of_every_length_and_alignment),
		cmocka_unit_test(move_over_every_overlap),
		cmocka_unit_test(set_of_every_length_and_alignment),
		cmocka_unit_test(compare_finds_the_first_difference),
		cmocka_unit_test(bytes_compare_unsigned),
		cmocka_unit_test(find_a_byte),
		cmocka_unit_test(length_stops_at_the_bound),
		cmocka_unit_test(strings_compare_as_in_libc),
		cmocka_unit_test(find_a_character),
		cmocka_unit_test(find_a_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
