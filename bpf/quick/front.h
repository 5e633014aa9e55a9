/* SPDX-License-Identifier: GPL-2.0-only */
/* The front table: the words of an entry, refusing by it, putting a source in, taking it out. Pure.
 *
 *   who    36 bits of the fingerprint, 28 bits of time: until then its packets are refused
 *   count  11 bits of the rule set's mark, 1 bit "by a ban", 32 bits of bytes, 20 bits of packets
 *
 *   1. An entry refuses only what its state would refuse, whatever the packet costs, and only under
 *      the limits that it was made for: a new mark ends all entries at once.
 *   2. It is made, and taken out again, under the lock of its state. Only counting needs no lock.
 *   3. What it counts goes into its state when it is taken out. An entry that gets too full to
 *      count is taken out, too.
 *   4. Time is in units of RL_FRONT_UNIT_NS and wraps after 13 days; an entry holds for
 *      RL_FRONT_HORIZON units at the most, after which the state is asked again.
 */
#ifndef RL_FRONT_H
#define RL_FRONT_H

#include "bpf/strategy/strategy.h"

#define RL_FRONT_TIME_BITS 28
#define RL_FRONT_TIME ((1ull << RL_FRONT_TIME_BITS) - 1)
#define RL_FRONT_UNIT_SHIFT 22
#define RL_FRONT_UNIT_NS (1ull << RL_FRONT_UNIT_SHIFT) /* 4.2 ms */
#define RL_FRONT_HORIZON (1ull << 14)		       /* 69 s */
/* A clock that ticks is behind by less; the slowest kernels tick each 10 ms. */
#define RL_TICK_MAX_NS (20 * 1000000ull)

#define RL_FRONT_MARK_SHIFT 53
#define RL_FRONT_MARKS (1u << (64 - RL_FRONT_MARK_SHIFT))
#define RL_FRONT_MARK (~0ull << RL_FRONT_MARK_SHIFT)
#define RL_FRONT_NO_MARK RL_FRONT_MARK /* of no rule set: such an entry refuses nothing */
#define RL_FRONT_BANNED (1ull << 52)
#define RL_FRONT_BYTES_SHIFT 20
#define RL_FRONT_PACKETS ((1ull << RL_FRONT_BYTES_SHIFT) - 1)
#define RL_FRONT_COUNT (RL_FRONT_BANNED - 1)
/* Half of what either count can hold: other CPUs have time to see it. */
#define RL_FRONT_TOO_FULL (1ull << 51 | 1ull << 19)

rl_inline __u64 rl_front_time(__u64 ns)
{
	return ns >> RL_FRONT_UNIT_SHIFT & RL_FRONT_TIME;
}

rl_inline __u64 rl_front_who(__u64 fingerprint, __u64 time)
{
	return (fingerprint & ~RL_FRONT_TIME) | (time & RL_FRONT_TIME);
}

rl_inline int rl_front_is(__u64 who, __u64 fingerprint)
{
	return !((who ^ fingerprint) >> RL_FRONT_TIME_BITS);
}

/* True while the entry's time is to come: 1 to RL_FRONT_HORIZON units from now. Both wrap. */
rl_inline int rl_front_waits(__u64 who, __u64 now)
{
	return ((who - now) & RL_FRONT_TIME) - 1 < RL_FRONT_HORIZON;
}

/* It goes on counting, for this rule set. A mark has none of the other bits. */
rl_inline int rl_front_is_open(__u64 count, __u64 mark)
{
	return !((count ^ mark) & (RL_FRONT_MARK | RL_FRONT_TOO_FULL));
}

rl_inline __u64 rl_front_one(__u64 bytes)
{
	return bytes << RL_FRONT_BYTES_SHIFT | 1;
}

rl_inline __u64 rl_front_packets(__u64 count)
{
	return count & RL_FRONT_PACKETS;
}

rl_inline __u64 rl_front_bytes(__u64 count)
{
	return (count & RL_FRONT_COUNT) >> RL_FRONT_BYTES_SHIFT;
}

rl_inline struct rl_front_entry *rl_front_find(struct rl_front_bucket *bucket, __u64 fingerprint)
{
	rl_unroll
	for (int i = 0; i < RL_FRONT_WAYS; i++) {
		if (rl_front_is(bucket->entry[i].who, fingerprint))
			return &bucket->entry[i];
	}
	return 0;
}

/* Returns the entry's count, to which the packet is to be added, or 0 if it does not refuse it. */
rl_inline __u64 rl_front_refuses(const struct rl_front_entry *entry, __u64 mark, __u64 time)
{
	__u64 count = entry->count;

	return rl_front_waits(entry->who, time) && rl_front_is_open(count, mark) ? count | 1 : 0;
}

rl_inline void rl_front_add(struct rl_front_entry *entry, __u64 count)
{
	__sync_fetch_and_add(&entry->count, count);
}

/* Under the lock of the state that it belongs to. Returns what it counted. */
rl_inline __u64 rl_front_take_out(struct rl_front_bucket *bucket, __u64 fingerprint)
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
rl_inline __u64 rl_front_put(struct rl_front_bucket *bucket, __u64 fingerprint, __u64 mark,
			     __u64 now, __u64 until)
{
	__u64 time = rl_front_time(now),
	      length = (until >> RL_FRONT_UNIT_SHIFT) - (now >> RL_FRONT_UNIT_SHIFT);
	__u64 claim = rl_front_who(fingerprint, time), lost;

	if (until <= now || !length)
		return 0;
	if (length > RL_FRONT_HORIZON)
		length = RL_FRONT_HORIZON;
	rl_no_unroll
	for (int i = 0; i < 2 * RL_FRONT_WAYS; i++) {
		struct rl_front_entry *entry = &bucket->entry[i % RL_FRONT_WAYS];
		__u64 who = entry->who;

		/* Empty places first: what one that has ended holds is lost to its source. */
		if ((who && (i < RL_FRONT_WAYS || rl_front_waits(who, time))) ||
		    __sync_val_compare_and_swap(&entry->who, who, claim) != who)
			continue;
		lost = __sync_lock_test_and_set(&entry->count, mark);
		__sync_val_compare_and_swap(&entry->who, claim,
					    rl_front_who(fingerprint, time + length));
		return rl_front_packets(lost);
	}
	return 0;
}

/* What an entry counted, into its state. When the last of it came is not known: before `now`, and
 * at the end of the block at the latest. The entry was made by the last packet that the state saw,
 * so how long a recovery takes is what that one left. */
rl_inline void rl_front_into(struct rl_state *st, __u64 count, __u64 now)
{
	__u64 packets = rl_front_packets(count);
	__u64 last = st->blocked_until > st->banned_until ? st->blocked_until : st->banned_until;

	if (!packets)
		return;
	if (last > now)
		last = now;
	st->drop_packets += packets;
	st->drop_bytes += rl_front_bytes(count);
	st->refused += packets;
	if (last <= st->last_seen)
		return;
	if (st->recover_at > st->last_seen)
		st->recover_at += last - st->last_seen;
	st->last_seen = last;
}

/* Refused hits of a fixed window are hits of that window. To be called while it is the one that
 * made the entry. */
rl_inline void rl_front_hits(struct rl_state *st, const struct rl_limit *limit, __u64 count)
{
	__u64 hits = limit->unit == RL_UNIT_BYTES ? rl_front_bytes(count) : rl_front_packets(count);

	if (hits && limit->strategy == RL_STRATEGY_FIXED_WINDOW && !(count & RL_FRONT_BANNED))
		rl_count_hits(&st->window[0], hits);
}

#endif
