// SPDX-License-Identifier: GPL-2.0-only
/* Amounts, units, periods and durations as text and as integers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/units.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct units_size sizes[] = {
	{"k", 1000, false},	  {"M", 1000000, false},       {"G", 1000000000, false},
	{"kB", 1000, true},	  {"MB", 1000000, true},       {"GB", 1000000000, true},
	{"KiB", 1 << 10, true},	  {"MiB", 1 << 20, true},      {"GiB", 1 << 30, true},
	{"kbit", 1000 / 8, true}, {"Mbit", 1000000 / 8, true}, {"Gbit", 1000000000 / 8, true},
};

#define MS 1000000ull
#define S UNITS_NS_PER_S
#define DAY (86400 * S)

/* The first spelling of a length is the one that is printed, if `print`. */
static const struct period {
	const char *text;
	__u64 ns;
	bool plural; /* takes an "s" */
	bool print;
} periods[] = {
	{"ms", MS, false, true},
	{"millisecond", MS, true, false},
	{"s", S, false, true},
	{"sec", S, true, false},
	{"second", S, true, false},
	{"m", 60 * S, false, true},
	{"min", 60 * S, true, false},
	{"minute", 60 * S, true, false},
	{"h", 3600 * S, false, true},
	{"hour", 3600 * S, true, false},
	{"d", DAY, false, true},
	{"day", DAY, true, false},
	{"w", 7 * DAY, false, true},
	{"week", 7 * DAY, true, false},
	{"month", 30 * DAY, true, false},
	{"year", 360 * DAY, true, false},
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(const char *text, size_t len, const char *word)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(text[i]) != word[i])
			return false;
	return true;
}

/* `word`, in the plural too. */
static bool same_number(const char *text, size_t len, const char *word)
{
	return same(text, len, word) ||
	       (len > 1 && lower(text[len - 1]) == 's' && same(text, len - 1, word));
}

/* `plural` without its "s". */
static bool same_singular(const char *text, size_t len, const char *plural)
{
	if (len + 1 != strlen(plural))
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(text[i]) != plural[i])
			return false;
	return true;
}

static size_t digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && digit(text[n]))
		n++;
	return n;
}

int units_parse_u64(const char *text, size_t len, __u64 *ret)
{
	__u64 value = 0;

	if (len == 0 || digits(text, len) != len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (__u64)(text[i] - '0'), &value))
			return -ERANGE;
	*ret = value;
	return 0;
}

const struct units_size *units_find_size(const char *text, size_t len)
{
	/* The case counts here: M is a million, and m would read as a thousandth. */
	for (size_t i = 0; i < COUNT(sizes); i++)
		if (strlen(sizes[i].text) == len && memcmp(sizes[i].text, text, len) == 0)
			return &sizes[i];
	return NULL;
}

int units_parse_amount(const char *text, size_t len, __u64 *ret, bool *ret_bytes)
{
	size_t n = digits(text, len);
	const struct units_size *size = NULL;
	__u64 value;
	int err;

	if (n < len) {
		size = units_find_size(text + n, len - n);
		if (!size)
			return -EINVAL;
	}
	err = units_parse_u64(text, n, &value);
	if (err)
		return err;
	if (size && __builtin_mul_overflow(value, size->factor, &value))
		return -ERANGE;
	*ret = value;
	*ret_bytes = size && size->bytes;
	return 0;
}

int units_parse_unit(const char *text, size_t len, enum rl_unit *ret)
{
	for (unsigned i = 0; i < RL_UNIT_COUNT; i++) {
		const char *plural = names_text(&names_unit, i);

		if (!same(text, len, plural) && !same_singular(text, len, plural))
			continue;
		*ret = (enum rl_unit)i;
		return 0;
	}
	return -EINVAL;
}

int units_parse_period(const char *text, size_t len, __u64 *ret_ns)
{
	for (size_t i = 0; i < COUNT(periods); i++) {
		const struct period *p = &periods[i];

		if (!(p->plural ? same_number(text, len, p->text) : same(text, len, p->text)))
			continue;
		*ret_ns = p->ns;
		return 0;
	}
	return -EINVAL;
}

int units_parse_duration(const char *text, size_t len, __u64 *ret_ns)
{
	size_t n = digits(text, len);
	__u64 count, ns;
	int err;

	if (n == 0 || units_parse_period(text + n, len - n, &ns))
		return -EINVAL;
	err = units_parse_u64(text, n, &count);
	if (err)
		return err;
	if (count == 0)
		return -EINVAL;
	if (__builtin_mul_overflow(count, ns, &ns) || ns >= UNITS_SPAN_MAX)
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}

const char *units_format_duration(__u64 ns, char buf[static UNITS_TEXT])
{
	for (size_t i = COUNT(periods); i-- > 0;) {
		const struct period *p = &periods[i];

		if (!p->print || ns % p->ns != 0 || (ns == 0 && p->ns != S))
			continue;
		snprintf(buf, UNITS_TEXT, "%llu%s", (unsigned long long)(ns / p->ns), p->text);
		return buf;
	}
	snprintf(buf, UNITS_TEXT, "%lluns", (unsigned long long)ns);
	return buf;
}

static const char *format_bytes(unsigned long long bytes, char buf[static UNITS_TEXT])
{
	static const char *const print[] = {"GiB", "GB", "MiB", "MB", "KiB", "kB"};

	for (size_t i = 0; bytes && i < COUNT(print); i++) {
		__u64 factor = units_find_size(print[i], strlen(print[i]))->factor;

		if (bytes % factor != 0)
			continue;
		snprintf(buf, UNITS_TEXT, "%llu%s", bytes / factor, print[i]);
		return buf;
	}
	snprintf(buf, UNITS_TEXT, "%llu bytes", bytes);
	return buf;
}

const char *units_format_amount(__u64 amount, enum rl_unit unit, char buf[static UNITS_TEXT])
{
	if (unit == RL_UNIT_BYTES)
		return format_bytes(amount, buf);
	if (unit == RL_UNIT_PACKETS)
		snprintf(buf, UNITS_TEXT, "%llu", (unsigned long long)amount);
	else
		snprintf(buf, UNITS_TEXT, "%llu %s", (unsigned long long)amount,
			 names_text(&names_unit, unit));
	return buf;
}
