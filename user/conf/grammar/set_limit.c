// SPDX-License-Identifier: GPL-2.0-only
/* The statement `set-limit`: its parts together, and what they must have in common. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/compile/derive.h"
#include "conf/grammar/per.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"
#include "conf/model/named.h"

static const struct word *find_word(const struct stmt *s, const char *text)
{
	for (size_t i = 1; i < s->words->count; i++)
		if (word_is(&s->words->word[i], text) &&
		    !word_is(&s->words->word[i - 1], "comment"))
			return &s->words->word[i];
	return NULL;
}

/* Refuses what the words at `clause` say about the limit; about the whole statement if they are not
 * there. */
static int refuse(struct stmt *s, const char *clause, const char *message, const char *expected)
{
	const struct word *w = find_word(s, clause);

	if (w)
		stmt_fail(s, w, 0, w->len, "%s", message);
	else
		stmt_fail_all(s, DIAG_SYNTAX, "%s", message);
	return diag_expect(s->d, "%s", expected);
}

/* A limit on keys of applications meets no packet. */
static int check_app(struct stmt *s, const struct conf_limit *l)
{
	if (conf_limit_is_default(l))
		return refuse(s, "app", "limit \"default\" is for packets, \"per app\" for hits",
			      "a name for the limit, by which applications call it");
	if (l->any || l->conds)
		return refuse(s, "match", "a limit per app judges no packets",
			      "no match: applications name the limit");
	if (l->abi.flags & RL_LIMIT_BAN_EVERYWHERE)
		return refuse(s, "everywhere", "a key of an application sends no packets",
			      "ban without \"everywhere\"");
	return 0;
}

static int check_match(struct stmt *s, const struct conf_limit *l)
{
	bool matches = l->any || l->conds > 0;

	if (conf_limit_is_app(l))
		return check_app(s, l);
	if (conf_limit_is_default(l) && matches)
		return refuse(s, "match", "limit \"default\" is for what no other limit matches",
			      "no match, or another name");
	if (!conf_limit_is_default(l) && !matches) {
		stmt_fail_end(s, "\"match\" is missing");
		return diag_expect(s->d, "match and conditions, or \"match any\" for all traffic");
	}
	return 0;
}

/* What a limit counts unless its rates say it: packets, or requests per app. */
static int settle_unit(struct stmt *s, struct conf_limit *l, bool said)
{
	if (conf_limit_is_app(l) && !said)
		l->abi.unit = RL_UNIT_REQUESTS;
	if (conf_limit_is_app(l) == (l->abi.unit == RL_UNIT_REQUESTS))
		return 0;
	if (conf_limit_is_app(l))
		return refuse(s, "app", "a limit per app counts requests", "requests, or no unit");
	stmt_fail_all(s, DIAG_UNSUPPORTED, "requests are counted only per app in this version");
	return diag_expect(s->d, "per app, or packets, bytes or connections");
}

static int check_moving(struct stmt *s, const struct rl_limit *l)
{
	if (l->unit == RL_UNIT_BYTES)
		return refuse(s, "moving-window",
			      "moving-window counts packets or connections, not bytes",
			      "sliding-window");
	for (unsigned i = 0; i < l->windows; i++)
		if (l->window[i].amount > RL_LOG_MAX)
			return refuse(s, "moving-window",
				      "moving-window keeps a log of at most 1024 packets",
				      "an amount up to 1024, or sliding-window");
	return 0;
}

static int check_bucket(struct stmt *s, struct rl_limit *l)
{
	if (l->windows != 1)
		return refuse(s, "token-bucket", "token-bucket takes one rate",
			      "one rate, or another strategy");
	if (l->window[0].amount == 0)
		return refuse(s, "token-bucket", "token-bucket of no tokens",
			      "fixed-window, which refuses everything");
	if (l->burst == l->window[0].amount)
		l->burst = 0;
	return 0;
}

static int check_limit(struct stmt *s, struct conf_limit *l)
{
	struct rl_limit *abi = &l->abi;
	int err = check_match(s, l);

	if (err)
		return err;
	if (abi->ban_ns && !(abi->key & RL_KEY_SOURCE))
		return refuse(s, "ban", "a ban needs a key with the source", "per source");
	if (abi->strategy == RL_STRATEGY_TOKEN_BUCKET)
		return check_bucket(s, abi);
	if (abi->burst)
		return refuse(s, "burst", "burst belongs to token-bucket alone",
			      "strategy token-bucket");
	return abi->strategy == RL_STRATEGY_MOVING_WINDOW ? check_moving(s, abi) : 0;
}

