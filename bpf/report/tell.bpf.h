/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling of a packet's edges: a breach, a ban, a recovery, a full table. Global functions, off the
 * way of the packets that have nothing to tell. */
#ifndef RL_TELL_BPF_H
#define RL_TELL_BPF_H

#include "bpf/call/call.bpf.h"
#include "bpf/match/bans.bpf.h"
#include "bpf/report/event.bpf.h"
#include "bpf/state/key.h"

/* Reserves an event and fills in what all kinds say; the caller adds the rest and submits. */
static __always_inline struct rl_event *
rl_event(const struct rl_call *call, const struct rl_limit *limit, enum rl_event_kind kind)
{
	struct rl_event *event = rl_event_reserve();

	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));
	event->time = call->now;
	event->kind = kind;
	rl_make_key(&event->key, limit, &call->subject);
	event->source = call->subject.source;
	event->destination = call->subject.destination;
	event->ifindex = call->ifindex;
	event->dport = rl_ntohs(call->subject.dport);
	event->proto = call->subject.proto;
	event->ipv4 = call->subject.ipv4;
	return event;
}

/* Sends one event if the limit's budget lets it. */
static __always_inline void rl_tell(const struct rl_call *call, const struct rl_limit *limit,
				    const struct rl_result *out, enum rl_event_kind kind)
{
	__u32 slot = limit->slot;
	struct rl_control *ctl = rl_control();
	struct rl_limit_budget *budget = bpf_map_lookup_elem(&limit_budgets, &slot);
	struct rl_event *event;
	__u64 suppressed = 0;

	if (!budget || !ctl ||
	    !rl_budget_take(budget, call->now, ctl->events_per_second, &suppressed))
		return;
	event = rl_event(call, limit, kind);
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

/* True if there is something to tell. */
static __always_inline int rl_is_edge(const struct rl_result *out)
{
	return out->breach | out->recovered | !!out->ban | !!out->lost;
}

/* Tells of call->result, and does what else follows from an edge. */
__attribute__((noinline)) int rl_tell_outcome(struct rl_call *call, __u32 nth)
{
	const struct rl_result *out;
	const struct rl_limit *limit;
	struct rl_rules *set;
	struct rl_losses *l;

	if (!call)
		return 0;
	call->edge = 0;
	out = &call->result;
	set = rl_rules(call);
	if (!set)
		return 0;
	limit = rl_limit(call, set, nth);
	if (out->breach | out->recovered)
		rl_tell(call, limit, out, out->breach ? RL_EVENT_BREACH : RL_EVENT_RECOVERED);
	if (out->ban == RL_BAN_MADE)
		rl_tell(call, limit, out, RL_EVENT_BANNED);
	if (out->ban == RL_BAN_SPARED)
		rl_tell(call, limit, out, RL_EVENT_BAN_SPARED);
	if (out->ban == RL_BAN_MADE && limit->flags & RL_LIMIT_BAN_EVERYWHERE)
		rl_ban_everywhere(call, limit, out->ban_until);
	l = rl_losses();
	if (l)
		l->unattributed += out->lost;
	return 0;
}

static __always_inline void rl_tell_full(const struct rl_call *call, const struct rl_limit *limit)
{
	__u32 slot = limit->slot;
	struct rl_limit_budget *budget = bpf_map_lookup_elem(&limit_budgets, &slot);
	struct rl_event *event;

	if (!budget || !rl_full_edge(budget, call->now))
		return;
	event = rl_event(call, limit, RL_EVENT_STATE_FULL);
	if (event)
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

#endif
