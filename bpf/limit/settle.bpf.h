/* SPDX-License-Identifier: GPL-2.0-only */
/* Moves into a source's state what the quick ways hold of its counts: what CPUs have counted apart
 * (hot.bpf.h), and what its entry of the front table has (front.h). Whoever goes by a state does
 * both first, the one before its lock, as under a lock nothing can be called, the other under it.
 * The daemon has one such place, too: dp_settle(). */
#ifndef RL_SETTLE_BPF_H
#define RL_SETTLE_BPF_H

#include "bpf/quick/front.bpf.h"
#include "bpf/quick/hot.bpf.h"

static __always_inline void rl_settle_cpus(const struct rl_state *st, __u64 fingerprint, __u64 now)
{
	if (st->hot)
		rl_hot_gather(fingerprint, now);
}

/* Under the lock of the state, the fingerprint compared. Refused hits of a fixed window are counted
 * in the window of then, so before any other hit is; `limit` 0: no window needs them any more. */
static __always_inline void rl_settle_entry(struct rl_state *st, struct rl_front_bucket *bucket,
					    const struct rl_limit *limit, __u64 now)
{
	__u64 count = rl_front_take_out(bucket, st->fingerprint);

	rl_front_into(st, count, now);
	if (limit)
		rl_front_hits(st, limit, count);
}

#endif
