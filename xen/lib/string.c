/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HOT: copies and fills of every page, table and log line; everybody calls it.
 *
 * The bulk goes by string instructions, eight bytes at a time: that is fast on
 * every processor and is one eighth of the steps under an emulator. The
 * compiler may call these functions by itself, so no loop here may look to it
 * like one of them (the Makefile switches that recognition off for this file).
 */
#include <stdint.h>
#include <string.h>

#define WORD sizeof(uint64_t)

static uint64_t string_word_load(const unsigned char *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, WORD);
	return v;
}

static void string_word_store(unsigned char *p, uint64_t v)
{
	__builtin_memcpy(p, &v, WORD);
}

static void string_copy_forward(void *dst, const void *src, size_t n)
{
	size_t words = n / WORD, bytes = n % WORD;

	__asm__ volatile("rep movsq" : "+D"(dst), "+S"(src), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(bytes) : : "memory");
}

/* From the end, for an overlap where the destination lies above the source. */
static void string_copy_backward(unsigned char *dst, const unsigned char *src, size_t n)
{
	for (; n >= WORD; n -= WORD)
		string_word_store(dst + n - WORD, string_word_load(src + n - WORD));
	for (; n > 0; n--)
		dst[n - 1] = src[n - 1];
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	string_copy_forward(dst, src, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		string_copy_forward(dst, src, n);
	else
		string_copy_backward(dst, src, n);
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	uint64_t pattern = (uint64_t)(unsigned char)c * 0x0101010101010101;
	size_t words = n / WORD, bytes = n % WORD;
	void *p = dst;

	__asm__ volatile("rep stosq" : "+D"(p), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(p), "+c"(bytes) : "a"(pattern) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *pa = a, *pb = b;

	for (; n >= WORD && string_word_load(pa) == string_word_load(pb); n -= WORD) {
		pa += WORD;
		pb += WORD;
	}
	for (; n > 0; n--, pa++, pb++)
		if (*pa != *pb)
			return *pa - *pb;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n > 0; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (*a == '\0')
			return 0;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (*s == '\0')
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (*s == '\0')
			return (char *)(uintptr_t)last;
	}
}

char *strstr(const char *haystack, const char *needle)
{
	size_t n = strlen(needle);

	for (; strncmp(haystack, needle, n) != 0; haystack++)
		if (*haystack == '\0')
			return NULL;
	return (char *)(uintptr_t)haystack;
}
