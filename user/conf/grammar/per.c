// SPDX-License-Identifier: GPL-2.0-only
/* The clause `per KEY`: what a limit counts per. */
#include <string.h>

#include "conf/grammar/later.h"
#include "conf/grammar/per.h"

#define PARTS "source dport sport proto destination all app"

static const struct part {
	const char *name;
	__u8 bit;
} parts[] = {
	{"source", RL_KEY_SOURCE}, {"destination", RL_KEY_DESTINATION},
	{"dport", RL_KEY_DPORT},   {"sport", RL_KEY_SPORT},
	{"proto", RL_KEY_PROTO},
};

static void set_prefixes(struct rl_limit *l, unsigned prefix4, unsigned prefix6)
{
	l->prefix4 = (__u8)prefix4;
	l->prefix6 = (__u8)prefix6;
}

void per_default(struct rl_limit *l)
{
	l->key = RL_KEY_SOURCE;
	set_prefixes(l, 32, 64);
}

static int fail_length(struct stmt *s, const struct word *w, size_t from, size_t len)
{
	stmt_fail(s, w, from, len, "bad prefix length \"%.*s\"", len > 64 ? 64 : (int)len,
		  w->text + from);
	return diag_expect(s->d,
			   "source/N with N up to 32, or source/N/M with M up to 128 for IPv6");
}

/* "/24" or "/24/56" from byte `from` of the word to byte `end`. */
static int take_lengths(struct stmt *s, struct rl_limit *l, const struct word *w,
			const size_t range[2])
{
	static const __u64 max[2] = {32, 128};
	__u64 value[2] = {32, 64};
	size_t at = range[0];

	for (unsigned i = 0; at < range[1]; i++) {
		const char *slash = memchr(w->text + at + 1, '/', range[1] - at - 1);
		size_t end = slash ? (size_t)(slash - w->text) : range[1];

		if (i == 2 || units_parse_u64(w->text + at + 1, end - at - 1, &value[i]) ||
		    value[i] > max[i])
			return fail_length(s, w, at, end - at);
		at = end;
	}
	set_prefixes(l, (unsigned)value[0], (unsigned)value[1]);
	return 0;
}

static int take_part(struct stmt *s, struct rl_limit *l, const struct word *w,
		     const size_t range[2])
{
	const char *text = w->text + range[0];
	size_t len = range[1] - range[0];
	const char *slash = memchr(text, '/', len);
	size_t name_len = slash ? (size_t)(slash - text) : len;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strlen(parts[i].name) != name_len || memcmp(parts[i].name, text, name_len) != 0)
			continue;
		if (l->key & parts[i].bit) {
			stmt_fail(s, w, range[0], len, "\"%s\" stands twice in the key",
				  parts[i].name);
			return diag_expect(s->d, "each part once");
		}
		if (slash && parts[i].bit != RL_KEY_SOURCE)
			return fail_length(s, w, range[0] + name_len, len - name_len);
		l->key |= parts[i].bit;
		return parts[i].bit == RL_KEY_SOURCE
			       ? take_lengths(s, l, w, (size_t[]){range[0] + name_len, range[1]})
			       : 0;
	}
	return stmt_fail_part(s, w, range[0], len,
			      later_has("key", text, len) ? "key" : "part of a key", PARTS);
}

static int take_parts(struct stmt *s, struct rl_limit *l, const struct word *w)
{
	size_t range[2] = {0, 0};
	int err;

	do {
		const char *comma = memchr(w->text + range[0], ',', w->len - range[0]);

		range[1] = comma ? (size_t)(comma - w->text) : w->len;
		err = take_part(s, l, w, range);
		if (err)
			return err;
		range[0] = range[1] + 1;
	} while (range[1] < w->len);
	if (l->key & (RL_KEY_SOURCE | RL_KEY_DESTINATION))
		return 0;
	stmt_fail(s, w, 0, w->len, "key \"%.64s\" has neither source nor destination", w->text);
	return diag_expect(s->d, "source or destination with any of ,dport ,sport ,proto; or all");
}

int per_take(struct stmt *s, struct conf_limit *l)
{
	const struct word *w;
	int err = stmt_take(s, "the key", &w);

	if (err)
		return err;
	l->abi.key = 0;
	set_prefixes(&l->abi, 0, 0);
	if (word_is(w, "app")) {
		l->abi.key = RL_KEY_SOURCE | RL_KEY_APP;
		set_prefixes(&l->abi, 32, 128);
		return 0;
	}
	return word_is(w, "all") ? 0 : take_parts(s, &l->abi, w);
}