static char *export_text(const struct conf_limit *l)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out) {
		conf_export_limit(l, out);
		fclose(out);
	}
	return text;
}

/* What export would write must be a line again. */
static int check_length(struct stmt *s, const struct conf_limit *l)
{
	_cleanup_free_ char *text = NULL;

	if (strlen(s->words->line) < CONF_LINE_MAX / 4)
		return 0;
	text = export_text(l);
	if (!text)
		return diag_errno(s->d, ENOMEM, "cannot set a limit");
	if (strlen(text) <= CONF_LINE_MAX)
		return 0;
	return stmt_fail_all(s, DIAG_REFUSED,
			     "the limit written out is longer than a line of %d bytes",
			     CONF_LINE_MAX);
}

static int take_name(struct stmt *s, struct conf_limit *l)
{
	const struct word *w = stmt_peek(s);
	int err;

	snprintf(l->abi.name, sizeof(l->abi.name), "default");
	/* Names begin with a letter, rates do not; whatever else is wrong is a wrong rate. */
	if (!w ||
	    !((w->text[0] >= 'a' && w->text[0] <= 'z') || (w->text[0] >= 'A' && w->text[0] <= 'Z')))
		return 0;
	err = stmt_take_limit_name(s, &w);
	if (!err)
		memcpy(l->abi.name, w->text, w->len + 1);
	return err;
}

static int take_limit(struct stmt *s, struct conf_limit *l)
{
	int err = take_name(s, l);
	bool unit_said = false;

	per_default(&l->abi);
	l->abi.strategy = RL_STRATEGY_FIXED_WINDOW;
	l->abi.on_full = RL_ON_FULL_SPREAD;
	l->enabled = true;
	if (!err)
		err = rates_take(s, &l->abi, &unit_said);
	if (!err)
		err = clauses_take(s, l);
	if (!err)
		err = settle_unit(s, l, unit_said);
	if (!err)
		err = check_limit(s, l);
	if (!err && conf_derive(&l->abi))
		err = refuse(s, "burst", "burst would take more than 292 years to fill",
			     "a smaller burst");
	if (!err && !conf_limit_is_app(l))
		err = check_packets(s, l);
	return err ? err : check_length(s, l);
}

static void describe(struct stmt *s, const struct conf_limit *l, const struct conf_limit *old)
{
	struct conf_change *change = s->change;

	change->kind = old && old->enabled == l->enabled && conf_same_limit(old, l)
			       ? CONF_CHANGE_NONE
			       : CONF_CHANGE_LIMIT;
	snprintf(change->name, sizeof(change->name), "%s", l->abi.name);
	change->replaced = old;
	change->counts_kept = old && conf_same_state(&old->abi, &l->abi);
	if (!(l->abi.key & RL_KEY_SOURCE))
		stmt_warn(s, "limit \"%s\" counts per %s: one stranger can use it up for everybody",
			  l->abi.name, l->abi.key ? "destination" : "all");
	if (l->abi.flags & RL_LIMIT_BAN_EVERYWHERE)
		stmt_warn(s,
			  "limit \"%s\": packets with a made-up source can have others banned from "
			  "everything",
			  l->abi.name);
	note_windows(s, &l->abi);
}

int stmt_set_limit(struct stmt *s)
{
	_cleanup_(conf_limit_free_ptr) struct conf_limit *l = conf_limit_new();
	const struct conf_limit *old;
	int err;

	if (!l)
		return diag_errno(s->d, ENOMEM, "cannot set a limit");
	err = take_limit(s, l);
	if (err)
		return err;
	old = conf_find_limit(s->c, l->abi.name);
	if (!old && s->c->limits >= RL_LIMITS_MAX)
		return stmt_fail_all(s, DIAG_REFUSED, "more than %d limits", RL_LIMITS_MAX);
	if (s->origin && s->origin->file) {
		snprintf(l->file, sizeof(l->file), "%s", s->origin->file);
		l->line = s->origin->line;
	}
	if (!s->bulk && conf_settle_limit(s->c, l))
		return diag_errno(s->d, ENOMEM, "cannot set a limit");
	describe(s, l, old);
	if (conf_limit_put(s->c, l))
		return diag_errno(s->d, ENOMEM, "cannot set a limit");
	l = NULL;
	return 0;
}
