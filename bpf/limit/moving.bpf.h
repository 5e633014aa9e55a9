/* SPDX-License-Identifier: GPL-2.0-only */
/* One moving-window limit judges one packet. */
#ifndef RL_MOVING_BPF_H
#define RL_MOVING_BPF_H

#include "bpf/limit/windows.bpf.h"

/* One window of a moving-window limit, under the lock. */
static __always_inline int rl_ask_log(struct rl_state *st, const struct rl_call *call,
				      const struct rl_lookup *c, __u32 i, void *found, __u32 mask,
				      struct rl_result *out)
{
	struct rl_log1024 *log = found; /* of which mask + 1 places are there */
	struct rl_take take;
	__u64 now;
	int mine;

	if (!log)
		return 0;
	bpf_spin_lock(&st->lock);
	mine = st->fingerprint == call->fingerprint &&
	       log->owner == rl_log_owner(call->fingerprint, i);
	now = mine ? rl_enter(st, c->limit, call) : 0;
	if (mine && !rl_is_banned(st, now, out)) {
		rl_take_log(&st->window[i], &c->limit->window[i], now, log->time, mask, &take);
		if (take.opened)
			rl_reopen(st, i);
		if (!take.admitted)
			rl_note_refusal(st, call, c->limit, now, i, &take, out);
	}
	bpf_spin_unlock(&st->lock);
	return mine;
}

static __always_inline int rl_find_and_ask_log(struct rl_state *st, const struct rl_call *call,
					       const struct rl_lookup *c, __u32 i,
					       struct rl_result *out)
{
	__u64 owner = rl_log_owner(call->fingerprint, i);

	switch (rl_log_class(c->limit->logs, i)) {
	case 0:
		return rl_ask_log(st, call, c, i, bpf_map_lookup_elem(&logs16, &owner), 15, out);
	case 1:
		return rl_ask_log(st, call, c, i, bpf_map_lookup_elem(&logs64, &owner), 63, out);
	case 2:
		return rl_ask_log(st, call, c, i, bpf_map_lookup_elem(&logs256, &owner), 255, out);
	default:
		return rl_ask_log(st, call, c, i, bpf_map_lookup_elem(&logs1024, &owner), 1023,
				  out);
	}
}

/* What the front table has counted, before a window is asked: so a recovery waits for it. */
static __always_inline void rl_logs_settle(struct rl_state *st, const struct rl_call *call,
					   const struct rl_lookup *c)
{
	rl_settle_cpus(st, call->fingerprint, call->now);
	if (!rl_front_find(c->bucket, call->fingerprint))
		return;
	bpf_spin_lock(&st->lock);
	if (st->fingerprint == call->fingerprint)
		rl_settle_entry(st, c->bucket, c->limit, call->now);
	bpf_spin_unlock(&st->lock);
}

/* After the windows. Returns 0 if this is not the source's state any more. */
static __always_inline int rl_logs_end(struct rl_state *st, struct rl_call *call,
				       const struct rl_lookup *c, struct rl_result *out)
{
	int mine;

	bpf_spin_lock(&st->lock);
	mine = st->fingerprint == call->fingerprint;
	if (mine) {
		/* Another CPU may have made an entry meanwhile. */
		rl_settle_entry(st, c->bucket, c->limit, call->now);
		rl_count_source(st, call, rl_monitored(call, c->limit), out);
		rl_block(st, call, c, call->now, out);
		rl_note_hit(call, st->window);
	}
	bpf_spin_unlock(&st->lock);
	return mine;
}

/* As rl_check_state(), for moving-window: each window is asked under a lock of its own, since its
 * log must be looked up before. What two CPUs do between one window and the next is some order of
 * their packets. Global, with a frame of its own: the stack of all calls in flight is 512 bytes. */
__attribute__((noinline)) int rl_limit_moving(struct rl_call *call, __u32 nth)
{
	struct rl_lookup c = {};
	struct rl_result *out;
	struct rl_state *st;

	if (!call || !rl_lookup_again(call, nth, &c))
		return RL_NO_ANSWER;
	st = rl_state(call);
	if (!st)
		return RL_ABSENT;
	out = rl_result(call);
	rl_set_clock(call, c.limit);
	rl_logs_settle(st, call, &c);
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= c.limit->windows || out->refused)
			break;
		if (rl_moves && i < call->from)
			continue;
		if (rl_find_and_ask_log(st, call, &c, i, out))
			continue;
		if (!rl_moves)
			return RL_ABSENT;
		call->from = i;
		return RL_MOVED;
	}
	if (!rl_logs_end(st, call, &c, out) && rl_moves) {
		st = rl_state(call);
		if (st)
			rl_logs_end(st, call, &c, out);
	}
	call->edge = rl_is_edge(out);
	return rl_count_limit(call, c.limit, c.counters, out);
}

#endif
