// SPDX-License-Identifier: GPL-2.0-only
/* `sources`: a bounded heap keeps the best while the table is walked; the least of them stands on
 * top. */
#include "rld/sources/sources.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rld/sources/key.h"
#include "rld/sources/scan.h"
#include "rld/sources/state.h"
#include "rld/sources/topn.h"

struct search {
	struct rld *rld;
	struct answer *answer;
	struct query query;
	__u32 limit_id; /* 0: all */
	__u64 total;
	struct topn top;
};

static __u64 rank_of(const struct search *search, const struct rl_state *state)
{
	switch (search->query.sort) {
	case SORT_DROP:
		return state->drop_packets;
	case SORT_WOULD_DROP:
		return state->would_packets;
	case SORT_PASS:
		return state->pass_packets;
	case SORT_SEEN:
		return state->last_seen;
	default:
		return state->drop_packets + state->would_packets;
	}
}

/* The limit of a source that is asked for, or NULL. */
static const struct conf_limit *wanted(const struct search *search, const struct rl_key *key,
				       const struct rl_state *state)
{
	const struct conf_limit *limit;

	if (state->fingerprint == RL_DEAD ||
	    (search->limit_id && key->limit_id != search->limit_id))
		return NULL;
	limit = rld_limit_by_id(search->rld, key->limit_id);
	if (limit && search->query.by_source &&
	    !key_is_about(&limit->abi, key, &search->query.source))
		return NULL;
	return limit;
}

static bool take_piece(void *ctx, const struct rl_key *keys, const struct rl_state *states,
		       size_t count)
{
	struct search *search = ctx;

	for (size_t i = 0; i < count; i++) {
		const struct conf_limit *limit = wanted(search, &keys[i], &states[i]);

		if (!limit)
			continue;
		search->total++;
		topn_offer(&search->top, rank_of(search, &states[i]), &keys[i], &states[i]);
	}
	return !answer_gone(search->answer);
}

static json_t *windows_json(struct dp *dp, const struct rl_limit *limit, const struct rl_key *key,
			    const struct rl_state *state, __u64 now_ns)
{
	json_t *list = json_array();
	char text[CONF_TEXT];

	for (unsigned i = 0; i < limit->windows; i++) {
		json_t *window = json_object();
		struct state_window view;

		state_window(dp, limit, i, key, state, now_ns, &view);
		json_set_text(window, "window", conf_format_window(limit, i, text));
		json_set_u64(window, "count", view.count);
		json_set_u64(window, "remaining", view.remaining);
		if (limit->burst)
			json_set_u64(window, "burst", limit->burst);
		json_set_u64(window, "reset_in_ns", view.reset_in_ns);
		json_array_append_new(list, window);
	}
	return list;
}

json_t *source_counts_json(const struct rl_limit *limit, const struct rl_key *key,
			   const struct rl_state *state)
{
	json_t *json = json_object();

	json_set_text(json, "limit", limit->name);
	key_set(json, limit, key);
	json_set_u64(json, "pass", state->pass_packets);
	json_set_u64(json, "drop", state->drop_packets);
	json_set_u64(json, "would_drop", state->would_packets);
	json_set_u64(json, "pass_bytes", state->pass_bytes);
	json_set_u64(json, "drop_bytes", state->drop_bytes);
	return json;
}

/* Who is only watched is not blocked, though the state says what would be. */
static void set_blocked(struct dp *dp, json_t *into, const struct rl_limit *limit, __u64 ns)
{
	bool watched = limit->flags & RL_LIMIT_MONITOR || dp_rules(dp)->mode != RL_MODE_ENFORCE;

	json_set_u64(into, "blocked_for_ns", watched ? 0 : ns);
	json_set_u64(into, "would_block_for_ns", watched ? ns : 0);
}

json_t *source_json(struct dp *dp, const struct rl_limit *limit, const struct rl_key *key,
		    const struct rl_state *state, __u64 now_ns)
{
	json_t *json = source_counts_json(limit, key, state);

	set_blocked(dp, json, limit, state_blocked_for(state, now_ns));
	json_set_bool(json, "banned", state->banned_until > now_ns);
	json_set_mono(json, "banned_until", state->banned_until > now_ns ? state->banned_until : 0);
	json_set_u64(json, "bans", state->ban_times);
	json_object_set_new(json, "windows", windows_json(dp, limit, key, state, now_ns));
	json_set_mono(json, "first_seen", state->first_seen);
	json_set_mono(json, "last_seen", state->last_seen);
	return json;
}

/* What refuses all of a source before any limit is asked. */
static void set_denied(const struct rld *rld, const struct topn_source *source,
		       const struct rl_limit *limit, json_t *into)
{
	__s64 now_s = clock_now_s(&rld->clock);
	const struct conf_entry *entry;
	struct addr_prefix own;

	if (!key_prefix(limit, &source->key, &own))
		return;
	entry = conf_list_match(conf_deny(rld->conf), &own.addr, now_s);
	if (entry && entry->prefix.len <= own.len &&
	    !conf_list_match(conf_allow(rld->conf), &own.addr, now_s))
		json_set_text(into, "denied", conf_entry_is_ban(entry) ? "ban" : "deny");
}

static void finish(void *ctx, int err)
{
	struct search *search = ctx;
	json_t *list = json_array();
	__u64 now_ns = time_mono_ns();
	struct diag d;

	topn_sort(&search->top);
	for (size_t i = 0; i < search->top.count; i++) {
		const struct topn_source *source = &search->top.v[i];
		const struct conf_limit *limit = rld_limit_by_id(search->rld, source->key.limit_id);
		json_t *json;

		if (!limit)
			continue;
		json = source_json(search->rld->dp, &limit->abi, &source->key, &source->state,
				   now_ns);
		set_denied(search->rld, source, &limit->abi, json);
		json_array_append_new(list, json);
	}
	if (err) {
		json_decref(list);
		diag_errno(&d, -err, "cannot walk the state table");
		answer_error(search->answer, &d);
	} else {
		answer_data(search->answer, json_pack("{s:o, s:I}", "sources", list, "total",
						      (json_int_t)search->total));
	}
	topn_done(&search->top);
	free(search);
}

int sources_query(struct rld *rld, const struct query *query, struct answer *answer, struct diag *d)
{
	const struct conf_limit *limit =
		query->limit ? conf_find_limit(rld->conf, query->limit) : NULL;
	struct search *search;
	int err;

	if (query->limit && !limit)
		return diag_set(d, DIAG_FAILED, "there is no limit %s", query->limit);
	search = calloc(1, sizeof(*search));
	if (!search)
		return diag_errno(d, ENOMEM, "cannot walk the state table");
	*search = (struct search){.rld = rld, .answer = answer, .query = *query};
	search->top.max = query->top;
	search->limit_id = limit ? limit->abi.id : 0;
	err = scan_start(rld->scans, take_piece, finish, search);
	if (!err)
		return 0;
	free(search);
	return diag_errno(d, -err, "cannot walk the state table");
}
