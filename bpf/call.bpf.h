/* SPDX-License-Identifier: GPL-2.0-only */
/* What the stages of a packet hand on to each other, and the events that tell of it. */
#ifndef RL_CALL_BPF_H
#define RL_CALL_BPF_H

#include "event.bpf.h"
#include "packet.h"

#define RL_ROWS_MAX 16 /* a power of two, at least RL_DIM_COUNT */
_Static_assert(RL_ROWS_MAX >= RL_DIM_COUNT, "rows");

/* What the stages hand on. Plain numbers only, since it crosses into functions that are verified on
 * their own. */
struct rl_call {
	struct rl_packet pkt;
	__u64 now;
	__u32 ifindex;
	__u32 generation;
	__u16 slot;    /* of the interface */
	__u16 count;   /* limits that judge, in `index` */
	__u16 rows;    /* in `row`: where the rows of this packet begin in rl_rules.row */
	__u16 monitor; /* the whole rule set is in monitor mode */
	__u16 index[RL_JUDGE_MAX];
	__u16 row[RL_ROWS_MAX];
};

/* What happened under the lock, for what follows it. */
struct rl_outcome {
	int found; /* the state was the key's */
	int refused;
	int breach;
	int recovered;
	int banned; /* a ban refused it */
	int ban;    /* this refusal made a ban */
	__u32 window;
	__u64 count;
	__u64 until;
	__u64 refused_before;
	__u64 ban_until;
};

static __always_inline int rl_monitored(const struct rl_call *call, const struct rl_limit *limit)
{
	return call->monitor | (limit->flags & RL_LIMIT_MONITOR);
}

/* Reserves an event and fills in what all kinds say; the caller adds the rest and submits. */
static __always_inline struct rl_event *rl_event(const struct rl_call *call,
						 const struct rl_key *key, enum rl_event_kind kind)
{
	struct rl_event *event = rl_event_reserve();

	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->time = call->now;
	event->kind = kind;
	event->key = *key;
	event->source = call->pkt.source;
	event->ifindex = call->ifindex;
	event->dport = call->pkt.dport;
	event->proto = call->pkt.proto;
	event->ipv4 = call->pkt.ipv4;
	return event;
}

/* Sends one event if the limit's budget lets it. */
static __always_inline void rl_tell(const struct rl_call *call, const struct rl_limit *limit,
				    const struct rl_key *key, const struct rl_outcome *out,
				    enum rl_event_kind kind)
{
	__u32 slot = limit->slot, zero = 0;
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);
	struct rl_limit_budget *budget = bpf_map_lookup_elem(&limit_budgets, &slot);
	struct rl_event *event;
	__u64 suppressed = 0;

	if (!budget || !ctl ||
	    !rl_budget_take(budget, call->now, ctl->events_per_second, &suppressed))
		return;
	event = rl_event(call, key, kind);
	if (!event)
		return;
	event->count = kind == RL_EVENT_RECOVERED ? out->refused_before : out->count;
	event->until = kind == RL_EVENT_BANNED ? out->ban_until : out->until;
	event->suppressed = suppressed;
	event->window = out->window;
	event->verdict = RL_VERDICT_PASS;
	if (kind != RL_EVENT_RECOVERED)
		event->verdict =
			rl_monitored(call, limit) ? RL_VERDICT_WOULD_DROP : RL_VERDICT_DROP;
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

static __always_inline void rl_tell_outcome(const struct rl_call *call,
					    const struct rl_limit *limit, const struct rl_key *key,
					    const struct rl_outcome *out)
{
	if (out->breach | out->recovered)
		rl_tell(call, limit, key, out, out->breach ? RL_EVENT_BREACH : RL_EVENT_RECOVERED);
	if (out->ban)
		rl_tell(call, limit, key, out, RL_EVENT_BANNED);
}

static __always_inline void rl_full_event(const struct rl_call *call, const struct rl_limit *limit,
					  const struct rl_key *key)
{
	__u32 slot = limit->slot;
	struct rl_limit_budget *budget = bpf_map_lookup_elem(&limit_budgets, &slot);
	struct rl_event *event;

	if (!budget || !rl_full_edge(budget, call->now))
		return;
	event = rl_event(call, key, RL_EVENT_STATE_FULL);
	if (event)
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

#endif
