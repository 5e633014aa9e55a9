/* SPDX-License-Identifier: GPL-2.0-only */
/* The strategies: one window, one hit, one decision. Pure; in the kernel they run under the state's
 * lock, so nothing here may become a function call.
 *
 * Meaning of struct rl_window_state:
 *   fixed-window, elastic: a = a tag and the hits counted, b = end of the window (0: never opened)
 *   sliding-window: a = start of the bucket, b = hits admitted in the one before, c = in this one;
 *                   all 0: never opened
 *   moving-window: a = hits admitted so far, b = how many of the first of them were inherited, and
 *                  when (rl_inherited()), c = end of the period of the last breach. In an overflow
 *                  bucket, which has no log: as sliding-window
 *   token-bucket: a + b / amount = the theoretical arrival time, c = end of the period of the last
 *                 breach
 */
#ifndef RL_STRATEGY_H
#define RL_STRATEGY_H

#include "bpf/parse/packet.h"

struct rl_take {
	int admitted;
	int opened;  /* the window began anew with this hit */
	__u64 count; /* hits counted in the window, this one included if it counts */
	__u64 until; /* when the window frees */
	/* Until then the window refuses a hit of any cost, whatever hits it refuses meanwhile; 0:
	 * that cannot be said. */
	__u64 blocked;
};

rl_inline __u64 rl_tag(__u64 fingerprint)
{
	return fingerprint & ~RL_COUNT;
}

/* Counts a hit of the open window if it admits it, without the lock. Returns 0 if it does not, or
 * if other CPUs were faster all the time. */
#define RL_SWAPS 4
rl_inline int rl_add_fixed(struct rl_window_state *s, const struct rl_window *w, __u64 tag,
			   __u64 cost)
{
	rl_no_unroll
	for (int i = 0; i < RL_SWAPS; i++) {
		__u64 old = *(volatile __u64 *)&s->a;

		if ((old & ~RL_COUNT) != tag || (old & RL_COUNT) + cost > w->amount)
			return 0;
		if (__sync_val_compare_and_swap(&s->a, old, old + cost) == old)
			return 1;
	}
	return 0;
}

/* Under the lock. Counts hits of the open window, less than 2^47, and returns those before them. A
 * count that no amount reaches stays where it is: it would grow into the tag and begin anew at 0.
 * Who counts without the lock ends at the amount. */
rl_inline __u64 rl_count_hits(struct rl_window_state *s, __u64 hits)
{
	__u64 count = *(volatile __u64 *)&s->a & RL_COUNT;

	if (count > RL_AMOUNT_MAX)
		return count;
	return __sync_fetch_and_add(&s->a, hits) & RL_COUNT;
}

/* Half-open: [b - period, b). Opens at the first hit; refused hits count but never extend it, save
 * in elastic, where every hit moves the end. Source: the `fixed-window` and
 * `fixed-window-elastic-expiry` of Python's limits. */
rl_inline void rl_take_fixed(struct rl_window_state *s, const struct rl_window *w, __u64 now,
			     __u64 cost, int elastic, __u64 tag, struct rl_take *ret)
{
	ret->opened = now >= s->b;
	/* The count first, then the end by which others find it open: the swap orders the two. */
	if (ret->opened) {
		__sync_lock_test_and_set(&s->a, tag | cost);
		ret->count = cost;
	} else {
		ret->count = rl_count_hits(s, cost) + cost;
	}
	if (ret->opened || elastic)
		s->b = now + w->period_ns;
	ret->until = s->b;
	ret->admitted = ret->count <= w->amount;
	ret->blocked = elastic ? 0 : s->b;
}

/* a * b < c * d, all of 64 bits, the products of 128, by halves of 32 bits. Opaque, since clang 22
 * would see what this is and call a function that BPF has not. */
