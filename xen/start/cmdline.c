/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parser of the command line: words against a table of options.
 */
#include <errno.h>
#include <string.h>
#include <hv/cmdline.h>
#include <hv/log.h>

#define WORD_MAX    256
#define NAME_MAX    32 /* of an option; longer words are near to none */
#define SUGGEST_MAX 3

struct table {
	const struct boot_option *rows;
	size_t count;
	const char *separators; /* between a name and its value */
	const char *where;	/* the list's name, "" at the top */
};

/* How long s is up to the first of the separators. */
static size_t length_until(const char *s, const char *separators)
{
	size_t n = 0;

	while (s[n] != '\0' && strchr(separators, s[n]) == NULL)
		n++;
	return n;
}

static bool digit_value(char c, unsigned int *ret)
{
	if (c >= '0' && c <= '9')
		*ret = (unsigned int)(c - '0');
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		*ret = (unsigned int)((c | 0x20) - 'a') + 10;
	else
		return false;
	return true;
}

/* The number that s starts with; *ret_end is behind it. */
static int number_parse(const char *s, uint64_t *ret, const char **ret_end)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x';
	unsigned int base = hex ? 16 : 10;
	const char *p = hex ? s + 2 : s;
	uint64_t v = 0;
	unsigned int d;
	const char *first = p;

	for (; digit_value(*p, &d) && d < base; p++) {
		if (v > (UINT64_MAX - d) / base)
			return -ERANGE;
		v = v * base + d;
	}
	if (p == first)
		return -EINVAL;
	*ret = v;
	*ret_end = p;
	return 0;
}

int cmdline_uint_parse(const char *s, uint64_t *ret)
{
	const char *end;
	uint64_t v;
	int rc = number_parse(s, &v, &end);

	if (rc != 0)
		return rc;
	if (*end != '\0')
		return -EINVAL;
	*ret = v;
	return 0;
}

int cmdline_size_parse(const char *s, uint64_t *ret_bytes)
{
	static const char units[] = "bkmgt"; /* each 2^10 times the one before */
	const char *end, *unit;
	unsigned int shift = 10;
	uint64_t v;
	int rc = number_parse(s, &v, &end);

	if (rc != 0)
		return rc;
	if (*end != '\0') {
		unit = strchr(units, *end | 0x20);
		if (unit == NULL || end[1] != '\0')
			return -EINVAL;
		shift = 10 * (unsigned int)(unit - units);
	}
	if (v > UINT64_MAX >> shift)
		return -ERANGE;
	*ret_bytes = v << shift;
	return 0;
}

int cmdline_bool_parse(const char *s, bool *ret)
{
	static const char *const yes[] = {"yes", "on", "true", "enable", "1"};
	static const char *const no[] = {"no", "off", "false", "disable", "0"};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(s, yes[i]) != 0 && strcmp(s, no[i]) != 0)
			continue;
		*ret = strcmp(s, yes[i]) == 0;
		return 0;
	}
	return -EINVAL;
}

static const char *number_reason(int rc)
{
	return rc == -ERANGE ? "out of range" : "not a number";
}

/* One function for each kind: NULL, or why value is refused. value is NULL without separator. */

static const char *apply_bool(const struct boot_option *o, const char *value)
{
	if (value == NULL)
		*o->to.boolean = true;
	else if (cmdline_bool_parse(value, o->to.boolean) != 0)
		return "neither yes nor no";
	return NULL;
}

static const char *apply_uint(const struct boot_option *o, const char *value)
{
	uint64_t v = 0;
	int rc = value != NULL ? cmdline_uint_parse(value, &v) : -EINVAL;

	if (rc != 0)
		return number_reason(rc);
	if (v < o->min || v > o->max)
		return "out of range";
	*o->to.uint = (uint32_t)v;
	return NULL;
}

static const char *apply_size(const struct boot_option *o, const char *value)
{
	int rc = value != NULL ? cmdline_size_parse(value, o->to.bytes) : -EINVAL;

	return rc == 0 ? NULL : rc == -ERANGE ? "out of range" : "not a size";
}

static const char *apply_string(const struct boot_option *o, const char *value)
{
	size_t len;

	if (value == NULL)
		return "needs a value";
	len = strlen(value);
	if (len >= o->max)
		return "too long";
	memcpy(o->to.string, value, len + 1);
	return NULL;
}

static const char *apply_choice(const struct boot_option *o, const char *value)
{
	if (value == NULL)
		return "needs a value";
	for (uint32_t i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], value) == 0) {
			*o->to.uint = i;
			return NULL;
		}
	}
	return "not one of the values";
}

static const char *apply_call_bool(const struct boot_option *o, const char *value)
{
	bool on = true;

	if (value != NULL && cmdline_bool_parse(value, &on) != 0)
		return "neither yes nor no";
	o->to.call_bool(on);
	return NULL;
}

static const char *apply_call(const struct boot_option *o, const char *value)
{
	return o->to.call(value != NULL ? value : "") == 0 ? NULL : "not understood";
}

static const char *apply_list(const struct boot_option *o, const char *value);

static const char *(*const apply_kind[BOOT_OPT_KINDS])(const struct boot_option *o, const char *value) = {
	[BOOT_OPT_BOOL] = apply_bool,
	[BOOT_OPT_UINT] = apply_uint,
	[BOOT_OPT_SIZE] = apply_size,
	[BOOT_OPT_STRING] = apply_string,
	[BOOT_OPT_CHOICE] = apply_choice,
	[BOOT_OPT_LIST] = apply_list,
	[BOOT_OPT_CALL] = apply_call,
	[BOOT_OPT_CALL_BOOL] = apply_call_bool,
};

static char fold(char c)
{
	return c == '_' ? '-' : c;
}

