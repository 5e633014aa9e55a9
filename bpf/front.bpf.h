/* SPDX-License-Identifier: GPL-2.0-only */
/* The front table at work: refusing from it, putting a source in, taking it out. Rules: front.h.
 */
#ifndef RL_FRONT_BPF_H
#define RL_FRONT_BPF_H

#include "front.h"
#include "maps.bpf.h"

/* Buckets of the table, less one. Frozen at load. */
const volatile __u32 rl_front_mask = 0;

static __always_inline struct rl_front_bucket *rl_front_bucket(__u64 fingerprint)
{
	__u32 place = fingerprint & rl_front_mask;

	return bpf_map_lookup_elem(&front, &place);
}

static __always_inline struct rl_front_entry *rl_front_find(struct rl_front_bucket *bucket,
							    __u64 fingerprint)
{
	rl_unroll
	for (int i = 0; i < RL_FRONT_WAYS; i++) {
		if (rl_front_is(bucket->entry[i].who, fingerprint))
			return &bucket->entry[i];
	}
	return 0;
}

/* Counts a packet that the entry refuses. Returns 0 if it does not, else the entry's count. */
static __always_inline __u64 rl_front_refuses(struct rl_front_entry *entry, __u64 mark, __u64 time,
					      __u32 bytes)
{
	__u64 count = entry->count;

	if (!rl_front_waits(entry->who, time) || !rl_front_counts(count, mark))
		return 0;
	__sync_fetch_and_add(&entry->count, rl_front_one(bytes));
	return count | 1;
}

/* Under the lock of the state that it belongs to. Returns what it counted. */
static __always_inline __u64 rl_front_take_out(struct rl_front_bucket *bucket, __u64 fingerprint)
{
	struct rl_front_entry *entry = rl_front_find(bucket, fingerprint);

	if (!entry)
		return 0;
	*(volatile __u64 *)&entry->who = 0;
	return __sync_lock_test_and_set(&entry->count, 0);
}

/* Under the lock of the state that it belongs to, which has no entry. Where all places are taken
 * nothing happens. Another bucket's lock may be held by another CPU: places are taken by compare
 * and swap, first as one that has ended, so that nothing is counted before all of it stands.
 * Returns packets that the place had counted for somebody who did not come again. */
static __always_inline __u64 rl_front_put(struct rl_front_bucket *bucket, __u64 fingerprint,
					  __u64 mark, __u64 now, __u64 until)
{
	__u64 time = rl_front_time(now),
	      length = (until >> RL_FRONT_UNIT_SHIFT) - (now >> RL_FRONT_UNIT_SHIFT);
	__u64 claim = rl_front_who(fingerprint, time), lost;

	if (until <= now || !length)
		return 0;
	if (length > RL_FRONT_HORIZON)
		length = RL_FRONT_HORIZON;
	rl_no_unroll
	for (int i = 0; i < RL_FRONT_WAYS; i++) {
		struct rl_front_entry *entry = &bucket->entry[i];
		__u64 who = entry->who;

		if ((who && rl_front_waits(who, time)) ||
		    __sync_val_compare_and_swap(&entry->who, who, claim) != who)
			continue;
		lost = __sync_lock_test_and_set(&entry->count, mark);
		__sync_val_compare_and_swap(&entry->who, claim,
					    rl_front_who(fingerprint, time + length));
		return rl_front_packets(lost);
	}
	return 0;
}

#endif
