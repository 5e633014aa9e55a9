/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a source's state is, and where a new one is made: in the one table, or, after a change of
 * sources-max, in one of two, until the daemon has moved all of the old one (move.bpf.h).
 *
 *   1. A source has one state that is not dead. Who moves it names the new one before the old one
 *      is marked dead, both under the old one's lock; nobody moves it back. So who finds it neither
 *      in the new table nor in the old one finds it in the new one, or it has none.
 *   2. The former program, which knows the old table alone, may run until the phase is
 *      RL_MOVE_BOTH: until then new states are made where it looks. In that phase a state is made
 *      in the old table, and its place, which is dead, in the new one before: so neither who makes
 *      states in the old one nor who makes them in the new one makes another.
 *   3. Nothing is deleted from the old table once the phase is not RL_MOVE_OLD.
 *   4. Without a move, `rl_moves` is 0 and frozen: the verifier leaves nothing of this.
 */
#ifndef RL_STATES_BPF_H
#define RL_STATES_BPF_H

#include <linux/errno.h>

#include "bpf/state/maps.bpf.h"
#include "bpf/state/presence.bpf.h"

static __always_inline __u32 rl_move_phase(void)
{
	__u32 zero = 0;
	struct rl_move *m = bpf_map_lookup_elem(&move, &zero);

	return m ? *(volatile __u32 *)&m->phase : RL_MOVE_NEW;
}

/* The element that the source has, which may be another's already. The swap, which changes nothing,
 * keeps the second look at the new table behind the one at the old one. */
static __always_inline struct rl_state *rl_find_state(__u64 fingerprint)
{
	struct rl_state *st = bpf_map_lookup_elem(&states, &fingerprint), *old;

	if (!rl_moves || (st && st->fingerprint == fingerprint))
		return st;
	old = bpf_map_lookup_elem(&states_old, &fingerprint);
	if (old && __sync_val_compare_and_swap(&old->fingerprint, 0, 0) == fingerprint)
		return old;
	return bpf_map_lookup_elem(&states, &fingerprint);
}

/* Names a new state when it is whole: the kernel copies it without its lock into an element in
 * which a CPU that came late may still look for the same source. Nobody else names or deletes it
 * before. */
static __always_inline void rl_name(struct rl_state *st, __u64 fingerprint)
{
	if (st)
		__sync_lock_test_and_set(&st->fingerprint, fingerprint);
}

/* A dead one. */
static __always_inline int rl_take_place(__u64 fingerprint, const void *fresh)
{
	int err; /* no long: before Linux 6.4 its upper half is not the sign */

	rl_present(fingerprint);
	err = bpf_map_update_elem(&states, &fingerprint, fresh, BPF_NOEXIST);
	if (err)
		rl_absent(fingerprint);
	return err;
}

static __always_inline int rl_make_old(__u64 fingerprint, const void *fresh, __u32 phase,
				       struct rl_state **made)
{
	int err = phase == RL_MOVE_BOTH ? rl_take_place(fingerprint, fresh) : 0;

	if (err)
		return err;
	err = bpf_map_update_elem(&states_old, &fingerprint, fresh, BPF_NOEXIST);
	if (!err)
		*made = bpf_map_lookup_elem(&states_old, &fingerprint);
	else if (err != -EEXIST && phase == RL_MOVE_BOTH &&
		 !bpf_map_delete_elem(&states, &fingerprint))
		rl_absent(fingerprint);
	return err;
}

/* A state that the source has not: 0, or what the kernel says. `fresh` is dead, and `made` is, until
 * it is named. */
static __always_inline int rl_make_state(__u64 fingerprint, const void *fresh,
					 struct rl_state **made)
{
	__u32 phase = rl_moves ? rl_move_phase() : RL_MOVE_NEW;
	int err;

	if (phase != RL_MOVE_NEW)
		return rl_make_old(fingerprint, fresh, phase, made);
	err = rl_take_place(fingerprint, fresh);
	if (!err)
		*made = bpf_map_lookup_elem(&states, &fingerprint);
	return err;
}

#endif
