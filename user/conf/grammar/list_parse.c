// SPDX-License-Identifier: GPL-2.0-only
/* Lists of addresses as text: lines to prefixes. */
#include "conf/grammar/list_parse.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "conf/model/conf_internal.h"

#define BOM "\xef\xbb\xbf"

typedef unsigned __int128 u128;

/* Of a line without its comment. */
struct line {
	const char *text;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool ends_column(char c)
{
	return is_blank(c) || c == ',' || c == '|';
}

static size_t skip_blanks(const struct line *line, size_t at)
{
	while (at < line->len && is_blank(line->text[at]))
		at++;
	return at;
}

static struct line column_at(const struct line *line, size_t at)
{
	struct line column = {.text = line->text + at};

	while (at + column.len < line->len && !ends_column(column.text[column.len]))
		column.len++;
	return column;
}

static size_t without_comment(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '#' || text[i] == ';' ||
		    (text[i] == '/' && i + 1 < len && text[i + 1] == '/'))
			return i;
	return len;
}

static u128 number_of(const union rl_addr *addr)
{
	u128 value = 0;

	for (int i = 0; i < 16; i++)
		value = value << 8 | addr->byte[i];
	return value;
}

static union rl_addr addr_of(u128 value)
{
	union rl_addr addr;

	for (int i = 15; i >= 0; i--, value >>= 8)
		addr.byte[i] = (__u8)value;
	return addr;
}

/* The length that a netmask stands for, of the 128; -1: it is none. */
static int parse_netmask(const char *text, size_t len)
{
	union rl_addr mask;
	__u32 rest;

	if (addr_parse(text, len, &mask) || !addr_is_ipv4(&mask) || !memchr(text, '.', len))
		return -1;
	rest = ~(__u32)number_of(&mask);
	return rest & (rest + 1) ? -1 : ADDR_MAPPED_BITS + 32 - __builtin_popcount(rest);
}

/* What stands behind the slash. */
static int parse_length(const char *text, size_t len, bool ipv4)
{
	__u64 bits;

	if (memchr(text, '.', len))
		return ipv4 ? parse_netmask(text, len) : -1;
	if (len > 3 || units_parse_u64(text, len, &bits) || bits > (ipv4 ? 32 : 128))
		return -1;
	return (int)bits + (ipv4 ? ADDR_MAPPED_BITS : 0);
}

static int put(struct conf_list *into, const union rl_addr *addr, int len)
{
	struct conf_entry e = {.prefix = {.addr = *addr, .len = (__u8)len}};

	if (into->loose_count == LIST_PREFIXES_MAX)
		return -E2BIG;
	return conf_list_put(into, &e, true) < 0 ? -ENOMEM : 0;
}

static int put_masked(struct conf_list *into, union rl_addr addr, int len, struct list_report *ret)
{
	union rl_addr masked = addr;

	addr_mask(&masked, (unsigned)len);
	ret->masked += memcmp(&masked, &addr, sizeof(addr)) != 0;
	return put(into, &masked, len);
}

/* The widest prefixes that fit, one after the other. */
static int put_range(struct conf_list *into, u128 first, u128 last)
{
	int err = 0;

	for (bool more = true; more && !err;) {
		union rl_addr addr = addr_of(first);
		u128 size = 1;
		int len = 128;

		while (len > 0 && !(first & size) && first + (size * 2 - 1) <= last) {
			size *= 2;
			len--;
		}
		err = put(into, &addr, len);
		more = first + (size - 1) < last;
		first += size;
	}
	return err;
}

/* -EINVAL: it is none. */
static int take_range(struct line a, struct line b, struct conf_list *into)
{
	union rl_addr first, last;

	if (addr_parse(a.text, a.len, &first) || addr_parse(b.text, b.len, &last) ||
	    addr_is_ipv4(&first) != addr_is_ipv4(&last) || number_of(&first) > number_of(&last))
		return -EINVAL;
	return put_range(into, number_of(&first), number_of(&last));
}

static int take_prefix(struct line word, const char *slash, struct conf_list *into,
		       struct list_report *ret)
{
	size_t before = (size_t)(slash - word.text);
	union rl_addr addr;
	int len;

	if (addr_parse(word.text, before, &addr))
		return -EINVAL;
	len = parse_length(slash + 1, word.len - before - 1, !memchr(word.text, ':', before));
	return len < 0 ? -EINVAL : put_masked(into, addr, len, ret);
}

/* An address, behind which a netmask or, apart by blanks, the end of a range may stand. */
static int take_addr(const struct line *line, struct line word, struct conf_list *into,
		     struct list_report *ret)
{
	size_t at = skip_blanks(line, (size_t)(word.text - line->text) + word.len);
	struct line next = column_at(line, at);
	union rl_addr addr;
	int mask;

	if (next.len && next.text[0] == '-' && at > (size_t)(word.text - line->text) + word.len) {
		at = next.len == 1 ? skip_blanks(line, at + 1) : at + 1;
		return take_range(word, column_at(line, at), into);
	}
	if (addr_parse(word.text, word.len, &addr))
		return -EINVAL;
	mask = next.len > 4 && !memcmp(next.text, "255.", 4) ? parse_netmask(next.text, next.len)
							     : -1;
	if (mask < 0 || !memchr(word.text, '.', word.len))
		return put(into, &addr, 128);
	return put_masked(into, addr, mask, ret);
}

static int take(const struct line *line, struct line word, struct conf_list *into,
		struct list_report *ret)
{
	const char *slash = memchr(word.text, '/', word.len);
	const char *dash = memchr(word.text, '-', word.len);
	struct line rest;

	if (slash)
		return take_prefix(word, slash, into, ret);
	if (!dash)
		return take_addr(line, word, into, ret);
	rest.text = dash + 1;
	rest.len = word.len - (size_t)(rest.text - word.text);
	word.len -= rest.len + 1;
	return take_range(word, rest, into);
}

static void note_bad(struct list_report *report, __u32 line, size_t column)
{
	if (report->bad < LIST_PLACES) {
		report->place[report->bad].line = line;
		report->place[report->bad].column = (__u32)column;
	}
	report->bad++;
}

static int take_line(const char *text, size_t len, __u32 number, struct conf_list *into,
		     struct list_report *ret)
{
	struct line line = {text, without_comment(text, len)};
	size_t at = skip_blanks(&line, 0);
	int err;

	if (at == line.len)
		return 0;
	err = take(&line, column_at(&line, at), into, ret);
	if (err != -EINVAL)
		return err;
	note_bad(ret, number, at + 1);
	return 0;
}

int list_parse(const char *text, size_t len, struct conf_list *into, struct list_report *ret)
{
	const char *end = text + len;
	__u32 number = 0;
	int err = 0;

	*ret = (struct list_report){0};
	if (len >= strlen(BOM) && !memcmp(text, BOM, strlen(BOM)))
		text += strlen(BOM);
	while (!err && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((newline ? newline : end) - text);

		err = take_line(text, line, ++number, into, ret);
		text += line + 1;
	}
	return err ? err : conf_list_sort(into);
}
