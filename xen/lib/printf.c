/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdbool.h>
#include <string.h>
#include <hv/printf.h>

#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)

/* Enough for 64 bits in decimal. */
#define DIGITS_MAX 20

struct sink {
	char *dst;
	size_t bytes;
	size_t used; /* of the whole text, also of what did not fit */
};

enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_LONG };

struct spec {
	bool left, zero, plus, space, alt;
	int width;
	int precision; /* -1: none given */
	enum length length;
	char conversion;
};

/* The arguments behind one pointer: va_list may be an array type. */
struct args {
	va_list ap;
};

/* What still fits of n bytes. */
static size_t sink_room(const struct sink *out, size_t n)
{
	return out->used < out->bytes ? MIN(n, out->bytes - out->used) : 0;
}

static void sink_write(struct sink *out, const char *s, size_t n)
{
	size_t room = sink_room(out, n);

	if (room > 0)
		memcpy(out->dst + out->used, s, room);
	out->used += n;
}

/* In time proportional to what fits, however large the width. */
static void sink_fill(struct sink *out, char c, size_t n)
{
	size_t room = sink_room(out, n);

	if (room > 0)
		memset(out->dst + out->used, c, room);
	out->used += n;
}

/* A number of decimal digits; saturates, so that it cannot overflow. */
static int parse_number(const char **fmt)
{
	int n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		n = n > (INT_MAX - 9) / 10 ? INT_MAX : n * 10 + (**fmt - '0');
	return n;
}

static bool parse_flag(struct spec *s, char c)
{
	switch (c) {
	case '-':
		return s->left = true;
	case '0':
		return s->zero = true;
	case '+':
		return s->plus = true;
	case ' ':
		return s->space = true;
	case '#':
		return s->alt = true;
	default:
		return false;
	}
}

static void parse_width(struct spec *s, const char **fmt, struct args *args)
{
	if (**fmt != '*') {
		s->width = parse_number(fmt);
		return;
	}
	(*fmt)++;
	s->width = va_arg(args->ap, int);
	if (s->width < 0) {
		s->left = true;
		s->width = s->width == INT_MIN ? INT_MAX : -s->width;
	}
}

static void parse_precision(struct spec *s, const char **fmt, struct args *args)
{
	s->precision = -1;
	if (**fmt != '.')
		return;
	(*fmt)++;
	if (**fmt == '*') {
		(*fmt)++;
		s->precision = MAX(va_arg(args->ap, int), -1);
	} else {
		s->precision = parse_number(fmt);
	}
}

static void parse_length(struct spec *s, const char **fmt)
{
	switch (**fmt) {
	case 'l':
		*fmt += (*fmt)[1] == 'l' ? 2 : 1;
		s->length = LEN_LONG;
		break;
	case 'z':
	case 't':
	case 'j':
		(*fmt)++;
		s->length = LEN_LONG;
		break;
	case 'h':
		s->length = (*fmt)[1] == 'h' ? LEN_CHAR : LEN_SHORT;
		*fmt += s->length == LEN_CHAR ? 2 : 1;
		break;
	default:
		s->length = LEN_INT;
		break;
	}
}

/* *fmt stands behind the percent sign and is left behind the conversion. */
static void parse_spec(struct spec *s, const char **fmt, struct args *args)
{
	memset(s, 0, sizeof(*s));
	while (parse_flag(s, **fmt))
		(*fmt)++;
	parse_width(s, fmt, args);
	parse_precision(s, fmt, args);
	parse_length(s, fmt);
	s->conversion = **fmt;
	if (s->conversion != '\0')
		(*fmt)++;
}

static uint64_t arg_unsigned(const struct spec *s, struct args *args)
{
	switch (s->length) {
	case LEN_LONG:
		return va_arg(args->ap, uint64_t);
	case LEN_CHAR:
		return (unsigned char)va_arg(args->ap, unsigned int);
	case LEN_SHORT:
		return (unsigned short)va_arg(args->ap, unsigned int);
	default:
		return va_arg(args->ap, unsigned int);
	}
}

static int64_t arg_signed(const struct spec *s, struct args *args)
{
	switch (s->length) {
	case LEN_LONG:
		return va_arg(args->ap, int64_t);
	case LEN_CHAR:
		return (signed char)va_arg(args->ap, int);
	case LEN_SHORT:
		return (short)va_arg(args->ap, int);
	default:
		return va_arg(args->ap, int);
	}
}

