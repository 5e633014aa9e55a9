/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sources are in the state table, at the price of one bit of memory that is near: a counting
 * filter (Fan et al., "Summary Cache", 2000), asked only while the table is full, when a flood of
 * new sources would otherwise look each of them up in vain. Pure.
 *
 *   1. A state is counted before it is made, and taken off after it was deleted, or not made: no
 *      counter is ever less than its states, and none goes below 0, which would take from its
 *      neighbours.
 *   2. A counter that has come to RL_PRESENT_STUCK stays: whoever shares it is looked up in vain.
 */
#ifndef RL_PRESENCE_H
#define RL_PRESENCE_H

#include "bpf/parse/packet.h"

#define RL_PRESENT_BITS 4
#define RL_PRESENT_STUCK 8

/* The word of 16 counters, to be masked. */
rl_inline __u32 rl_present_word(__u64 fingerprint)
{
	return fingerprint >> 24;
}

rl_inline __u32 rl_present_shift(__u64 fingerprint)
{
	return (fingerprint >> 56 & 15) * RL_PRESENT_BITS;
}

/* How many states there may be; 0: none. */
rl_inline __u32 rl_present_count(__u64 word, __u64 fingerprint)
{
	return word >> rl_present_shift(fingerprint) & ((1u << RL_PRESENT_BITS) - 1);
}

/* What one state more or less adds to the word. */
rl_inline __u64 rl_present_one(__u64 word, __u64 fingerprint)
{
	if (rl_present_count(word, fingerprint) >= RL_PRESENT_STUCK)
		return 0;
	return 1ull << rl_present_shift(fingerprint);
}

#endif
