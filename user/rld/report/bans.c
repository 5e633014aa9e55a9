// SPDX-License-Identifier: GPL-2.0-only
/* Bans by limits: who, by which limit, why and until when. */
#include "rld/report/bans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/units.h"
#include "rld/report/texts.h"
#include "rld/sources/scan.h"
#include "rld/sources/sources.h"
#include "rld/sources/topn.h"

#define BANS_MAX 10000 /* those that last longest; `bans_total` counts all */

struct listing {
	struct rld *rld;
	struct answer *answer;
	struct topn top; /* by the end of the ban */
	__u64 total;
};

static bool take_piece(void *ctx, const struct rl_key *keys, const struct rl_state *states,
		       size_t count)
{
	struct listing *listing = ctx;
	__u64 now_ns = time_mono_ns();

	for (size_t i = 0; i < count; i++) {
		const struct conf_limit *limit = rld_limit_by_id(listing->rld, keys[i].limit_id);
		__u64 until_ns = states[i].banned_until;

		if (states[i].fingerprint == RL_DEAD || until_ns <= now_ns || !limit)
			continue;
		listing->total++;
		topn_offer(&listing->top, until_ns, &keys[i], &states[i]);
	}
	return !answer_gone(listing->answer);
}

/* "3 breaches in 10m"; NULL where the limit gives no bans any more. */
static const char *reason(const struct rl_limit *limit, char *buf, size_t size)
{
	char span[UNITS_TEXT];

	if (!limit->ban_ns)
		return NULL;
	if (limit->ban_after == 1)
		snprintf(buf, size, "1 breach");
	else
		snprintf(buf, size, "%u breaches in %s", limit->ban_after,
			 units_format_duration(limit->ban_within_ns, span));
	return buf;
}

static json_t *ban_json(const struct conf_limit *by, const struct topn_source *source, __u64 now_ns)
{
	const struct rl_limit *limit = &by->abi;
	const struct rl_state *state = &source->state;
	json_t *json = source_counts_json(limit, &source->key, state);
	__u64 until_ns = state->banned_until;
	char text[128];

	json_set_mono(json, "until", until_ns);
	json_set_u64(json, "left_ns", until_ns > now_ns ? until_ns - now_ns : 0);
	json_set_u64(json, "bans", state->ban_times);
	json_set_u64(json, "breaches", limit->ban_after);
	json_set_bool(json, "everywhere", limit->flags & RL_LIMIT_BAN_EVERYWHERE);
	json_set_text(json, "reason", reason(limit, text, sizeof(text)));
	json_set_bool(json, "enabled", by->enabled);
	return json;
}

static json_t *bans_json(struct listing *listing)
{
	__u64 now_ns = time_mono_ns();
	json_t *list = json_array();

	topn_sort(&listing->top);
	for (size_t i = 0; i < listing->top.count; i++) {
		const struct topn_source *source = &listing->top.v[i];
		const struct conf_limit *limit =
			rld_limit_by_id(listing->rld, source->key.limit_id);

		if (limit)
			json_array_append_new(list, ban_json(limit, source, now_ns));
	}
	return list;
}

static void finish(void *ctx, int err)
{
	struct listing *listing = ctx;
	json_t *bans;
	struct diag d;

	if (err) {
		diag_errno(&d, -err, "cannot walk the state table");
		answer_error(listing->answer, &d);
	} else {
		bans = json_pack("{s:o, s:I}", "bans", bans_json(listing), "bans_total",
				 (json_int_t)listing->total);
		if (texts_make(listing->rld->texts, TEXTS_LISTS, listing->answer, bans, &d))
			answer_error(listing->answer, &d);
	}
	topn_done(&listing->top);
	free(listing);
}

int bans_query(struct rld *rld, struct answer *answer, struct diag *d)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	int err;

	if (!listing)
		return diag_errno(d, ENOMEM, "cannot walk the state table");
	*listing = (struct listing){.rld = rld, .answer = answer, .top.max = BANS_MAX};
	err = scan_start(rld->scans, take_piece, finish, listing);
	if (!err)
		return 0;
	free(listing);
	return diag_errno(d, -err, "cannot walk the state table");
}