rl_inline void rl_multiply(__u64 a, __u64 b, __u64 *high, __u64 *low)
{
	__u64 a0 = (__u32)a, a1 = a >> 32, b0 = (__u32)b, b1 = b >> 32;
	__u64 middle = a1 * b0 + (a0 * b0 >> 32);
	__u64 carry;

	rl_opaque(middle);
	carry = (__u32)middle + a0 * b1;
	*low = a * b;
	*high = a1 * b1 + (middle >> 32) + (carry >> 32);
}

rl_inline int rl_product_less(__u64 a, __u64 b, __u64 c, __u64 d)
{
	__u64 h1, l1, h2, l2;

	rl_multiply(a, b, &h1, &l1);
	rl_multiply(c, d, &h2, &l2);
	return h1 < h2 || (h1 == h2 && l1 < l2);
}

/* Buckets of one period, the first of which starts at the key's first hit. Returns 1 if another one
 * than before is now the current one. */
rl_inline int rl_slide(struct rl_window_state *s, const struct rl_window *w, __u64 now)
{
	__u64 age = now - s->a;
	int fresh = !(s->a | s->b | s->c) || age / 2 >= w->period_ns;

	if (!fresh && age < w->period_ns)
		return 0;
	s->b = fresh ? 0 : s->c;
	s->a = fresh ? now : s->a + w->period_ns;
	s->c = 0;
	return 1;
}

/* floor(previous * time_left / period) + current + cost <= amount, without the division: the
 * quotient is at most m if and only if previous * time_left < (m + 1) * period. Refused hits are
 * not counted. Source: `sliding-window-counter` of Python's limits on its Redis storage. */
rl_inline void rl_take_sliding(struct rl_window_state *s, const struct rl_window *w, __u64 now,
			       __u64 cost, struct rl_take *ret)
{
	__u64 left;

	ret->opened = rl_slide(s, w, now);
	left = w->period_ns - (now - s->a);
	ret->admitted = s->c + cost <= w->amount &&
			rl_product_less(s->b, left, w->amount - s->c - cost + 1, w->period_ns);
	s->c += ret->admitted ? cost : 0;
	ret->count = s->c;
	ret->until = s->a + w->period_ns;
	ret->blocked = s->c >= w->amount ? ret->until : 0;
}

/* A moving window without a log: as all of a bucket and the one before is counted in full, no time
 * as long as the period sees more than the amount; but it may see as little as half of it. */
rl_inline void rl_take_pair(struct rl_window_state *s, const struct rl_window *w, __u64 now,
			    __u64 cost, struct rl_take *ret)
{
	ret->opened = rl_slide(s, w, now);
	ret->admitted = s->b + s->c + cost <= w->amount;
	s->c += ret->admitted ? cost : 0;
	ret->count = s->b + s->c;
	ret->until = s->a + w->period_ns;
	ret->blocked = ret->count >= w->amount ? ret->until : 0;
}

/* GCRA (ITU-T I.371, virtual scheduling) in whole nanoseconds and `amount`ths of one, so that no
 * rate drifts: a hit moves the theoretical arrival time on by cost * period / amount, and is
 * admitted while that stays within the burst. */
rl_inline void rl_take_bucket(struct rl_window_state *s, const struct rl_limit *limit,
			      const struct rl_window *w, __u64 now, __u64 cost, struct rl_take *ret)
{
	__u64 burst = limit->burst ? limit->burst : w->amount, arrival = s->a, part = s->b, ahead;

	if (arrival < now) {
		arrival = now;
		part = 0;
	}
	ret->opened = now >= s->c;
	ret->admitted = 0;
	ret->count = cost;
	ret->until = now + w->period_ns;
	if (cost <= burst && w->amount) {
		part += cost * w->step_rem;
		arrival += cost * w->step_ns + part / w->amount;
		part %= w->amount;
		ahead = arrival - now;
		ret->admitted = ahead < limit->burst_ns ||
				(ahead == limit->burst_ns && part <= limit->burst_rem);
		ret->until = arrival - limit->burst_ns;
	}
	if (ret->admitted) {
		s->a = arrival;
		s->b = part;
	} else if (ret->opened) {
		s->c = now + w->period_ns;
	}
	ret->blocked = cost == 1 ? ret->until : 0;
}

