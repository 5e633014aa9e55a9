// SPDX-License-Identifier: GPL-2.0-only
/* Hits of applications: who is asked about, the program's answer, and what it means to people. */
#include "rld/app/hit.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "conf/grammar/nearest.h"
#include "rld/sources/state.h"

static const char *const outcomes[] = {
	[HIT_ADMITTED] = "admitted",
	[HIT_REFUSED] = "refused",
	[HIT_WOULD_REFUSE] = "would_refuse",
	[HIT_NOT_COUNTED] = "not_counted",
};

static int find_limit(const struct rld *rld, const char *name, struct hit_query *ret,
		      struct diag *d)
{
	const struct conf *conf = rld->conf;

	for (size_t i = 0; i < conf->limits; i++) {
		if (strcmp(conf->limit[i]->abi.name, name) != 0)
			continue;
		ret->limit = conf->limit[i];
		ret->index = i;
		if (!conf_limit_is_app(ret->limit))
			return diag_set(d, DIAG_FAILED,
					"limit \"%s\" counts packets, not keys of applications",
					name);
		if (!ret->limit->enabled)
			return diag_set(d, DIAG_FAILED, "limit \"%s\" is disabled", name);
		return 0;
	}
	diag_set(d, DIAG_FAILED, "there is no limit %s", name);
	return diag_hint(d, "rlctl set-limit %s 10/minute per app", name);
}

static int check_cost(const struct rl_limit *limit, __u64 cost, struct diag *d)
{
	if (!cost || cost > UINT32_MAX)
		return diag_set(d, DIAG_USAGE, "a cost is a number from 1 to %u", UINT32_MAX);
	if (cost > 1 && limit->strategy == RL_STRATEGY_MOVING_WINDOW)
		return diag_set(d, DIAG_USAGE,
				"limit \"%s\" keeps a log of single hits (moving-window): a cost "
				"other than 1 needs another strategy",
				limit->name);
	return 0;
}

int hit_query_make(struct rld *rld, const char *limit, const char *key, size_t key_len, __u64 cost,
		   struct hit_query *ret, struct diag *d)
{
	int err;

	*ret = (struct hit_query){.cost = (__u32)cost};
	err = find_limit(rld, limit, ret, d);
	if (!err)
		err = check_cost(&ret->limit->abi, cost, d);
	if (err)
		return err;
	if (!key_len || key_len > DIGEST_KEY_MAX)
		return diag_set(d, DIAG_USAGE, "a key has 1 to %d bytes, not %zu", DIGEST_KEY_MAX,
				key_len);
	digest_make(rld->app_secret, key, key_len, &ret->digest);
	return 0;
}

static struct rl_key key_of(const struct hit_query *query)
{
	return (struct rl_key){.source = query->digest, .limit_id = query->limit->abi.id};
}

/* In a bucket that others share there is no log, but a pair of periods. */
static void read_window(struct rld *rld, const struct hit_query *query,
			const struct rl_state *state, __u64 now_ns, struct hit_answer *ret)
{
	const struct rl_limit *limit = &query->limit->abi;
	const struct rl_window_state *s = &state->window[ret->window];
	struct rl_key key = key_of(query);
	struct state_window view;

	ret->amount = limit->window[ret->window].amount;
	if (ret->untracked && limit->strategy == RL_STRATEGY_MOVING_WINDOW) {
		ret->remaining = ret->amount > s->b + s->c ? ret->amount - (s->b + s->c) : 0;
		ret->reset_in_ns = 2 * limit->window[ret->window].period_ns;
		return;
	}
	state_window(rld->dp, limit, ret->window, &key, state, now_ns, &view);
	ret->remaining = view.remaining;
	ret->reset_in_ns = view.reset_in_ns;
}

static enum hit_outcome outcome_of(const struct rl_hit *hit)
{
	if (hit->mode == RL_MODE_OFF)
		return HIT_NOT_COUNTED;
	switch (hit->answer) {
	case RL_ADMITTED:
	case RL_ADMITTED_FULL:
		return HIT_ADMITTED;
	case RL_REFUSED_MONITORED:
		return HIT_WOULD_REFUSE;
	default:
		return hit->mode == RL_MODE_MONITOR ? HIT_WOULD_REFUSE : HIT_REFUSED;
	}
}

