/* SPDX-License-Identifier: GPL-2.0-only */
/* The source that a CPU refuses most is counted on that CPU first. Else all CPUs that refuse it
 * write to one cache line, and each packet waits until it comes from the other one.
 *
 *   1. Refusals by the source's entry of the front table are counted here, nothing else. Its state
 *      says that some CPU may do so (`hot`); whoever goes by the state (a packet that asks it, the
 *      sweep, the daemon) gathers them first.
 *   2. Only its own CPU puts a source into a place, and only when nothing is counted there. Anybody
 *      takes the count out, and with it the leave to count on: the CPU has to put the source in
 *      again, and so says in its state once more that it counts.
 *   3. What is counted moves into the state under the state's lock. If there is no state, or one
 *      that has never refused, it is unattributed.
 */
#ifndef RL_HOT_BPF_H
#define RL_HOT_BPF_H

#include "bpf/call/call.bpf.h"
#include "bpf/quick/front.bpf.h"
#include "bpf/quick/hot.h"

/* Frozen at load: possible CPUs. */
rl_setting __u32 rl_cpus = 1;

/* Once a tick: whose packets were the last ones of the two ticks before is likely to be who sends
 * most. */
static __always_inline void rl_hot_choose(struct rl_call *call)
{
	call->hot = call->fingerprint == call->last_of_tick ? call->fingerprint : 0;
	call->last_of_tick = call->fingerprint;
}

/* Takes out what is counted, if it is this source's. Its CPU may count meanwhile, and put in
 * another source: the word is the same before the fingerprint is read and after, and the turns in
 * it are others for another source, so it is this one's. */
static __always_inline __u64 rl_hot_take(struct rl_hot *h, __u64 fingerprint)
{
	rl_no_unroll
	for (int i = 0; i < RL_RETRIES; i++) {
		__u64 count = __sync_val_compare_and_swap(&h->count, 0, 0);

		if (!(count & RL_HOT_COUNTS) || *(volatile __u64 *)&h->fingerprint != fingerprint)
			return 0;
		if (__sync_val_compare_and_swap(&h->count, count, count & RL_HOT_TURNS) == count)
			return count;
	}
	return 0;
}

/* Under the lock: whether it can have refused what was counted. */
static __always_inline int rl_hot_is_of(const struct rl_state *st, __u64 fingerprint)
{
	return st->fingerprint == fingerprint && (st->blocked_until | st->banned_until);
}

/* Under the lock. They are hits of the first window as long as that blocks. */
static __always_inline void rl_hot_into(struct rl_state *st, __u64 count, __u64 now)
{
	__u64 hits = 0;

	if (count & RL_HOT_HITS_PACKETS)
		hits = rl_front_packets(count);
	if (count & RL_HOT_HITS_BYTES)
		hits = rl_front_bytes(count);
	if (hits && st->blocked_until == st->window[0].b)
		rl_count_hits(&st->window[0], hits);
	rl_front_into(st, count, now);
}

/* The daemon's programs do this, too, and a packet may interrupt them. */
static __always_inline void rl_hot_lose(__u64 count)
{
	struct rl_losses *l = rl_losses();

	if (l)
		__sync_fetch_and_add(&l->unattributed, rl_front_packets(count));
}

/* Returns 0 if this is not the source's state. */
static __always_inline int rl_hot_empty_into(struct rl_state *st, struct rl_hot *h,
					     __u64 fingerprint, __u64 now)
{
	int mine;

	if (!st)
		return 0;
	bpf_spin_lock(&st->lock);
	mine = rl_hot_is_of(st, fingerprint);
	if (mine)
		rl_hot_into(st, rl_hot_take(h, fingerprint), now);
	bpf_spin_unlock(&st->lock);
	return mine;
}

/* What is counted in a place goes where it belongs. A state that was moved meanwhile is not moved
 * again. */
