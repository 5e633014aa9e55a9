// SPDX-License-Identifier: GPL-2.0-only
/* The table of clauses, one row each, and what each takes. */
#include <errno.h>
#include <string.h>

#include "base/names.h"
#include "conf/grammar/later.h"
#include "conf/grammar/nearest.h"
#include "conf/grammar/per.h"
#include "conf/grammar/stmt.h"

static int take_match(struct stmt *s, struct conf_limit *l)
{
	if (stmt_peek_is(s, "any")) {
		s->at++;
		l->any = true;
		return 0;
	}
	return conds_take(s, l);
}

static int take_named(struct stmt *s, const struct names *names, const char *what, __u8 *ret)
{
	const struct word *w;
	int found, err = stmt_take(s, what, &w);

	if (err)
		return err;
	found = names_find(names, w->text, w->len);
	if (found < 0)
		return stmt_fail_unknown(s, w, what, names->text, names->count);
	*ret = (__u8)found;
	return 0;
}

static int take_strategy(struct stmt *s, struct conf_limit *l)
{
	return take_named(s, &names_strategy, "strategy", &l->abi.strategy);
}

static int take_on_full(struct stmt *s, struct conf_limit *l)
{
	return take_named(s, &names_on_full, "on-full policy", &l->abi.on_full);
}

static int take_burst(struct stmt *s, struct conf_limit *l)
{
	const struct word *w;
	bool bytes;
	int err = stmt_take(s, "an amount", &w);

	if (err)
		return err;
	err = units_parse_amount(w->text, w->len, &l->abi.burst, &bytes);
	if (err || l->abi.burst == 0) {
		stmt_fail(s, w, 0, w->len,
			  err == -ERANGE ? "burst \"%.64s\" is too large" : "bad burst \"%.64s\"",
			  w->text);
		return diag_expect(s->d, "an amount of at least 1, like 20, 10k or 5MB");
	}
	if (bytes && l->abi.unit != RL_UNIT_BYTES) {
		stmt_fail(s, w, 0, w->len, "burst in bytes of a limit on %s",
			  names_text(&names_unit, l->abi.unit));
		return diag_expect(s->d, "an amount in the limit's own unit");
	}
	return 0;
}

static int take_action(struct stmt *s, struct conf_limit *l)
{
	static const char *const known[] = {"drop"};
	const struct word *w;
	int err = stmt_take(s, "action", &w);

	if (err || word_is(w, "drop"))
		return err;
	return stmt_fail_unknown(s, w, "action", known, 1);
}

static int take_monitor(struct stmt *s, struct conf_limit *l)
{
	l->abi.flags |= RL_LIMIT_MONITOR;
	return 0;
}

static int take_comment(struct stmt *s, struct conf_limit *l)
{
	const struct word *w;
	int err = stmt_take(s, "the comment", &w);

	if (err)
		return err;
	if (w->len > CONF_COMMENT_MAX) {
		stmt_fail(s, w, 0, w->len, "comment is longer than %d bytes", CONF_COMMENT_MAX);
		return diag_expect(s->d, "a shorter comment");
	}
	memcpy(l->comment, w->text, w->len + 1);
	return 0;
}

static const struct clause {
	const char *name;
	int (*take)(struct stmt *s, struct conf_limit *l);
} clauses[] = {
	{"per", per_take},     {"match", take_match},	  {"strategy", take_strategy},
	{"burst", take_burst}, {"action", take_action},	  {"monitor", take_monitor},
	{"ban", ban_take},     {"on-full", take_on_full}, {"comment", take_comment},
};
#define CLAUSES (sizeof(clauses) / sizeof(clauses[0]))
_Static_assert(CLAUSES <= CLAUSES_MAX, "clause_names has room");

bool clause_is(const char *text, size_t len)
{
	for (size_t i = 0; i < CLAUSES; i++)
		if (strlen(clauses[i].name) == len && memcmp(clauses[i].name, text, len) == 0)
			return true;
	return later_has("clause", text, len);
}

size_t clause_names(const char *ret[static CLAUSES_MAX])
{
	for (size_t i = 0; i < CLAUSES; i++)
		ret[i] = clauses[i].name;
	return CLAUSES;
}

/* Of what a later version knows in another place that place is said. */
static int fail_unknown(struct stmt *s, const struct word *w, const struct conf_limit *l)
{
	static const char *const elsewhere[] = {"action", "condition"};
	const char *known[CLAUSES_MAX], *what = "clause";
	size_t count = clause_names(known);

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
		if (later_has(elsewhere[i], w->text, w->len))
			what = elsewhere[i];
	stmt_fail_unknown(s, w, what, known, count);
	if (l->abi.ban_ns && !s->d->hint[0])
		nearest_hint_of(s->d, w->text, w->len, BAN_WORDS);
	return -EINVAL;
}

int clauses_take(struct stmt *s, struct conf_limit *l)
{
	const struct word *w;
	unsigned seen = 0;
	int err;

	while ((w = stmt_peek(s))) {
		size_t i = 0;

		while (i < CLAUSES && !word_is(w, clauses[i].name))
			i++;
		if (i == CLAUSES)
			return fail_unknown(s, w, l);
		if (seen & 1u << i) {
			stmt_fail(s, w, 0, w->len, "clause \"%s\" stands here twice", w->text);
			return diag_expect(s->d, "each clause once");
		}
		seen |= 1u << i;
		s->at++;
		err = clauses[i].take(s, l);
		if (err)
			return err;
	}
	return 0;
}
