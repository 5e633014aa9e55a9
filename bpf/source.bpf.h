/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources: one that is known is judged, a new one gets a state, one without room meets the limit's
 * policy. */
#ifndef RL_SOURCE_BPF_H
#define RL_SOURCE_BPF_H

#include "judge_logs.bpf.h"
#include "sweep.bpf.h"

/* The bucket that strangers share. It is the limit's own as long as its fingerprint says so. */
static __always_inline void rl_judge_shared(const struct rl_call *call,
					    const struct rl_limit *limit, struct rl_outcome *out)
{
	__u32 slot = limit->slot;
	struct rl_state *st = bpf_map_lookup_elem(&shared, &slot);
	__u64 fingerprint = limit->id;

	if (!st)
		return;
	bpf_spin_lock(&st->lock);
	if (st->fingerprint != fingerprint) {
		st->fingerprint = fingerprint;
		st->first_seen = 0;
		st->last_seen = 0;
		st->refused = 0;
		rl_no_unroll
		for (int i = 0; i < RL_WINDOWS_MAX; i++) {
			st->window[i].a = 0;
			st->window[i].b = 0;
			st->window[i].c = 0;
		}
	}
	rl_judge_locked(st, limit, call, fingerprint, out);
	bpf_spin_unlock(&st->lock);
}

/* Makes the state that rl_judge() missed. Returns 0 if the table has no room. */
__attribute__((noinline)) int rl_create(struct rl_call *call, __u32 nth)
{
	struct rl_state_template fresh = {};
	struct rl_case c = {};
	int err; /* no long: before Linux 6.4 its upper half is not the sign */

	if (!call || !rl_open_case(call, nth, &c))
		return 0;
	fresh.fingerprint = rl_fingerprint(&c.key, rl_secret());
	if (c.limit->strategy == RL_STRATEGY_MOVING_WINDOW) {
		fresh.logs = c.limit->logs;
		if (!rl_logs_make(c.limit, &c.key, fresh.fingerprint))
			return 0;
	}
	err = bpf_map_update_elem(&states, &c.key, &fresh, BPF_NOEXIST);
	if (!err)
		c.counters->created++;
	else if (err != -EEXIST && fresh.logs)
		rl_logs_delete(&c.key, fresh.logs);
	return !err || err == -EEXIST;
}

/* Judges a source that found no room, by the limit's policy. */
__attribute__((noinline)) int rl_judge_full(struct rl_call *call, __u32 nth)
{
	struct rl_losses *l = rl_losses();
	struct rl_outcome out = {};
	struct rl_case c = {};

	if (!call || !rl_open_case(call, nth, &c))
		return RL_NO_ANSWER;
	c.counters->full++;
	rl_full_event(call, c.limit, &c.key);
	if (c.limit->on_full == RL_ON_FULL_SHARED)
		rl_judge_shared(call, c.limit, &out);
	else
		out.refused = c.limit->on_full == RL_ON_FULL_DROP;
	out.breach = 0;
	if (l)
		l->unattributed += out.refused;
	switch (rl_count_limit(call, c.limit, c.counters, &out)) {
	case RL_REFUSED:
		return RL_REFUSED_FULL;
	case RL_REFUSED_MONITORED:
		return RL_REFUSED_MONITORED;
	default:
		return RL_ADMITTED_FULL;
	}
}

/* Judges, making the state where there is none, a bounded number of times. */
static __always_inline int rl_judge_nth(struct rl_call *call, __u32 nth)
{
	int answer;

	rl_no_unroll
	for (int i = 0; i < RL_RETRIES; i++) {
		answer = rl_judge(call, nth);
		if (answer == RL_ASK_LOGS)
			answer = rl_judge_logs(call, nth);
		/* Without it the loop falls through to its start, which Linux 6.1 refuses. */
		if (__builtin_expect(answer != RL_ABSENT, 1))
			return answer;
		if (rl_create(call, nth))
			continue;
		if (!rl_sweep_alone(call->now) || !rl_create(call, nth))
			break;
	}
	return rl_judge_full(call, nth);
}

#endif
