/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers that need no lock: refusals by the front table, and hits that open fixed windows have
 * room for. */
#ifndef RL_LOCKLESS_BPF_H
#define RL_LOCKLESS_BPF_H

#include "bpf/limit/windows.bpf.h"

/* By its entry of the front table. Limits in monitor have none: rl_block() makes none, and the mark
 * ends what they had before. */
static __always_inline int rl_check_front(struct rl_call *call, const struct rl_lookup *c,
					  struct rl_front_entry *entry)
{
	__u64 count = rl_front_refuses(entry, c->mark, c->time);

	if (!count)
		return RL_ASK_STATE;
	if (call->hot == call->fingerprint)
		rl_hot_count(call, c->limit, count);
	else
		rl_front_add(entry, rl_front_one(call->subject.bytes));
	c->counters->verdict[RL_VERDICT_DROP].packets++;
	c->counters->verdict[RL_VERDICT_DROP].bytes += call->subject.bytes;
	return count & RL_FRONT_BANNED ? RL_REFUSED_BANNED : RL_REFUSED;
}

/* True if nothing but counting is to be done: every window is open and has room, and nobody waits
 * to hear of a recovery. */
static __always_inline int rl_only_counts(const struct rl_state *st, const struct rl_call *call,
					  const struct rl_limit *limit, __u64 cost)
{
	if (st->fingerprint != call->fingerprint || st->refused || call->now < st->banned_until)
		return 0;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		if (call->now >= st->window[i].b ||
		    (st->window[i].a & RL_COUNT) + cost > limit->window[i].amount)
			return 0;
	}
	return 1;
}

/* Most packets are admitted, by fixed windows that are open. They are counted without the lock,
 * which costs more than all the rest: whatever is more than that is left to rl_check_state(),
 * before anything was counted, or from the window on that another CPU has used up since the look.
 *   1. A window that opens gets its count before its end, so who sees the end sees the count.
 *   2. Who counts with an old look counts in the window that has opened since, which is some order
 *      of the packets.
 *   3. A recycled element has no tag of this source any more when its old one is gone
 *      (rl_expire()).
 *   4. A state that is to be moved is not counted so: only what is under its lock goes with it.
 *   5. It is kept for as long as whoever opened its windows, under the lock, has said.
 */
static __always_inline int rl_check_lockless(struct rl_call *call, const struct rl_lookup *c)
{
	const struct rl_limit *limit = c->limit;
	__u64 cost = rl_cost(limit, &call->subject), fingerprint = call->fingerprint;
	__u64 tag = rl_tag(fingerprint);
	struct rl_state *st;

	if (limit->strategy != RL_STRATEGY_FIXED_WINDOW)
		return RL_ASK_STATE;
	st = bpf_map_lookup_elem(&states, &fingerprint);
	if (!st)
		return rl_moves ? RL_ASK_STATE : RL_ABSENT;
	rl_set_clock(call, limit);
	if (!rl_only_counts(st, call, limit, cost))
		return RL_ASK_STATE;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		call->from = i;
		if (!rl_add_fixed(&st->window[i], &limit->window[i], tag, cost))
			return RL_ASK_STATE;
	}
	__sync_fetch_and_add(&st->pass_packets, 1);
	__sync_fetch_and_add(&st->pass_bytes, call->subject.bytes);
	if (st->last_seen < call->now)
		st->last_seen = call->now;
	c->counters->verdict[RL_VERDICT_PASS].packets++;
	c->counters->verdict[RL_VERDICT_PASS].bytes += call->subject.bytes;
	return RL_ADMITTED;
}

#endif
