/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: only on edges, within each limit's budget a second, and never a wakeup (the daemon
 * polls). */
#ifndef RL_EVENT_BPF_H
#define RL_EVENT_BPF_H

#include "bpf/parse/packet.h"
#include "bpf/state/maps.bpf.h"

#define RL_SECOND_NS 1000000000ull

/* True if the limit may send one more event now. *ret_suppressed: how many it could not since the
 * last. */
static __always_inline int rl_budget_take(struct rl_limit_budget *b, __u64 now, __u64 per_second,
					  __u64 *ret_suppressed)
{
	__u64 second = now / RL_SECOND_NS, before = b->second;

	if (before != second && __sync_val_compare_and_swap(&b->second, before, second) == before)
		b->spent = 0;
	if (__sync_fetch_and_add(&b->spent, 1) >= per_second) {
		__sync_fetch_and_add(&b->suppressed, 1);
		return 0;
	}
	*ret_suppressed = __sync_lock_test_and_set(&b->suppressed, 0);
	return 1;
}

/* A state-full event is an edge of the table, not of a source: one in RL_FULL_EVENT_EVERY_S. */
static __always_inline int rl_full_edge(struct rl_limit_budget *b, __u64 now)
{
	__u64 second = now / RL_SECOND_NS, before = b->full_second;

	if (before && second < before + RL_FULL_EVENT_EVERY_S)
		return 0;
	return __sync_val_compare_and_swap(&b->full_second, before, second | !second) == before;
}

/* Room in the ring buffer, or 0, which is counted. */
static __always_inline struct rl_event *rl_event_reserve(void)
{
	struct rl_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	struct rl_losses *l;

	if (event)
		return event;
	l = rl_losses();
	if (l)
		l->events_lost++;
	return 0;
}

#endif
