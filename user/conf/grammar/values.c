// SPDX-License-Identifier: GPL-2.0-only
/* Values that several statements take: durations, numbers, names, interfaces, prefixes. */
#include <errno.h>
#include <string.h>

#include "conf/grammar/nearest.h"
#include "conf/grammar/stmt.h"
#include "conf/model/named.h"

static void hint_period(struct diag *d, const struct word *w)
{
	size_t digits = strspn(w->text, "0123456789");

	if (digits)
		nearest_hint_of(d, w->text + digits, w->len - digits, UNITS_PERIODS);
}

int stmt_take_duration(struct stmt *s, const char *what, __u64 *ret_ns)
{
	const struct word *w;
	int err = stmt_take(s, what, &w);

	if (err)
		return err;
	err = units_parse_duration(w->text, w->len, ret_ns);
	if (!err)
		return 0;
	if (err == -ERANGE)
		stmt_fail(s, w, 0, w->len, "\"%.64s\" is too long a time", w->text);
	else
		stmt_fail(s, w, 0, w->len, "bad duration \"%.64s\"", w->text);
	diag_expect(s->d, "%s",
		    err == -ERANGE ? "less than 292 years"
				   : "a number and its period in one word, like 500ms 10m 1h 2d");
	if (err != -ERANGE)
		hint_period(s->d, w);
	return -EINVAL;
}

int stmt_take_number(struct stmt *s, const char *what, const struct conf_range *range, __u64 *ret)
{
	const struct word *w;
	__u64 value;
	int err = stmt_take(s, what, &w);

	if (err)
		return err;
	err = units_parse_u64(w->text, w->len, &value);
	if (!err && value >= range->first && value <= range->last) {
		*ret = value;
		return 0;
	}
	stmt_fail(s, w, 0, w->len, "%s \"%.64s\" %s", what, w->text,
		  err == -EINVAL ? "is not a number" : "is out of range");
	return diag_expect(s->d, "%u to %u", range->first, range->last);
}

/* What the kernel takes as the name of an interface, and what a list of them can hold. */
static bool iface_char(char c)
{
	return c > ' ' && c != '/' && c != ':' && c != ',' && c != 0x7f;
}

/* A kernel would take these characters, but nobody gives them: they ask for more than one. */
static bool is_pattern(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("*?[]", name[i]))
			return true;
	return false;
}

int stmt_check_iface(struct stmt *s, const struct word *w, size_t from, size_t len)
{
	const char *name = w->text + from;
	bool good = len > 0 && len < IF_NAMESIZE &&
		    !(name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')));

	if (is_pattern(name, len)) {
		stmt_fail(s, w, from, len, "\"%.*s\" is a pattern, which no interface is named",
			  len > 64 ? 64 : (int)len, name);
		return diag_expect(s->d, "the whole name of one interface, which may appear later");
	}
	for (size_t i = 0; good && i < len; i++)
		good = iface_char(name[i]);
	if (good)
		return 0;
	stmt_fail(s, w, from, len, "bad interface name \"%.*s\"", len > 64 ? 64 : (int)len, name);
	return diag_expect(s->d, "1 to %d characters, no blank, \"/\", \":\" or \",\"",
			   IF_NAMESIZE - 1);
}

int stmt_take_iface(struct stmt *s, char ret[static IF_NAMESIZE])
{
	const struct word *w;
	int err = stmt_take(s, "the name of an interface", &w);

	if (!err)
		err = stmt_check_iface(s, w, 0, w->len);
	if (err)
		return err;
	memcpy(ret, w->text, w->len + 1);
	return 0;
}

static bool name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') ||
	       (!first && ((c >= '0' && c <= '9') || c == '_' || c == '-'));
}

static bool name_good(const char *text, size_t len)
{
	bool good = len > 0 && len <= CONF_NAME_MAX;

	for (size_t i = 0; good && i < len; i++)
		good = name_char(text[i], i == 0);
	return good;
}

static int fail_name(struct stmt *s, const struct word *w)
{
	stmt_fail(s, w, 0, w->len, "bad name \"%.64s\"", w->text);
	return diag_expect(s->d, "at most %d of a-z 0-9 _ -, a letter first", CONF_NAME_MAX);
}

int stmt_take_list_name(struct stmt *s, const struct word **ret)
{
	const struct word *w;
	int err = stmt_take(s, "the name of a list", &w);

	if (err || name_good(w->text, w->len)) {
		*ret = w;
		return err;
	}
	fail_name(s, w);
	if (w->text[0] == '@')
		diag_hint(s->d, "\"@\" stands before a name where a list is used, not where it "
				"is made");
	return -EINVAL;
}

int stmt_parse_list_name(struct stmt *s, const struct word *w, size_t from, size_t len,
			 char ret[static RL_NAME_LEN])
{
	const char *name = w->text + from + 1;

	snprintf(ret, RL_NAME_LEN, "%.*s", len > CONF_NAME_MAX ? CONF_NAME_MAX : (int)len - 1,
		 name);
	if (s->c && name_good(name, len - 1) && conf_find_named(s->c, ret))
		return 0;
	stmt_fail(s, w, from, len, "there is no list \"%.*s\"", len > 64 ? 64 : (int)len - 1, name);
	diag_expect(s->d, "@ and the name of a list that a statement before this one made");
	return diag_hint(s->d, "`list NAME add PREFIX` makes one, `show lists` names those there "
			       "are");
}

int stmt_take_limit_name(struct stmt *s, const struct word **ret)
{
	const struct word *w;
	int err = stmt_take(s, "the name of a limit", &w);

	if (err)
		return err;
	if (clause_is(w->text, w->len) || word_is(w, "all") || word_is(w, "any")) {
		stmt_fail(s, w, 0, w->len,
			  "\"%s\" cannot name a limit: it is a word of the grammar", w->text);
		return diag_expect(s->d, "another name");
	}
	if (!name_good(w->text, w->len))
		return fail_name(s, w);
	*ret = w;
	return 0;
}

int stmt_find_limit(struct stmt *s, size_t *ret)
{
	const struct word *w;
	int err = stmt_take_limit_name(s, &w);

	if (err)
		return err;
	for (*ret = 0; *ret < s->c->limits; ++*ret)
		if (word_is(w, s->c->limit[*ret]->abi.name))
			return 0;
	return -ENOENT;
}

int stmt_parse_prefix(struct stmt *s, const struct word *w, size_t from, size_t len,
		      struct addr_prefix *ret)
{
	const char *text = w->text + from;
	char good[ADDR_TEXT];
	const char *slash = memchr(text, '/', len);
	struct addr_prefix fixed;
	__u64 bits;
	int err = addr_parse_prefix(text, len, ret);

	if (!err)
		return 0;
	stmt_fail(s, w, from, len, "bad address or prefix \"%.*s\"", len > 64 ? 64 : (int)len,
		  text);
	diag_expect(s->d, "like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32");
	if (err != -ERANGE || !slash)
		return -EINVAL;
	/* The length is good, or it would not be -ERANGE. */
	units_parse_u64(slash + 1, len - (size_t)(slash + 1 - text), &bits);
	addr_parse_prefix(text, (size_t)(slash - text), &fixed);
	fixed.len = (__u8)(memchr(text, ':', len) ? bits : bits + 96);
	addr_mask(&fixed.addr, fixed.len);
	stmt_fail(s, w, from, len, "\"%.*s\" has bits set behind its length", (int)len, text);
	return diag_expect(s->d, "%s", addr_format_prefix(&fixed, good));
}