static __always_inline void rl_hot_empty(struct rl_hot *h, __u64 now)
{
	__u64 fingerprint = *(volatile __u64 *)&h->fingerprint;
	int found = rl_hot_empty_into(rl_find_state(fingerprint), h, fingerprint, now);

	if (!found && rl_moves)
		found = rl_hot_empty_into(rl_find_state(fingerprint), h, fingerprint, now);
	if (!found)
		rl_hot_lose(rl_hot_take(h, fingerprint));
}

/* Says in the source's state that a CPU counts it, and counts a packet there. */
static __always_inline int rl_hot_announce(const struct rl_call *call, __u64 kind)
{
	struct rl_state *st = rl_state(call);
	int found = 0;

	if (!st)
		return 0;
	bpf_spin_lock(&st->lock);
	if (rl_hot_is_of(st, call->fingerprint)) {
		st->hot = st->hot == 0xffff ? 1 : st->hot + 1;
		rl_hot_into(st, kind | rl_front_one(call->subject.bytes), call->now);
		found = 1;
	}
	bpf_spin_unlock(&st->lock);
	return found;
}

/* The packet's source gets this CPU's place. It may count before it is announced: who gathers in
 * between finds it; the other way round it would count on, unannounced. */
__attribute__((noinline)) int rl_hot_put(struct rl_call *call, __u64 kind)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_elem(&hot, &zero);
	__u64 turns;

	if (!call || !h)
		return 0;
	rl_hot_empty(h, call->now);
	turns = h->count & RL_HOT_TURNS;
	if (h->fingerprint != call->fingerprint) {
		turns = (turns + RL_HOT_TURN) & RL_HOT_TURNS;
		h->fingerprint = call->fingerprint;
	}
	__sync_lock_test_and_set(&h->count, kind | turns);
	if (!rl_hot_announce(call, kind) && (!rl_moves || !rl_hot_announce(call, kind))) {
		__sync_lock_test_and_set(&h->count, turns);
		rl_hot_lose(rl_front_one(call->subject.bytes));
	}
	return 0;
}

/* A refusal by an entry of the front table, whose count is given. */
static __always_inline void rl_hot_count(struct rl_call *call, const struct rl_limit *limit,
					 __u64 entry_count)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_elem(&hot, &zero);
	__u64 kind = RL_HOT_COUNTS, count;

	if (!h) /* never */
		return;
	if (limit->strategy == RL_STRATEGY_FIXED_WINDOW && !(entry_count & RL_FRONT_BANNED))
		kind |= limit->unit == RL_UNIT_BYTES ? RL_HOT_HITS_BYTES : RL_HOT_HITS_PACKETS;
	count = *(volatile __u64 *)&h->count;
	if (h->fingerprint != call->fingerprint || (count & (RL_HOT_KIND | RL_HOT_FULL)) != kind ||
	    __sync_val_compare_and_swap(&h->count, count,
					count + rl_front_one(call->subject.bytes)) != count)
		rl_hot_put(call, kind);
}

struct rl_hot_search {
	__u64 fingerprint; /* 0: everybody's */
	__u64 now;
};

static long rl_hot_gather_nth(__u32 cpu, const struct rl_hot_search *search)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_percpu_elem(&hot, &zero, cpu);

	if (h && (!search->fingerprint || h->fingerprint == search->fingerprint))
		rl_hot_empty(h, search->now);
	return 0;
}

/* From all CPUs into the states: what is counted of one source, or of all (0). The source's state
 * says that there is more until all of it is there, or a CPU has begun anew since. */
__attribute__((noinline)) int rl_hot_gather(__u64 fingerprint, __u64 now)
{
	struct rl_hot_search search = {fingerprint, now};
	struct rl_state *st = rl_find_state(fingerprint);
	__u16 before = st ? st->hot : 0;

	bpf_loop(rl_cpus, rl_hot_gather_nth, &search, 0);
	if (!st)
		return 0;
	bpf_spin_lock(&st->lock);
	if (st->fingerprint == fingerprint && st->hot == before)
		st->hot = 0;
	bpf_spin_unlock(&st->lock);
	return 0;
}

#endif
