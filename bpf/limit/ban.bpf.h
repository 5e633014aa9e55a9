/* SPDX-License-Identifier: GPL-2.0-only */
/* A ban that a refusal has made due: made, unless it would hit a peer. */
#ifndef RL_LIMIT_BAN_BPF_H
#define RL_LIMIT_BAN_BPF_H

#include "bpf/limit/windows.bpf.h"
#include "bpf/match/peers.bpf.h"

/* Under the lock, the fingerprint compared. Another CPU may have been quicker. */
static __always_inline void rl_ban_locked(struct rl_state *st, const struct rl_call *call,
					  const struct rl_lookup *c, struct rl_result *out)
{
	__u64 now = call->now, lost = out->lost;

	if (now < st->last_seen)
		now = st->last_seen;
	if (now < st->banned_until)
		return;
	rl_settle_entry(st, c->bucket, c->limit, call->now);
	rl_make_ban(st, c->limit, now);
	out->ban = RL_BAN_MADE;
	out->ban_until = st->banned_until;
	rl_block(st, call, c, now, out);
	out->lost += lost;
}

/* Global, off the way of the packets that make no ban due. */
__attribute__((noinline)) int rl_limit_ban(struct rl_call *call, __u32 nth)
{
	struct rl_lookup c = {};
	struct rl_result *out;
	struct rl_state *st;

	if (!call || !rl_lookup_again(call, nth, &c))
		return 0;
	out = &call->result;
	out->ban = RL_BAN_NONE;
	if (rl_hits_a_peer(call, c.limit)) {
		out->ban = RL_BAN_SPARED;
		c.counters->bans_spared++;
		return 0;
	}
	st = rl_state(call);
	if (!st)
		return 0;
	bpf_spin_lock(&st->lock);
	if (st->fingerprint == call->fingerprint)
		rl_ban_locked(st, call, &c, out);
	bpf_spin_unlock(&st->lock);
	c.counters->bans += out->ban == RL_BAN_MADE;
	return 0;
}

#endif