/* Of a moving window the hits that were inherited, at most RL_LOG_MAX, are not in the log: their
 * number, and one time for all of them, rounded up, are in one word. */
#define RL_INHERITED_HITS 2047ull

rl_inline __u64 rl_inherited(__u64 hits, __u64 time)
{
	return ((time + RL_INHERITED_HITS) & ~RL_INHERITED_HITS) | hits;
}

/* When the nth hit was admitted, by the log, a ring of mask + 1 places, or as inherited. */
rl_inline __u64 rl_logged(const struct rl_window_state *s, __u64 nth, const __u64 *log, __u32 mask)
{
	if (nth < (s->b & RL_INHERITED_HITS))
		return s->b & ~RL_INHERITED_HITS;
	return log[nth & mask];
}

/* Exact log. Refused hits are not logged; an entry of age exactly `period` still counts. `log` has
 * at least as many places as the amount. Source: the `moving-window` of Python's limits. */
rl_inline void rl_take_log(struct rl_window_state *s, const struct rl_window *w, __u64 now,
			   __u64 *log, __u32 mask, struct rl_take *ret)
{
	__u64 oldest = rl_logged(s, s->a - w->amount, log, mask); /* of the last `amount` hits */

	ret->opened = now >= s->c;
	ret->admitted = w->amount && (s->a < w->amount || oldest + w->period_ns < now);
	ret->count = w->amount + 1;
	ret->until = oldest + w->period_ns + 1;
	ret->blocked = ret->until;
	if (ret->admitted)
		log[s->a++ & mask] = now;
	else if (ret->opened)
		s->c = now + w->period_ns;
}

rl_inline void rl_take_window(struct rl_window_state *s, const struct rl_limit *limit, __u32 i,
			      __u64 now, __u64 cost, __u64 tag, struct rl_take *ret)
{
	const struct rl_window *w = &limit->window[i];

	switch (limit->strategy) {
	case RL_STRATEGY_MOVING_WINDOW: /* only an overflow bucket, which has no log */
		rl_take_pair(s, w, now, cost, ret);
		break;
	case RL_STRATEGY_SLIDING_WINDOW:
		rl_take_sliding(s, w, now, cost, ret);
		break;
	case RL_STRATEGY_TOKEN_BUCKET:
		rl_take_bucket(s, limit, w, now, cost, ret);
		break;
	default:
		rl_take_fixed(s, w, now, cost, limit->strategy == RL_STRATEGY_ELASTIC, tag, ret);
	}
}

/* A window of a state that begins takes over what that of an overflow bucket has counted: the
 * source's own hits and others'. Returns whether any of them is not over, and 2 if they weigh in the period
 * after this one, too. */
rl_inline int rl_inherit_window(struct rl_window_state *to, struct rl_window_state *from,
				const struct rl_limit *limit, __u32 i, __u64 now, __u64 tag)
{
	const struct rl_window *w = &limit->window[i];

	switch (limit->strategy) {
	case RL_STRATEGY_MOVING_WINDOW:
		rl_slide(from, w, now);
		to->a = from->b + from->c;
		to->b = rl_inherited(to->a, now);
		to->c = now + w->period_ns;
		return !!to->a;
	case RL_STRATEGY_SLIDING_WINDOW:
		rl_slide(from, w, now);
		*to = *from;
		return from->c ? 2 : !!from->b;
	case RL_STRATEGY_TOKEN_BUCKET:
		*to = *from;
		to->c = from->a; /* it has drained by then */
		return from->a > now;
	default:
		if (now >= from->b)
			return 0;
		to->a = tag | (from->a & RL_COUNT);
		to->b = from->b;
		return 1;
	}
}

#endif
