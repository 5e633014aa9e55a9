// SPDX-License-Identifier: GPL-2.0-only
/* `clear`, and what `unban` needs of it, in one walk through the state table. */
#include "rld/change/clear.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/grammar/nearest.h"
#include "rld/app/digest.h"
#include "rld/kept/kept.h"
#include "rld/loop/log.h"
#include "rld/sources/key.h"
#include "rld/sources/scan.h"

struct clearing {
	struct rld *rld;
	struct answer *answer; /* NULL: nobody waits */
	json_t *data;	       /* of the answer */
	struct addr_prefix prefix;
	bool all;
	bool banned_only;
	__u32 limit_id; /* 0: all */
	bool lifted;	/* a ban from everything */
	__u64 cleared;
	struct rl_key key[RL_SWEEP_MAX];
};

/* A limit that is gone has no prefix to tell: what is left of it is not the caller's to forget. */
static bool wanted(const struct clearing *clearing, const struct rl_key *key)
{
	const struct conf_limit *limit = rld_limit_by_id(clearing->rld, key->limit_id);

	if (clearing->limit_id && key->limit_id != clearing->limit_id)
		return false;
	return clearing->all || (limit && key_is_about(&limit->abi, key, &clearing->prefix));
}

/* Of a ban from everything. */
static bool covers_ban(const struct clearing *clearing, const struct rl_ban_key *key,
		       const struct rl_ban *ban)
{
	struct addr_prefix own = {
		.addr = key->source,
		.len = addr_is_ipv4(&key->source) ? (__u8)(key->prefix4 + ADDR_MAPPED_BITS)
						  : key->prefix6,
	};

	if (clearing->limit_id && ban->limit_id != clearing->limit_id)
		return false;
	return clearing->all || addr_overlap(&own, &clearing->prefix);
}

static bool lifts(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	struct clearing *clearing = ctx;
	bool lift = covers_ban(clearing, key, ban);

	clearing->lifted |= lift;
	return lift;
}

static void done(struct clearing *clearing)
{
	kept_touch(clearing->rld->kept);
	json_decref(clearing->data);
	free(clearing);
}

static void give_answer(struct clearing *clearing)
{
	if (clearing->cleared || clearing->lifted)
		json_set_bool(clearing->data, "changed", true);
	if (!clearing->banned_only)
		json_set_u64(clearing->data, "cleared", clearing->cleared);
	answer_data(clearing->answer, json_incref(clearing->data));
}

static bool take_piece(void *ctx, const struct rl_key *keys, const struct rl_state *states,
		       size_t count)
{
	struct clearing *clearing = ctx;
	size_t used = 0;
	size_t deleted = 0;

	for (size_t i = 0; i < count; i++)
		if ((states[i].ban_open || !clearing->banned_only) && wanted(clearing, &keys[i]))
			clearing->key[used++] = keys[i];
	if (used && !dp_sweep(clearing->rld->dp, RL_SWEEP_CLEAR, clearing->key, used, 0, &deleted))
		clearing->cleared += deleted;
	return true;
}

static void finish(void *ctx, int err)
{
	struct clearing *clearing = ctx;
	struct diag d;

	if (!clearing->answer) {
		if (err)
			log_line("cannot lift all bans by limits: %s", strerror(-err));
	} else if (err) {
		diag_errno(&d, -err, "cannot clear all of it");
		answer_error(clearing->answer, &d);
	} else {
		give_answer(clearing);
	}
	done(clearing);
}

static void go_on(void *ctx, int err)
{
	struct clearing *clearing = ctx;

	if (!err)
		err = scan_start(clearing->rld->scans, take_piece, finish, clearing);
	if (err)
		finish(clearing, err);
}

/* The bans from everything, then the states and what limits know of bans. */
static int start(struct clearing *clearing)
{
	return scan_lift_bans(clearing->rld->scans, lifts, go_on, clearing);
}

/* The word is a key as the application names it. */
static int clear_key(struct rld *rld, const struct query *query, const struct conf_limit *limit,
		     struct answer *answer, struct diag *d)
{
	struct rl_key key = {.limit_id = limit->abi.id};
	size_t cleared = 0;
	json_t *data;
	int err;

	digest_make(rld->app_secret, query->word, strlen(query->word), &key.source);
	err = dp_sweep(rld->dp, RL_SWEEP_CLEAR, &key, 1, 0, &cleared);
	if (err)
		return diag_errno(d, -err, "cannot clear");
	kept_touch(rld->kept);
	data = json_pack("{s:b}", "changed", cleared != 0);
	json_set_u64(data, "cleared", cleared);
	answer_data(answer, data);
	return 0;
}

int clear_query(struct rld *rld, const struct query *query, struct answer *answer, struct diag *d)
{
	const struct conf_limit *limit =
		query->limit ? conf_find_limit(rld->conf, query->limit) : NULL;
	struct clearing *clearing;
	int err;

	if (query->limit && !limit)
		return diag_set(d, DIAG_FAILED, "there is no limit %s", query->limit);
	if (!query->word)
		return diag_set(d, DIAG_USAGE, "clear takes an address, a prefix or \"all\"");
	if (limit && conf_limit_is_app(limit) && strcmp(query->word, "all") != 0)
		return clear_key(rld, query, limit, answer, d);
	clearing = calloc(1, sizeof(*clearing));
	if (!clearing)
		return diag_errno(d, ENOMEM, "cannot clear");
	clearing->rld = rld;
	clearing->answer = answer;
	clearing->data = json_pack("{s:b}", "changed", false);
	clearing->limit_id = limit ? limit->abi.id : 0;
	clearing->all = !strcmp(query->word, "all");
	if (!clearing->all &&
	    addr_parse_prefix(query->word, strlen(query->word), &clearing->prefix)) {
		err = diag_set(d, DIAG_USAGE,
			       "\"%s\" is not an address, a prefix without host bits or \"all\"",
			       query->word);
		nearest_hint_of(d, query->word, strlen(query->word), "all");
	} else if ((err = start(clearing))) {
		diag_errno(d, -err, "cannot walk the state table");
	}
	if (err)
		done(clearing);
	return err;
}

bool clear_bans(struct rld *rld, const struct addr_prefix *prefix, struct answer *answer,
		json_t *data)
{
	struct clearing *clearing = calloc(1, sizeof(*clearing));
	int err = clearing ? 0 : -ENOMEM;

	if (!err) {
		clearing->rld = rld;
		clearing->answer = answer;
		clearing->data = json_incref(data);
		clearing->prefix = *prefix;
		clearing->banned_only = true;
		err = start(clearing);
	}
	json_decref(data);
	if (!err)
		return true;
	log_line("cannot lift bans by limits: %s", strerror(-err));
	if (clearing)
		done(clearing);
	return false;
}
