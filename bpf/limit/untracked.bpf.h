/* SPDX-License-Identifier: GPL-2.0-only */
/* Hits of sources that found no room in the table: the limit's policy decides. */
#ifndef RL_UNTRACKED_BPF_H
#define RL_UNTRACKED_BPF_H

#include "bpf/limit/windows.bpf.h"

/* The overflow bucket. It is the limit's own as long as its fingerprint says so. It has
 * no entry in the front table: what such an entry would say is in two words that a bucket has no
 * other use for, `banned_until` and, as the mark under which that holds, `ban_from`. */
static __always_inline int rl_shared_refuses(const struct rl_state *st, const struct rl_call *call,
					     const struct rl_lookup *c)
{
	__u64 until = *(volatile __u64 *)&st->banned_until;

	return rl_front_ahead(call, c->limit) < until && st->ban_from == c->mark &&
	       st->fingerprint == c->limit->id;
}

static __always_inline void rl_shared_reset(struct rl_state *st, __u64 fingerprint)
{
	st->fingerprint = fingerprint;
	st->banned_until = 0;
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

static __always_inline void rl_check_shared(struct rl_call *call, const struct rl_lookup *c,
					    struct rl_result *out)
{
	const struct rl_limit *limit = c->limit;
	__u32 slot = limit->slot;
	struct rl_state *st = bpf_map_lookup_elem(&shared, &slot);
	__u64 now;

	if (!st)
		return;
	if (!rl_results && rl_shared_refuses(st, call, c)) {
		out->refused = 1;
		return;
	}
	rl_set_clock(call, limit);
	if (st->fingerprint != limit->id || rl_may_open(st, call, limit))
		rl_read_clock(call);
	bpf_spin_lock(&st->lock);
	if (st->fingerprint != limit->id)
		rl_shared_reset(st, limit->id);
	now = rl_enter(st, limit, call);
	rl_ask_windows(st, call, limit, now, out);
	rl_count_source(st, call, rl_monitored(call, limit), out);
	st->ban_from = c->mark;
	st->banned_until = out->blocked;
	bpf_spin_unlock(&st->lock);
}

/* By the limit's policy. */
static __always_inline void rl_check_full(struct rl_call *call, const struct rl_lookup *c,
					  struct rl_result *out)
{
	rl_tell_full(call, c->limit);
	if (c->limit->on_full == RL_ON_FULL_SHARED)
		rl_check_shared(call, c, out);
	else
		out->refused = c->limit->on_full == RL_ON_FULL_DROP;
}

/* Judges a packet whose source has no state. Where there is room, the source may have one the next
 * moment and count anew: whatever the policy let through beside that could be more than its
 * amount. */
static __always_inline int rl_check_untracked(struct rl_call *call, const struct rl_lookup *c,
					      int full)
{
	struct rl_losses *l = rl_losses();
	struct rl_result *out = rl_result(call);

	c->counters->full++;
	if (full)
		rl_check_full(call, c, out);
	else
		out->refused = 1;
	out->untracked = 1;
	out->breach = 0; /* nobody's own */
	out->ban = RL_BAN_NONE;
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
