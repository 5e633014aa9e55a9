/* SPDX-License-Identifier: GPL-2.0-only */
/* Hits of sources that found no room in the table: the limit's policy decides.
 *
 *   1. With on-full spread, an overflow bucket has counted whatever it admitted of a source, so the
 *      source never gets more than the limit from it.
 *   2. Neither when it gets a state: that begins with what its bucket has counted (rl_inherit()),
 *      read while the state is there and not yet named. Who was admitted by the bucket looks for a
 *      state after that (rl_check_untracked()). As both go through the bucket's lock, who does so
 *      first is found by the other.
 */
#ifndef RL_UNTRACKED_BPF_H
#define RL_UNTRACKED_BPF_H

#include "bpf/limit/windows.bpf.h"

/* Where the source is counted. The dry instance has one `spread` bucket for each limit, a copy. */
static __always_inline struct rl_overflow *rl_overflow(const struct rl_call *call,
						       const struct rl_limit *limit)
{
	__u32 place = limit->slot;

	if (limit->on_full == RL_ON_FULL_SHARED)
		return bpf_map_lookup_elem(&shared, &place);
	if (!rl_results)
		place = rl_spread_place(limit, call->fingerprint);
	return bpf_map_lookup_elem(&spread, &place);
}

/* A bucket has no entry in the front table: what such an entry would say is in its first words. */
static __always_inline int rl_overflow_refuses(const struct rl_overflow *o,
					       const struct rl_call *call,
					       const struct rl_lookup *c)
{
	__u64 until = *(volatile __u64 *)&o->blocked_until;

	return rl_front_ahead(call, c->limit) < until && o->mark == c->mark &&
	       o->limit_id == c->limit->id;
}

/* Under the lock. Returns the bucket's clock, which never runs backwards. */
static __always_inline __u64 rl_overflow_enter(struct rl_overflow *o, const struct rl_call *call,
					       const struct rl_limit *limit)
{
	if (o->limit_id != limit->id) {
		o->limit_id = limit->id;
		o->last_seen = 0;
		rl_no_unroll
		for (int i = 0; i < RL_WINDOWS_MAX; i++)
			o->window[i] = (struct rl_window_state){};
	}
	if (o->last_seen < call->now)
		o->last_seen = call->now;
	return o->last_seen;
}

/* As rl_ask_windows(). */
static __always_inline void rl_overflow_ask(struct rl_overflow *o, const struct rl_call *call,
					    const struct rl_limit *limit, __u64 now,
					    struct rl_result *out)
{
	__u64 cost = rl_cost_of(call, limit);
	struct rl_take take;

	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		if (i < call->from)
			continue;
		rl_take_window(&o->window[i], limit, i, now, cost, 0, &take);
		if (take.opened)
			rl_lengthen(&o->window[i], call, limit);
		if (take.admitted)
			continue;
		out->refused = 1;
		out->window = i;
		out->count = take.count;
		out->until = take.until;
		/* The longer windows' refusals still count in the first one. */
		out->blocked = i ? 0 : take.blocked;
		return;
	}
}

static __always_inline void rl_check_overflow(struct rl_call *call, const struct rl_lookup *c,
					      struct rl_result *out)
{
	const struct rl_limit *limit = c->limit;
	struct rl_overflow *o = rl_overflow(call, limit);
	__u64 now;

	/* Never without one: rules of a table of another size would be wrong, and not a way in. */
	if (!o || (!rl_results && !call->hit && rl_overflow_refuses(o, call, c))) {
		out->refused = 1;
		return;
	}
	rl_set_clock(call, limit);
	if (o->limit_id != limit->id || rl_may_open(o->window, o->last_seen, call, limit))
		rl_read_clock(call);
	bpf_spin_lock(&o->lock);
	now = rl_overflow_enter(o, call, limit);
	rl_overflow_ask(o, call, limit, now, out);
	o->mark = c->mark;
	o->blocked_until = out->blocked;
	rl_note_hit(call, o->window);
	bpf_spin_unlock(&o->lock);
}

/* The bucket that a new state begins with; 0: none. It is read before the state is there, since it
 * may be in no cache yet, and on a virtual machine in no memory of the host's (30 us): another CPU
 * that meets the state without its name tries RL_RETRIES times. */
static __always_inline struct rl_overflow *rl_inherit_from(const struct rl_call *call,
							   const struct rl_limit *limit)
{
	struct rl_overflow *o = limit->on_full == RL_ON_FULL_SPREAD ? rl_overflow(call, limit) : 0;

	if (o)
		*(volatile __u64 *)&o->last_seen;
	return o;
}

/* A state that is not named yet begins with what the source's bucket counts in windows that are
 * open: its own hits and those of others, so their refusals are no breach of the source's. */
static __always_inline void rl_inherit(struct rl_state *st, struct rl_overflow *o,
				       const struct rl_call *call, const struct rl_limit *limit)
{
	__u64 tag = rl_tag(call->fingerprint), now = call->now;
	int weighs;

	if (!st || !o)
		return;
	bpf_spin_lock(&o->lock);
	if (o->limit_id == limit->id) {
		if (now < o->last_seen)
			now = o->last_seen;
		st->last_seen = now;
		rl_no_unroll
		for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
			if (i >= limit->windows)
				break;
			weighs = rl_inherit_window(&st->window[i], &o->window[i], limit, i, now,
						   tag);
			if (weighs)
				st->breached |= (weighs == 2 ? 1 | RL_INHERITED : 1) << i;
		}
	}
	bpf_spin_unlock(&o->lock);
}

/* By the limit's policy. */
static __always_inline void rl_check_full(struct rl_call *call, const struct rl_lookup *c,
					  struct rl_result *out)
{
	rl_tell_full(call, c->limit);
	if (c->limit->on_full == RL_ON_FULL_DROP)
		out->refused = 1;
	else if (c->limit->on_full != RL_ON_FULL_PASS)
		rl_check_overflow(call, c, out);
}

/* Judges a packet whose source has no state. Where there is room, the source may have one the next
 * moment and count anew: whatever the policy let through beside that could be more than its
 * amount. RL_ASK_STATE: it has one. */
static __always_inline int rl_check_untracked(struct rl_call *call, const struct rl_lookup *c,
					      int full)
{
	struct rl_losses *l = rl_losses();
	struct rl_result *out = rl_result(call);

	if (full)
		rl_check_full(call, c, out);
	else
		out->refused = 1;
	if (!out->refused && c->limit->on_full == RL_ON_FULL_SPREAD &&
	    rl_may_be_present(call->fingerprint) && rl_state(call))
		return RL_ASK_STATE;
	c->counters->full++;
	out->untracked = 1;
	if (l)
		l->unattributed += out->refused;
	switch (rl_count_limit(call, c->limit, c->counters, out)) {
	case RL_REFUSED:
		return RL_REFUSED_FULL;
	case RL_REFUSED_MONITORED:
		return RL_REFUSED_MONITORED;
	default:
		return RL_ADMITTED_FULL;
	}
}

#endif
