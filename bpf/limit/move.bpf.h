/* SPDX-License-Identifier: GPL-2.0-only */
/* Moves a source's state out of the old table into the new one, under the feet of its packets
 * (states.bpf.h). Run by the daemon alone, in RL_MOVE_NEW.
 *
 *   1. The new state is written, without its lock, while it is dead: nobody else writes to it, and
 *      nobody deletes it. It is named when it is whole, and then the old one is marked dead. All of
 *      it is one turn of the old one's lock, so a packet counts before it and goes along, or finds
 *      the new one.
 *   2. What the former program's front table has counted goes along. By then that program has
 *      ended.
 */
#ifndef RL_MOVE_BPF_H
#define RL_MOVE_BPF_H

#include "bpf/limit/sweep.bpf.h"
#include "bpf/quick/clock.bpf.h"

/* Buckets of the old front table, less one. Frozen at load. */
rl_setting __u32 rl_front_old_mask = 0;

/* All but the lock and the name. */
static __always_inline void rl_copy_state(struct rl_state *to, const struct rl_state *from)
{
	const __u32 skipped = __builtin_offsetof(struct rl_state, fingerprint) / 8 + 1;

	to->breached = from->breached;
	rl_unroll
	for (__u32 i = skipped; i < sizeof(*to) / 8; i++)
		((__u64 *)to)[i] = ((const __u64 *)from)[i];
}

static __always_inline void rl_move_state(struct rl_state *to, struct rl_state *from,
					  __u64 fingerprint, __u64 now)
{
	__u32 place = fingerprint & rl_front_old_mask;
	struct rl_front_bucket *bucket = bpf_map_lookup_elem(&front_old, &place);

	if (!bucket)
		return;
	bpf_spin_lock(&from->lock);
	if (from->fingerprint == fingerprint) {
		rl_settle_entry(from, bucket, 0, now);
		rl_copy_state(to, from);
		__sync_lock_test_and_set(&to->fingerprint, fingerprint);
		rl_state_invalidate(from);
	}
	bpf_spin_unlock(&from->lock);
}

/* The place of a state that is to be moved; it may have one from RL_MOVE_BOTH. 0: no room. */
static __always_inline struct rl_state *rl_place_for(const struct rl_key *key, __u64 fingerprint)
{
	struct rl_state *st = bpf_map_lookup_elem(&states, &fingerprint);
	__u32 zero = 0;
	struct rl_move *m = bpf_map_lookup_elem(&move, &zero);

	if (st || !m)
		return st;
	m->fresh.key = *key;
	rl_take_place(fingerprint, &m->fresh);
	return bpf_map_lookup_elem(&states, &fingerprint);
}

static __always_inline void rl_drop_old(struct rl_state *st, __u64 fingerprint, __u64 now)
{
	struct rl_place place = {fingerprint, rl_front_bucket(fingerprint)};
	struct rl_expired fate = {};

	if (!place.bucket)
		return;
	rl_expire(st, &place, 0, now, 1, &fate);
	if (fate.logs)
		rl_logs_delete(fingerprint, fate.logs);
}

enum rl_moved {
	RL_MOVED_NOT, /* it is not in the old table, or there no more */
	RL_MOVED_IN,
	RL_MOVED_NO_ROOM,
};

/* The state of the nth item of struct rl_sweep. */
__attribute__((noinline)) int rl_move_nth(__u32 nth, int drop)
{
	__u32 zero = 0;
	struct rl_sweep *work = bpf_map_lookup_elem(&sweep, &zero);
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);
	struct rl_state *from, *to;
	__u64 fingerprint;

	if (!work || !ctl || nth >= RL_SWEEP_MAX)
		return RL_MOVED_NOT;
	fingerprint = rl_fingerprint(&work->item[nth].key, ctl->secret);
	from = bpf_map_lookup_elem(&states_old, &fingerprint);
	if (!from || from->fingerprint != fingerprint)
		return RL_MOVED_NOT;
	to = rl_place_for(&work->item[nth].key, fingerprint);
	if (to) {
		rl_move_state(to, from, fingerprint, rl_now(ctl));
		return RL_MOVED_IN;
	}
	if (drop)
		rl_drop_old(from, fingerprint, rl_now(ctl));
	return RL_MOVED_NO_ROOM;
}

#endif
