/* SPDX-License-Identifier: GPL-2.0-only */
/* Forgetting sources: marked dead under the lock, then deleted, so that a CPU that still holds the
 * element sees it. */
#ifndef RL_SWEEP_BPF_H
#define RL_SWEEP_BPF_H

#include "event.bpf.h"

/* A source may be forgotten when it was idle since before `cutoff` and no ban holds it. */
static __always_inline int rl_mark_dead(struct rl_state *st, __u64 cutoff, __u64 now, int always)
{
	int dead;

	bpf_spin_lock(&st->lock);
	dead = st->fingerprint != RL_DEAD &&
	       (always || (st->last_seen < cutoff && st->banned_until <= now));
	if (dead)
		st->fingerprint = RL_DEAD;
	bpf_spin_unlock(&st->lock);
	return dead;
}

#endif
