// SPDX-License-Identifier: GPL-2.0-only
/* What limits hold against a source, apart from any packet. */
#include "rld/explain/explain_open.h"

#include <errno.h>

#include "base/names.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rld/sources/key.h"
#include "rld/sources/sources.h"
#include "rld/sources/state.h"
#include "rld/sources/totals.h"

/* What a packet would meet there. */
enum met { MET_PASS, MET_DROP, MET_WOULD_DROP, MET_UNKNOWN };
static const char *const mets[] = {"pass", "drop", "would_drop", "unknown"};

struct asking {
	struct rld *rld;
	const struct conf_packet *packet;
	__u64 now_ns;
};

static bool used_up(const struct asking *a, const struct rl_limit *limit, const struct rl_key *key,
		    const struct rl_state *state)
{
	__u64 cost = limit->unit == RL_UNIT_BYTES ? a->packet->bytes : 1;

	for (unsigned i = 0; i < limit->windows; i++) {
		struct state_window view;

		state_window(a->rld->dp, limit, i, key, state, a->now_ns, &view);
		if (view.remaining < cost)
			return true;
	}
	return false;
}

static enum met of_refusal(const struct asking *a, const struct rl_limit *limit)
{
	return limit->flags & RL_LIMIT_MONITOR || a->rld->conf->mode == RL_MODE_MONITOR
		       ? MET_WOULD_DROP
		       : MET_DROP;
}

/* Of one that has no state: it gets one, or where there is no room what `on-full` says. */
static enum met of_stranger(const struct asking *a, const struct rl_limit *limit,
			    const struct rl_key *key, const struct rl_state *none)
{
	if (used_up(a, limit, key, none))
		return of_refusal(a, limit);
	if (totals_tracked(a->rld, NULL) < dp_sources_max(a->rld->dp))
		return MET_PASS;
	return limit->on_full == RL_ON_FULL_PASS ? MET_PASS : MET_UNKNOWN;
}

static enum met look_up(const struct asking *a, const struct rl_limit *limit, json_t *into)
{
	struct rl_state state = {0};
	struct rl_key key;
	int err;

	key_make(limit, a->packet, &key);
	err = dp_lookup(a->rld->dp, &key, &state);
	if (err && err != -ENOENT)
		return MET_UNKNOWN;
	json_object_update_missing_new(into,
				       source_json(a->rld->dp, limit, &key, &state, a->now_ns));
	json_set_text(into, "state", err ? "new" : "tracked");
	json_set_u64(into, "banned_for_ns",
		     state.banned_until > a->now_ns ? state.banned_until - a->now_ns : 0);
	if (err)
		return of_stranger(a, limit, &key, &state);
	if (state_blocked_for(&state, a->now_ns) || used_up(a, limit, &key, &state))
		return of_refusal(a, limit);
	return MET_PASS;
}

static void add(const struct asking *a, const struct conf_limit *limit, struct explain_open *to)
{
	char needs[CONF_TEXT], text[CONF_TEXT];
	bool keyed;
	enum conf_fit fit = conf_packet_fit(a->packet, limit, needs, &keyed);
	enum met met = MET_UNKNOWN;
	json_t *json;

	if (fit == CONF_FIT_NO || fit == CONF_FIT_YES)
		return;
	json = json_object();
	json_set_text(json, "limit", limit->abi.name);
	json_set_text(json, "needs", needs);
	json_set_text(json, "per", conf_format_per(&limit->abi, text));
	json_set_text(json, "strategy", names_text(&names_strategy, limit->abi.strategy));
	json_set_text(json, "mode", limit->abi.flags & RL_LIMIT_MONITOR ? "monitor" : "enforce");
	if (keyed)
		met = look_up(a, &limit->abi, json);
	json_set_text(json, "outcome", mets[met]);
	json_array_append_new(to->limits, json);
	to->depends |= fit == CONF_FIT_OPEN && met != MET_PASS;
	to->shields |= fit == CONF_FIT_OPEN && !(limit->abi.flags & RL_LIMIT_MONITOR);
}

struct explain_open explain_open(struct rld *rld, const struct conf_packet *packet)
{
	const struct asking a = {.rld = rld, .packet = packet, .now_ns = time_mono_ns()};
	struct explain_open open = {.limits = json_array()};

	for (size_t i = 0; i < rld->conf->limits; i++)
		if (rld->conf->limit[i]->enabled && !conf_limit_is_app(rld->conf->limit[i]))
			add(&a, rld->conf->limit[i], &open);
	return open;
}
