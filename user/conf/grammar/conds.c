// SPDX-License-Identifier: GPL-2.0-only
/* Conditions: `[not] WORD [LIST]`, by the table of their kinds. */
#include <errno.h>
#include <string.h>

#include "conf/grammar/cond_list.h"
#include "conf/grammar/cond_names.h"
#include "conf/grammar/later.h"
#include "conf/grammar/nearest.h"
#include "conf/grammar/print.h"
#include "conf/grammar/stmt.h"
#include "conf/model/cond.h"
#include "conf/model/conf_internal.h"

typedef int (*take_fn)(struct stmt *s, struct conf_cond *cond, __u32 max);

static const take_fn takers[COND_FORM_COUNT] = {
	[COND_WORD] = NULL,
	[COND_NUMBERS] = cond_take_ranges,
	[COND_PROTOS] = cond_take_protos,
	[COND_FLAGS] = cond_take_flags,
	[COND_PREFIXES] = cond_take_prefixes,
	[COND_IFACES] = cond_take_ifaces,
};

const char *conf_cond_word(enum conf_cond_kind kind)
{
	return cond_kind(kind)->word;
}

/* All words that a condition can begin with: their number. */
#define KNOWN_MAX (PROTO_NAMES_MAX + CONF_COND_KIND_COUNT + 2)
static size_t known_words(const char *known[static KNOWN_MAX])
{
	size_t count = proto_names(known);

	for (unsigned k = 0; k < CONF_COND_KIND_COUNT; k++)
		known[count++] = cond_kind((enum conf_cond_kind)k)->word;
	known[count++] = "not";
	known[count++] = "any";
	return count;
}

/* The kind that a word begins, or CONF_COND_KIND_COUNT. A list of protocols' names is a condition
 * without a word of its own. */
static enum conf_cond_kind find(const struct word *w)
{
	const char *comma = memchr(w->text, ',', w->len);
	enum conf_cond_kind kind = cond_kind_of(w->text, w->len);

	if (kind == CONF_COND_KIND_COUNT &&
	    proto_find(w->text, comma ? (size_t)(comma - w->text) : w->len) >= 0)
		return CONF_COND_PROTO;
	return kind;
}

static bool is_cond(const struct word *w)
{
	return find(w) != CONF_COND_KIND_COUNT;
}

/* `last`: a clause may stand here as well. */
static int fail_unknown(struct stmt *s, const struct word *w, bool last)
{
	const char *known[KNOWN_MAX + CLAUSES_MAX];
	size_t count = known_words(known);
	bool action = last && later_has("action", w->text, w->len);

	stmt_fail_unknown(s, w, action ? "action" : "condition", known, count);
	if (!last || action || later_has("condition", w->text, w->len))
		return -EINVAL;
	nearest_hint(s->d, w->text, known, count + clause_names(known + count));
	return -EINVAL;
}

static int take_list(struct stmt *s, enum conf_cond_kind kind, struct conf_cond *cond)
{
	const struct cond_kind *row = cond_kind(kind);
	/* A bare list of protocols is its own word. */
	bool bare = kind == CONF_COND_PROTO && !stmt_peek_is(s, row->word);

	cond->kind = kind;
	if (bare)
		return cond_take_proto_names(s, cond);
	s->at++;
	return takers[row->form] ? takers[row->form](s, cond, row->max) : 0;
}

int cond_take(struct stmt *s, struct conf_cond *ret)
{
	const struct word *w = stmt_peek(s);
	int err;

	if (!w || !is_cond(w))
		return 0;
	err = take_list(s, find(w), ret);
	if (!err)
		return 1;
	conf_cond_done(ret);
	return err;
}

static int take_cond(struct stmt *s, struct conf_limit *l, bool negated)
{
	const struct word *w = stmt_peek(s);
	struct conf_cond *cond = &l->cond[l->conds];
	size_t from = s->at - negated;
	int err;

	if (l->conds == CONF_CONDS_MAX) {
		stmt_fail(s, w, 0, w->len, "more than %d conditions", CONF_CONDS_MAX);
		return diag_expect(s->d, "fewer conditions, with longer lists");
	}
	err = cond_take(s, cond);
	if (err < 0)
		return err;
	cond->negated = negated;
	s->cond[l->conds].from = from;
	s->cond[l->conds].to = s->at;
	l->conds++;
	return 0;
}

static int take_not(struct stmt *s, bool *ret)
{
	*ret = stmt_peek_is(s, "not");
	if (!*ret)
		return 0;
	s->at++;
	if (!stmt_peek(s)) {
		stmt_fail_end(s, "condition is missing after \"not\"");
		return diag_expect(s->d, "a condition like \"dport 22\"");
	}
	return is_cond(stmt_peek(s)) ? 0 : fail_unknown(s, stmt_peek(s), false);
}

int conds_take(struct stmt *s, struct conf_limit *l)
{
	const struct word *w;
	bool negated;
	int err;

	while ((w = stmt_peek(s))) {
		err = take_not(s, &negated);
		if (err)
			return err;
		if (!is_cond(stmt_peek(s)))
			break;
		err = take_cond(s, l, negated);
		if (err)
			return err;
	}
	if (w && !clause_is(w->text, w->len))
		return fail_unknown(s, w, true);
	if (l->conds > 0)
		return 0;
	if (w)
		stmt_fail(s, w, 0, w->len, "condition is missing before \"%s\"", w->text);
	else
		stmt_fail_end(s, "condition is missing");
	return diag_expect(s->d, "conditions like \"tcp dport 22\", or any");
}