static const struct boot_option *row_find(const struct table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->count; i++) {
		const char *have = t->rows[i].name;
		size_t k = 0;

		while (k < len && have[k] != '\0' && fold(have[k]) == fold(name[k]))
			k++;
		if (k == len && have[k] == '\0')
			return &t->rows[i];
	}
	return NULL;
}

/* How many characters to insert, delete or replace (Levenshtein), for names up to NAME_MAX; else NAME_MAX. */
static unsigned int name_distance(const char *a, size_t a_len, const char *b)
{
	unsigned int row[NAME_MAX + 1];
	size_t b_len = strlen(b);

	if (a_len > NAME_MAX || b_len > NAME_MAX)
		return NAME_MAX;
	for (unsigned int j = 0; j <= b_len; j++)
		row[j] = j;
	for (unsigned int i = 1; i <= a_len; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (unsigned int j = 1; j <= b_len; j++) {
			unsigned int above = row[j];
			unsigned int replace = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));
			unsigned int shorter = MIN(above, row[j - 1]);

			row[j] = MIN(replace, shorter + 1);
			diagonal = above;
		}
	}
	return row[b_len];
}

/* A name of which the word is a part, or that is a few letters away. */
static bool name_near(const char *word, size_t len, const char *name)
{
	unsigned int wrong_letters = len >= 6 ? 2 : 1;

	if (name[0] == '\0')
		return false;
	return name_distance(word, len, name) <= wrong_letters || (len >= 3 && strncmp(word, name, len) == 0);
}

static void warn_unknown(const struct table *t, const char *word, size_t name_len)
{
	const char *near[SUGGEST_MAX] = {"", "", ""};
	const char *colon = t->where[0] != '\0' ? ": " : "";
	size_t found = 0;

	for (size_t i = 0; i < t->count && found < SUGGEST_MAX; i++) {
		if (name_near(word, name_len, t->rows[i].name))
			near[found++] = t->rows[i].name;
	}
	if (found == 0)
		log_warn("cmdline: %s%sunknown option \"%s\" ignored", t->where, colon, word);
	else
		log_warn("cmdline: %s%sunknown option \"%s\" ignored; did you mean %s%s%s%s%s?", t->where,
			colon, word, near[0], found > 1 ? ", " : "", near[1], found > 2 ? ", " : "", near[2]);
}

/* The row for a word; *ret_value is its value, *ret_negated tells a no- form. */
static const struct boot_option *word_match(
	const struct table *t, const char *word, size_t name_len, const char **ret_value, bool *ret_negated)
{
	const struct boot_option *o = row_find(t, word, name_len);

	*ret_value = word[name_len] != '\0' ? word + name_len + 1 : NULL;
	*ret_negated = false;
	if (o == NULL && name_len > 3 && strncmp(word, "no-", 3) == 0) {
		o = row_find(t, word + 3, name_len - 3);
		*ret_negated = o != NULL;
	}
	if (o == NULL) {
		o = row_find(t, "", 0);
		*ret_value = word;
	}
	return o;
}

static const bool has_no_form[BOOT_OPT_KINDS] = {
	[BOOT_OPT_BOOL] = true,
	[BOOT_OPT_LIST] = true,
	[BOOT_OPT_CALL_BOOL] = true,
};

static const char *option_apply(const struct boot_option *o, const char *value, bool negated)
{
	if (!negated)
		return apply_kind[o->kind](o, value);
	if (value != NULL)
		return "a no- form takes no value";
	if (!has_no_form[o->kind])
		return "has no no- form";
	return apply_kind[o->kind](o, "no");
}

static void word_apply(const struct table *t, const char *word)
{
	size_t name_len = length_until(word, t->separators);
	const struct boot_option *o;
	const char *value, *reason;
	bool negated;

	o = word_match(t, word, name_len, &value, &negated);
	if (o == NULL) {
		warn_unknown(t, word, name_len);
		return;
	}
	reason = option_apply(o, value, negated);
	if (reason != NULL)
		log_warn("cmdline: %s%s\"%s\" ignored: %s; %s", t->where, t->where[0] != '\0' ? ": " : "",
			word, reason, o->help);
}

/*
 * Takes the next piece of s, up to one of the separators, into word. Returns
 * what follows it, NULL at the end of s.
 */
static const char *word_next(const char *s, const char *separators, char word[WORD_MAX])
{
	size_t len = length_until(s, separators);

	if (len >= WORD_MAX) {
		log_warn("cmdline: a word of %lu characters is longer than any option: ignored", len);
		word[0] = '\0';
	} else {
		memcpy(word, s, len);
		word[len] = '\0';
	}
	return s[len] != '\0' ? s + len + 1 : NULL;
}

/* Bad elements are logged one by one; so the list as a whole is fine. Lists do not nest. */
static const char *apply_list(const struct boot_option *o, const char *value)
{
	const struct table t = {o->to.rows, o->max, "=:", o->name};
	char element[WORD_MAX];

	if (value == NULL)
		value = "yes";
	while (value != NULL) {
		value = word_next(value, ",", element);
		if (element[0] != '\0')
			word_apply(&t, element);
	}
	return NULL;
}

static const char *skip_spaces(const char *s)
{
	while (s != NULL && *s == ' ')
		s++;
	return s != NULL ? s : "";
}

const char *cmdline_parse(const char *line, const struct boot_option *table, size_t count)
{
	const struct table t = {table, count, "=", ""};
	char word[WORD_MAX];

	while (line != NULL) {
		line = word_next(line, " ", word);
		if (strcmp(word, "--") == 0)
			return skip_spaces(line);
		if (word[0] != '\0')
			word_apply(&t, word);
	}
	return NULL;
}

void cmdline_help_log(const struct boot_option *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		log_info("cmdline: %s: %s", table[i].name, table[i].help);
}
