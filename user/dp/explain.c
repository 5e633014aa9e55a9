// SPDX-License-Identifier: GPL-2.0-only
/* What the program would do with a packet, asked of the program itself, by two runs of the dry
 * instance.
 *
 *   1. The first, among no sources, says which limits match the packet. What they will look up is
 *      then copied from the maps at work, and the second run is the one that counts.
 *   2. Both have the same time, which the clock of tests gives them.
 */
#include <errno.h>
#include <string.h>

#include "bpf/state/key.h"
#include "bpf/strategy/strategy.h"
#include "dp/dry.h"

static void name_judges(struct dry_packet *p)
{
	const struct rl_rules *rules = dp_rules(p->dp);

	for (__u32 i = 0; i < p->call.count; i++) {
		struct dp_explained_limit *told = &p->ret->limit[i];
		struct dry_judge *j = &p->judge[i];

		told->index = p->call.index[i] % RL_LIMITS_MAX;
		j->limit = &rules->limit[told->index];
		rl_make_key(&told->key, j->limit, &p->call.subject);
		j->fingerprint = rl_fingerprint(&told->key, p->dp->control->secret);
	}
	p->ret->limits = p->call.count;
}

static int read_end(struct dry_packet *p)
{
	struct rl_iface_counters counters;
	int r = dp_counters_read(p->dp, p->dry->skel->maps.iface_counters, p->slot, &counters);

	if (r)
		return r;
	for (unsigned i = 0; i < RL_REASON_COUNT * RL_VERDICT_COUNT; i++) {
		if (!counters.reason[i / RL_VERDICT_COUNT][i % RL_VERDICT_COUNT].packets)
			continue;
		p->ret->reason = (enum rl_reason)(i / RL_VERDICT_COUNT);
		p->ret->verdict = (enum rl_verdict)(i % RL_VERDICT_COUNT);
		return 0;
	}
	return -EIO;
}

/* The windows of an overflow bucket. What a moving window has in place of a log is told as a
 * sliding one, which would weigh what this counts in full. */
static void tell_overflow(const struct dry_packet *p, const struct dry_judge *j,
			  struct rl_window_state *ret)
{
	memcpy(ret, j->overflow.window, sizeof(j->overflow.window));
	if (j->limit->strategy != RL_STRATEGY_MOVING_WINDOW)
		return;
	for (unsigned i = 0; i < j->limit->windows; i++) {
		rl_slide(&ret[i], &j->limit->window[i], p->ret->now_ns);
		ret[i].c += ret[i].b;
		ret[i].b = 0;
	}
}

/* What people are to see of the source: with what the front table has counted, or, where it has no
 * state of its own, the bucket that decides for it. */
static void tell_state(const struct dry_packet *p, const struct dry_judge *j,
		       struct dp_explained_limit *told)
{
	if (told->full && j->overflow.limit_id == j->limit->id)
		tell_overflow(p, j, told->state.window);
	if (told->full || !told->tracked)
		return;
	told->state = j->own;
	dp_settle(p->dp, j->limit->slot, &told->state);
}

/* What the limit itself has said of it. */
static void read_limit(const struct dry_packet *p, const struct dry_judge *j,
		       const struct rl_result *result, struct dp_explained_limit *told)
{
	bool by_window = result->refused && !result->banned &&
			 (!result->untracked || j->limit->on_full != RL_ON_FULL_DROP);

	told->asked = result->answer != RL_NO_ANSWER;
	told->verdict = (enum rl_verdict)result->verdict;
	told->full = result->untracked;
	told->banned = result->banned;
	told->window = by_window ? result->window : -1;
	told->ban_until = result->ban == RL_BAN_MADE ? result->ban_until : 0;
	tell_state(p, j, told);
}

/* The limit that the reason speaks of: the last that refused, or the first that had no room. */
static int decider(const struct dp_explained *e)
{
	int ret = -1;

	for (int i = 0; i < (int)e->limits; i++) {
		const struct dp_explained_limit *l = &e->limit[i];

		if (e->verdict == RL_VERDICT_PASS
			    ? e->reason == RL_REASON_STATE_FULL && l->full && ret < 0
			    : l->asked && l->verdict != RL_VERDICT_PASS)
			ret = i;
	}
	return ret;
}

static int read_all(struct dry_packet *p)
{
	int r = read_end(p);

	for (__u32 i = 0; !r && i < p->ret->limits; i++)
		read_limit(p, &p->judge[i], &p->call.results[i], &p->ret->limit[i]);
	p->ret->decided = decider(p->ret);
	if (p->ret->reason != RL_REASON_BANNED || p->ret->decided >= 0)
		p->ret->ban = (struct rl_ban){};
	return r;
}

static int run_both(struct dry_packet *p)
{
	int r = dp_gather(p->dp);

	if (r)
		return r;
	dry_set(p);
	r = dry_run(p);
	dry_empty(p->dry->skel);
	if (r)
		return r;
	name_judges(p);
	r = dry_copy(p);
	if (!r)
		r = dry_run(p);
	if (!r)
		r = read_all(p);
	dry_empty(p->dry->skel);
	return r;
}

int dp_explain(struct dp *dp, const void *frame, size_t len, __u32 slot, struct dp_explained *ret,
	       struct diag *d)
{
	struct dp_explained e = {};
	struct dry_packet p = {
		.dp = dp, .live = dp->skel, .frame = frame, .len = len, .slot = slot, .ret = &e};
	int r = dp->dry ? 0 : dry_open(dp, d);

	if (r)
		return r;
	p.dry = dp->dry;
	e.now_ns = dp_clock_ns(dp);
	r = run_both(&p);
	if (r == -EMSGSIZE)
		diag_set(d, DIAG_FAILED, "the kernel runs no frame of %zu bytes by hand", len);
	else if (r)
		diag_errno(d, -r, "cannot explain");
	else
		*ret = e;
	return r;
}
