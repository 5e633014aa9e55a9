/* SPDX-License-Identifier: GPL-2.0-only */
/* One moving-window limit judges one packet. */
#ifndef RL_JUDGE_LOGS_BPF_H
#define RL_JUDGE_LOGS_BPF_H

#include "judge.bpf.h"

/* One window of a moving-window limit, under the lock. */
static __always_inline int rl_ask_log(struct rl_state *st, const struct rl_call *call,
				      const struct rl_case *c, __u32 i, __u64 fingerprint,
				      void *found, __u32 mask, struct rl_outcome *out)
{
	struct rl_log1024 *log = found; /* of which mask + 1 places are there */
	struct rl_take take;
	__u64 now;
	int entered;

	if (!log)
		return 0;
	bpf_spin_lock(&st->lock);
	entered = rl_enter(st, c->limit, call, fingerprint, &now) &&
		  log->owner == rl_log_owner(fingerprint, i);
	if (entered) {
		rl_take_log(&st->window[i], &c->limit->window[i], now, log->time, mask, &take);
		if (take.opened)
			st->breached &= ~(1u << i);
		if (!take.admitted)
			rl_note_refusal(st, c->limit, now, i, &take, out);
	}
	bpf_spin_unlock(&st->lock);
	return entered;
}

static __always_inline int rl_find_and_ask_log(struct rl_state *st, const struct rl_call *call,
					       struct rl_case *c, __u32 i, __u64 fingerprint,
					       struct rl_outcome *out)
{
	c->key.pad[0] = i;
	switch (rl_log_class(c->limit->logs, i)) {
	case 0:
		return rl_ask_log(st, call, c, i, fingerprint,
				  bpf_map_lookup_elem(&logs16, &c->key), 15, out);
	case 1:
		return rl_ask_log(st, call, c, i, fingerprint,
				  bpf_map_lookup_elem(&logs64, &c->key), 63, out);
	case 2:
		return rl_ask_log(st, call, c, i, fingerprint,
				  bpf_map_lookup_elem(&logs256, &c->key), 255, out);
	default:
		return rl_ask_log(st, call, c, i, fingerprint,
				  bpf_map_lookup_elem(&logs1024, &c->key), 1023, out);
	}
}

/* As rl_judge(), for moving-window: each window is asked under a lock of its own, since its log
 * must be looked up before. What two CPUs do between one window and the next is some order of their
 * packets. */
__attribute__((noinline)) int rl_judge_logs(struct rl_call *call, __u32 nth)
{
	struct rl_outcome out = {};
	struct rl_case c = {};
	struct rl_state *st;
	__u64 fingerprint;

	if (!call || !rl_open_case(call, nth, &c))
		return RL_NO_ANSWER;
	fingerprint = rl_fingerprint(&c.key, rl_secret());
	st = bpf_map_lookup_elem(&states, &c.key);
	if (!st)
		return RL_ABSENT;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= c.limit->windows || out.refused)
			break;
		if (!rl_find_and_ask_log(st, call, &c, i, fingerprint, &out))
			return RL_ABSENT;
	}
	c.key.pad[0] = 0;
	bpf_spin_lock(&st->lock);
	if (st->fingerprint == fingerprint)
		rl_count_source(st, call, rl_monitored(call, c.limit), &out);
	bpf_spin_unlock(&st->lock);
	if (out.breach | out.recovered)
		rl_breach_event(call, c.limit, &c.key, &out);
	return rl_count_limit(call, c.limit, c.counters, &out);
}

#endif