/* Writes the digits so that they end at `end`; returns how many. 0 has none. */
static size_t digits_of(char *end, uint64_t v, unsigned int base, bool upper)
{
	const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t n = 0;

	for (; v != 0; v /= base)
		end[-(ptrdiff_t)++n] = digit[v % base];
	return n;
}

static void print_padded(struct sink *out, const struct spec *s, const char *text, size_t n)
{
	size_t pad = (size_t)s->width > n ? (size_t)s->width - n : 0;

	if (!s->left)
		sink_fill(out, ' ', pad);
	sink_write(out, text, n);
	if (s->left)
		sink_fill(out, ' ', pad);
}

/* Blanks, sign or 0x, zeroes, digits, blanks. */
static void print_number(
	struct sink *out, const struct spec *s, const char *prefix, uint64_t v, unsigned int base)
{
	char buf[DIGITS_MAX];
	size_t digits = digits_of(buf + DIGITS_MAX, v, base, s->conversion == 'X');
	size_t least = s->precision >= 0 ? (size_t)s->precision : 1;
	size_t zeroes = least > digits ? least - digits : 0;
	size_t length = strlen(prefix) + zeroes + digits;
	size_t pad = (size_t)s->width > length ? (size_t)s->width - length : 0;

	if (s->zero && !s->left && s->precision < 0) {
		zeroes += pad;
		pad = 0;
	}
	if (!s->left)
		sink_fill(out, ' ', pad);
	sink_write(out, prefix, strlen(prefix));
	sink_fill(out, '0', zeroes);
	sink_write(out, buf + DIGITS_MAX - digits, digits);
	if (s->left)
		sink_fill(out, ' ', pad);
}

static void print_signed(struct sink *out, const struct spec *s, int64_t v)
{
	const char *sign = v < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	print_number(out, s, sign, v < 0 ? -(uint64_t)v : (uint64_t)v, 10);
}

static void print_hex(struct sink *out, const struct spec *s, uint64_t v)
{
	const char *prefix = s->conversion == 'X' ? "0X" : "0x";

	print_number(out, s, s->alt && v != 0 ? prefix : "", v, 16);
}

static void print_string(struct sink *out, const struct spec *s, const char *text)
{
	if (text == NULL)
		text = "(null)";
	print_padded(out, s, text, strnlen(text, s->precision >= 0 ? (size_t)s->precision : INT_MAX));
}

static void print_char(struct sink *out, const struct spec *s, char c)
{
	print_padded(out, s, &c, 1);
}

/* False when the conversion is not one of ours: nothing printed, nothing taken. */
static bool print_spec(struct sink *out, struct spec *s, struct args *args)
{
	switch (s->conversion) {
	case 'd':
	case 'i':
		print_signed(out, s, arg_signed(s, args));
		return true;
	case 'u':
		print_number(out, s, "", arg_unsigned(s, args), 10);
		return true;
	case 'x':
	case 'X':
		print_hex(out, s, arg_unsigned(s, args));
		return true;
	case 'p':
		print_number(out, s, "0x", (uintptr_t)va_arg(args->ap, void *), 16);
		return true;
	case 's':
		print_string(out, s, va_arg(args->ap, const char *));
		return true;
	case 'c':
		print_char(out, s, (char)va_arg(args->ap, int));
		return true;
	case '%':
		sink_write(out, "%", 1);
		return true;
	default:
		return false;
	}
}

static void print_all(struct sink *out, const char *fmt, struct args *args)
{
	while (*fmt != '\0') {
		const char *percent = fmt;
		struct spec s;

		while (*percent != '\0' && *percent != '%')
			percent++;
		sink_write(out, fmt, (size_t)(percent - fmt));
		fmt = percent;
		if (*fmt == '\0')
			break;
		fmt++;
		parse_spec(&s, &fmt, args);
		if (!print_spec(out, &s, args))
			sink_write(out, percent, (size_t)(fmt - percent));
	}
}

int hv_vsnprintf(char *dst, size_t bytes, const char *fmt, va_list ap)
{
	struct sink out = {.dst = dst, .bytes = bytes};
	struct args args;

	va_copy(args.ap, ap);
	print_all(&out, fmt, &args);
	va_end(args.ap);
	if (bytes > 0)
		dst[MIN(out.used, bytes - 1)] = '\0';
	return (int)MIN(out.used, (size_t)INT_MAX);
}

int hv_snprintf(char *dst, size_t bytes, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = hv_vsnprintf(dst, bytes, fmt, ap);
	va_end(ap);
	return n;
}