static bool is_refusal(enum hit_outcome outcome)
{
	return outcome == HIT_REFUSED || outcome == HIT_WOULD_REFUSE;
}

static int count(struct rld *rld, const struct hit_query *query, struct hit_answer *ret,
		 struct diag *d)
{
	struct rl_hit hit = {.key = query->digest,
			     .limit_id = query->limit->abi.id,
			     .index = (__u32)query->index,
			     .cost = query->cost};
	struct rl_state state = {0};
	int err = dp_hit(rld->dp, &hit, 1);

	if (err)
		return diag_errno(d, -err, "cannot judge a hit");
	if (hit.answer == RL_NO_ANSWER)
		return diag_set(d, DIAG_FAILED, "the limits are just being changed: try again");
	ret->outcome = outcome_of(&hit);
	ret->banned = hit.answer == RL_REFUSED_BANNED;
	ret->untracked = hit.untracked;
	ret->window = hit.window;
	state.window[hit.window] = hit.state;
	read_window(rld, query, &state, hit.now, ret);
	if (!is_refusal(ret->outcome))
		return 0;
	if (ret->banned)
		ret->remaining = 0;
	ret->retry_in_ns = hit.until > hit.now ? hit.until - hit.now : ret->reset_in_ns;
	return 0;
}

/* The first window that would refuse it, or the shortest. */
static void look_at_windows(struct rld *rld, const struct hit_query *query,
			    const struct rl_state *state, __u64 now_ns, struct hit_answer *ret)
{
	for (unsigned i = 0; i < query->limit->abi.windows; i++) {
		ret->window = i;
		read_window(rld, query, state, now_ns, ret);
		if (ret->remaining >= query->cost)
			continue;
		ret->outcome = HIT_REFUSED;
		ret->retry_in_ns = ret->reset_in_ns;
		return;
	}
	ret->window = 0;
	read_window(rld, query, state, now_ns, ret);
}

static int look(struct rld *rld, const struct hit_query *query, struct hit_answer *ret,
		struct diag *d)
{
	__u64 now_ns = time_mono_ns();
	struct rl_key key = key_of(query);
	struct rl_state state = {0};
	int err = dp_lookup(rld->dp, &key, &state);

	if (err && err != -ENOENT)
		return diag_errno(d, -err, "cannot look at a key");
	if (dp_rules(rld->dp)->mode == RL_MODE_OFF) {
		ret->outcome = HIT_NOT_COUNTED;
		return 0;
	}
	look_at_windows(rld, query, &state, now_ns, ret);
	if (state.banned_until > now_ns) {
		ret->outcome = HIT_REFUSED;
		ret->banned = true;
		ret->remaining = 0;
		ret->retry_in_ns = state.banned_until - now_ns;
	}
	if (ret->outcome == HIT_REFUSED && (query->limit->abi.flags & RL_LIMIT_MONITOR ||
					    dp_rules(rld->dp)->mode == RL_MODE_MONITOR))
		ret->outcome = HIT_WOULD_REFUSE;
	return 0;
}

int hit_ask(struct rld *rld, const struct hit_query *query, struct hit_answer *ret, struct diag *d)
{
	*ret = (struct hit_answer){.outcome = HIT_ADMITTED};
	return query->peek ? look(rld, query, ret, d) : count(rld, query, ret, d);
}

json_t *hit_json(const struct hit_query *query, const struct hit_answer *answer)
{
	json_t *json = json_object();
	char text[CONF_TEXT];

	json_set_text(json, "limit", query->limit->abi.name);
	json_set_text(json, "outcome", outcomes[answer->outcome]);
	if (answer->outcome == HIT_NOT_COUNTED)
		return json;
	json_set_text(json, "window", conf_format_window(&query->limit->abi, answer->window, text));
	json_set_u64(json, "amount", answer->amount);
	json_set_u64(json, "remaining", answer->remaining);
	json_set_u64(json, "reset_in_ns", answer->reset_in_ns);
	json_set_u64(json, "retry_in_ns", answer->retry_in_ns);
	json_set_bool(json, "banned", answer->banned);
	json_set_bool(json, "untracked", answer->untracked);
	return json;
}
