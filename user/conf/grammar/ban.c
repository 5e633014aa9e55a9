// SPDX-License-Identifier: GPL-2.0-only
/* The clause `ban for D [up to D] [after N breaches in D] [everywhere]`: its parts in any order. */
#include <errno.h>

#include "conf/grammar/nearest.h"
#include "conf/grammar/per.h"

static int take_for(struct stmt *s, struct rl_limit *l)
{
	return stmt_take_duration(s, "how long the ban is", &l->ban_ns);
}

static int expect_word(struct stmt *s, const char *text, const char *other)
{
	const struct word *w;
	int err = stmt_take(s, text, &w);

	if (err || word_is(w, text) || (other && word_is(w, other)))
		return err;
	stmt_fail(s, w, 0, w->len, "unexpected \"%.64s\" in a ban", w->text);
	diag_expect(s->d, "%s", text);
	nearest_hint(s->d, w->text, &text, 1);
	return -EINVAL;
}

static int take_up_to(struct stmt *s, struct rl_limit *l)
{
	int err = expect_word(s, "to", NULL);

	return err ? err : stmt_take_duration(s, "the longest ban", &l->ban_max_ns);
}

static int take_after(struct stmt *s, struct rl_limit *l)
{
	static const struct conf_range range = {1, 1000000};
	__u64 after;
	int err = stmt_take_number(s, "number of breaches", &range, &after);

	if (!err)
		err = expect_word(s, "breaches", "breach");
	if (!err)
		err = expect_word(s, "in", NULL);
	if (!err)
		err = stmt_take_duration(s, "the time in which breaches count", &l->ban_within_ns);
	if (!err)
		l->ban_after = (__u32)after;
	return err;
}

static int take_everywhere(struct stmt *s, struct rl_limit *l)
{
	l->flags |= RL_LIMIT_BAN_EVERYWHERE;
	return 0;
}

static const struct {
	const char *word;
	int (*take)(struct stmt *s, struct rl_limit *l);
} parts[] = {
	{"for", take_for},
	{"up", take_up_to},
	{"after", take_after},
	{"everywhere", take_everywhere},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static size_t find_part(const struct word *w)
{
	size_t i = 0;

	while (i < PARTS && !word_is(w, parts[i].word))
		i++;
	return i;
}

static int check(struct stmt *s, struct rl_limit *l, const struct word *ban)
{
	const struct word *w = stmt_peek(s);

	if (l->ban_ns == 0) {
		if (w)
			stmt_fail(s, w, 0, w->len,
				  "how long the ban is is missing before \"%.64s\"", w->text);
		else
			stmt_fail_end(s, "how long the ban is is missing");
		diag_expect(s->d, "for DURATION");
		if (w && !clause_is(w->text, w->len))
			nearest_hint_of(s->d, w->text, w->len, BAN_WORDS);
		return -EINVAL;
	}
	if (l->ban_max_ns == 0)
		l->ban_max_ns = l->ban_ns;
	if (l->ban_after == 0)
		l->ban_after = 1;
	if (l->ban_max_ns >= l->ban_ns)
		return 0;
	stmt_fail(s, ban, 0, ban->len, "the longest ban is shorter than the first");
	return diag_expect(s->d, "\"up to\" at least as long as \"for\"");
}

int ban_take(struct stmt *s, struct conf_limit *l)
{
	const struct word *ban = &s->words->word[s->at - 1];
	unsigned seen = 0;

	for (size_t i; (i = find_part(stmt_peek(s))) < PARTS; seen |= 1u << i) {
		const struct word *w = stmt_peek(s);
		int err;

		if (seen & 1u << i) {
			stmt_fail(s, w, 0, w->len, "\"%s\" stands twice in the ban", w->text);
			return diag_expect(s->d, "each part once");
		}
		s->at++;
		err = parts[i].take(s, &l->abi);
		if (err)
			return err;
	}
	return check(s, &l->abi, ban);
}
