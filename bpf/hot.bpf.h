/* SPDX-License-Identifier: GPL-2.0-only */
/* The source that a CPU refuses most is counted on that CPU first. Else all CPUs that refuse it
 * write to one cache line, and each packet waits until it comes from the other one.
 *
 *   1. Only refusals by the source's entry of the front table are counted here, as that counts them
 * (front.h), and only if rl_hot names the source.
 *   2. Whom rl_hot names is changed by its own CPU alone, with nothing counted. Others take what is
 * counted, at any time.
 *   3. What is counted goes on into the entry after RL_HOT_PACKETS; else into the state, with the
 * first packet of the next tick, whosever that is, or when the daemon asks.
 */
#ifndef RL_HOT_BPF_H
#define RL_HOT_BPF_H

#include "call.bpf.h"
#include "front.bpf.h"

/* Few enough that an entry, which is taken out when it is half full, has room for them from all
 * CPUs at once, however long they are. */
#define RL_HOT_PACKETS 256

/* Frozen at load: possible CPUs. */
const volatile __u32 rl_cpus = 1;

/* Keeps what is to be added to an entry's count. Returns what is to be added to it now. */
static __always_inline __u64 rl_hot_keep(__u64 fingerprint, __u64 one)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_elem(&hot, &zero);

	if (!h || h->fingerprint != fingerprint)
		return one;
	if (rl_front_packets(h->count) >= RL_HOT_PACKETS - 1)
		return one + __sync_lock_test_and_set(&h->count, 0);
	__sync_fetch_and_add(&h->count, one);
	return 0;
}

/* What a CPU has counted goes into the source's state. */
static __always_inline void rl_hot_settle(struct rl_hot *h, __u64 now)
{
	__u64 fingerprint = *(volatile __u64 *)&h->fingerprint, count;
	struct rl_losses *l = rl_losses();
	struct rl_state *st;

	if (!h->count)
		return;
	count = __sync_lock_test_and_set(&h->count, 0);
	st = bpf_map_lookup_elem(&states, &fingerprint);
	/* Another CPU's, which may have gone on to another source in between. */
	if (st && *(volatile __u64 *)&h->fingerprint == fingerprint) {
		bpf_spin_lock(&st->lock);
		if (st->fingerprint == fingerprint) {
			rl_front_into(st, count, now);
			count = 0;
		}
		bpf_spin_unlock(&st->lock);
	}
	if (l)
		l->unattributed += rl_front_packets(count);
}

/* The first packet of a tick. Whose packets were the last ones of the two ticks before is likely to
 * be who sends most. */
__attribute__((noinline)) int rl_hot_tick(struct rl_call *call, __u64 now)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_elem(&hot, &zero);

	if (!call || !h)
		return 0;
	rl_hot_settle(h, now);
	call->hot = call->fingerprint == call->last_of_tick ? call->fingerprint : 0;
	call->last_of_tick = call->fingerprint;
	h->fingerprint = call->hot;
	return 0;
}

static long rl_hot_settle_nth(__u32 cpu, const __u64 *now)
{
	__u32 zero = 0;
	struct rl_hot *h = bpf_map_lookup_percpu_elem(&hot, &zero, cpu);

	if (h)
		rl_hot_settle(h, *now);
	return 0;
}

static __always_inline void rl_hot_settle_all(__u64 now)
{
	bpf_loop(rl_cpus, rl_hot_settle_nth, &now, 0);
}

#endif
