/* SPDX-License-Identifier: GPL-2.0-only */
/* com1=: the text of the option to struct uart_params. */
#include <errno.h>
#include <string.h>
#include <hv/uart.h>

/* "0x..." or decimal; false without a digit or above max. */
static bool parse_number(const char **text, uint64_t max, uint64_t *ret_value)
{
	const char *p = *text;
	unsigned int base = 10, digits = 0;
	uint64_t v = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	for (;; p++, digits++) {
		char lower = (char)(*p | 0x20);
		unsigned int d = *p >= '0' && *p <= '9' ? (unsigned int)(*p - '0')
				 : base == 16 && lower >= 'a' && lower <= 'f'
					 ? (unsigned int)(lower - 'a' + 10)
					 : base;

		if (d == base)
			break;
		if (v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*text = p;
	*ret_value = v;
	return digits > 0;
}

static bool parse_u32(const char **text, uint32_t *value)
{
	uint64_t v;

	if (!parse_number(text, UINT32_MAX, &v))
		return false;
	*value = (uint32_t)v;
	return true;
}

/* BAUD|auto[/CLOCK]. The divisor has 16 bits and is not 0. */
static bool parse_rate(struct uart_params *p, const char **text)
{
	if (strncmp(*text, "auto", 4) == 0) {
		p->baud = 0;
		*text += 4;
	} else if (!parse_u32(text, &p->baud) || p->baud == 0) {
		return false;
	}
	if (**text == '/') {
		(*text)++;
		if (!parse_u32(text, &p->clock))
			return false;
	}
	return p->baud == 0 || (p->baud <= p->clock && p->clock / p->baud <= 0xffff);
}

static bool parse_frame(struct uart_params *p, const char **text)
{
	const char *t = *text;

	if (t[0] < '5' || t[0] > '8' || t[1] == '\0' || strchr("noems", t[1]) == NULL)
		return false;
	if (t[2] != '1' && t[2] != '2')
		return false;
	p->data_bits = (uint8_t)(t[0] - '0');
	p->parity = t[1];
	p->stop_bits = (uint8_t)(t[2] - '0');
	*text += 3;
	return true;
}

static bool parse_base(struct uart_params *p, const char **text)
{
	return parse_number(text, UINT64_MAX >> 12, &p->io_base);
}

static bool parse_irq(struct uart_params *p, const char **text)
{
	return parse_u32(text, &p->irq) && p->irq < 256;
}

int uart_params_parse(struct uart_params *params, const char *text)
{
	static bool (*const field[])(struct uart_params *, const char **) = {
		parse_rate,
		parse_frame,
		parse_base,
		parse_irq,
	};
	struct uart_params p = *params;

	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		if (*text != ',' && *text != '\0' && !field[i](&p, &text))
			return -EINVAL;
		if (*text == '\0') {
			*params = p;
			return 0;
		}
		if (*text++ != ',')
			return -EINVAL;
	}
	return -EINVAL;
}
