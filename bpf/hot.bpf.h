/* SPDX-License-Identifier: GPL-2.0-only */
/* The source that a CPU refuses most is counted on that CPU first. Else all CPUs that refuse it
 * write to one cache line, and each packet waits until it comes from the other one.
 *
 *   count  1 bit: the CPU counts; 2 bits: what is a hit; 9 bits: how often another source took the
 *          place; then bytes and packets as in the front table (front.h)
 *
 *   1. Refusals by the source's entry of the front table are counted here, nothing else. Its state
 * says that some CPU may do so (`hot`); whoever goes by the state (a packet that asks it, the
 * sweep, the daemon) gathers them first.
 *   2. A CPU puts a source in its own place only, and only when nothing is counted there. All
 * others take the count out, and with it the leave to count on: the CPU has to put the source in
 * again, and so says in its state once more that it counts.
 *   3. What belongs to no state (the source was forgotten, or has begun anew) is unattributed.
 */
#ifndef RL_HOT_BPF_H
#define RL_HOT_BPF_H

#include "call.bpf.h"
#include "front.bpf.h"

#define RL_HOT_COUNTS (1ull << 63)
#define RL_HOT_HITS_PACKETS (1ull << 62)
#define RL_HOT_HITS_BYTES (1ull << 61)
#define RL_HOT_KIND (7ull << 61)
#define RL_HOT_TURN (1ull << 52)
#define RL_HOT_TURNS (RL_HOT_HITS_BYTES - RL_HOT_TURN)
/* Packets, a power of two: then they go into the state. */
#define RL_HOT_FULL 256ull

/* Frozen at load: possible CPUs. */
const volatile __u32 rl_cpus = 1;

/* Once a tick: whose packets were the last ones of the two ticks before is likely to be who sends
 * most. */
static __always_inline void rl_hot_choose(struct rl_call *call)
{
	call->hot = call->fingerprint == call->last_of_tick ? call->fingerprint : 0;
	call->last_of_tick = call->fingerprint;
}

/* Takes out what is counted, and for whom. The word is the same at the end as before the
 * fingerprint was read, so that is the one it belongs to. Retries: its CPU counts meanwhile. */
static __always_inline __u64 rl_hot_take(struct rl_hot *h, __u64 *ret_fingerprint)
{
	rl_no_unroll
	for (int i = 0; i < RL_RETRIES; i++) {
		__u64 count = __sync_val_compare_and_swap(&h->count, 0, 0);

		*ret_fingerprint = *(volatile __u64 *)&h->fingerprint;
		if (!(count & RL_HOT_COUNTS))
			return 0;
		if (__sync_val_compare_and_swap(&h->count, count, count & RL_HOT_TURNS) == count)
			return count;
	}
	return 0;
}

/* Of what was counted, the hits of the window that is open: those of one that has ended are none.
 */
static __always_inline __u64 rl_hot_hits(const struct rl_state *st, __u64 count, __u64 now)
{
	if (now >= st->blocked_until || st->last_seen >= st->blocked_until)
		return 0;
	if (count & RL_HOT_HITS_BYTES)
		return rl_front_bytes(count);
	return count & RL_HOT_HITS_PACKETS ? rl_front_packets(count) : 0;
}

/* Returns 0 if there is no state that it can belong to. */
static __always_inline int rl_hot_into(__u64 fingerprint, __u64 count, __u64 now, int hot)
{
	struct rl_state *st = bpf_map_lookup_elem(&states, &fingerprint);
	struct rl_losses *l;
	int found = 0;

	if (st) {
		bpf_spin_lock(&st->lock);
		if (st->fingerprint == fingerprint && (st->blocked_until | st->banned_until)) {
			/* Other CPUs may add to the word without the lock. */
			__sync_fetch_and_add(&st->window[0].a, rl_hot_hits(st, count, now));
			rl_front_into(st, count, now);
			st->hot |= hot;
			found = 1;
		}
		bpf_spin_unlock(&st->lock);
	}
	l = found ? 0 : rl_losses();
	if (l)
		l->unattributed += rl_front_packets(count);
	return found;
}

static __always_inline void rl_hot_empty(struct rl_hot *h, __u64 now)
{
	__u64 fingerprint, count = rl_hot_take(h, &fingerprint);

	if (rl_front_packets(count))
		rl_hot_into(fingerprint, count, now, 0);
}

/* The packet's source gets this CPU's place. The packet itself is counted in the state. */
__attribute__((noinline)) int rl_hot_put(struct rl_call *call, __u64 kind)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_elem(&hot, &zero);
	__u64 turn;

	if (!call || !h)
		return 0;
	rl_hot_empty(h, call->now);
	turn = h->count & RL_HOT_TURNS;
	if (h->fingerprint != call->fingerprint) {
		turn = (turn + RL_HOT_TURN) & RL_HOT_TURNS;
		h->fingerprint = call->fingerprint;
	}
	/* First, or it would be taken out between the two and the state not know that it is back.
	 */
	__sync_lock_test_and_set(&h->count, kind | turn);
	if (!rl_hot_into(call->fingerprint, kind | rl_front_one(call->pkt.bytes), call->now, 1))
		__sync_lock_test_and_set(&h->count, turn);
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
	    __sync_val_compare_and_swap(&h->count, count, count + rl_front_one(call->pkt.bytes)) !=
		    count)
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

/* From all CPUs into the states: what is counted of one source, or of all (0). */
__attribute__((noinline)) int rl_hot_gather(__u64 fingerprint, __u64 now)
{
	struct rl_hot_search search = {fingerprint, now};
	struct rl_state *st = bpf_map_lookup_elem(&states, &fingerprint);

	if (st) {
		bpf_spin_lock(&st->lock);
		if (st->fingerprint == fingerprint)
			st->hot = 0;
		bpf_spin_unlock(&st->lock);
	}
	bpf_loop(rl_cpus, rl_hot_gather_nth, &search, 0);
	return 0;
}

#endif
