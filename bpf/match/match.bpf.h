/* SPDX-License-Identifier: GPL-2.0-only */
/* Which limits judge a packet: one row of bits for each dimension in use, and-ed, lowest bit
 * first. */
#ifndef RL_MATCH_BPF_H
#define RL_MATCH_BPF_H

#include "bpf/call/call.bpf.h"
#include "bpf/match/filter.h"

/* Index of the lowest bit by a de Bruijn sequence: clang 14 and 17 run out of memory on
 * __builtin_ctzll, 18 says that it is unimplemented. From 17 on they see through the sequence, and
 * must not. */
#define RL_DE_BRUIJN 0x03f79d71b4cb0a89ull
static const __u8 rl_bit_table[64] = {
	0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,	62, 55, 59, 36, 53, 51,
	43, 22, 45, 39, 33, 30, 24, 18, 12, 5,	63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
	44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
};

static __always_inline __u32 rl_lowest_bit(__u64 v)
{
	__u64 lowest = v & -v;

	rl_opaque(lowest);
	return rl_bit_table[(lowest * RL_DE_BRUIJN) >> 58];
}

/* What rl_in_set() says of an entry; other than 0, so that it is true. */
enum { RL_IN_SET = 1, RL_IN_SET_BAN };

/* True if `addr` is in the prefix set and its entry has not ended. */
static __always_inline int rl_in_set(__u32 set, const union rl_addr *addr, __u64 now)
{
	struct rl_prefix key = {.bits = 32 + 128, .set = set, .addr = *addr};
	struct rl_prefix_value *v;

	if (!set)
		return 0;
	v = bpf_map_lookup_elem(&prefixes, &key);
	if (!v || (v->until && v->until <= now))
		return 0;
	return v->row ? RL_IN_SET_BAN : RL_IN_SET;
}

/* False only if the address is in none of the rule set's prefix sets. */
static __always_inline int rl_may_have(const struct rl_rules *set, const union rl_addr *addr)
{
	__u32 which = set->filter;
	struct rl_filter *f = bpf_map_lookup_elem(&filters, &which);

	return !f || rl_filter_may(f, addr);
}

static __always_inline __u32 rl_prefix_row(const struct rl_rules *rules, __u32 set,
					   const union rl_addr *addr, __u32 any)
{
	struct rl_prefix key = {.bits = 32 + 128, .set = set, .addr = *addr};
	struct rl_prefix_value *v;

	if (!rl_may_have(rules, addr))
		return any;
	v = bpf_map_lookup_elem(&prefixes, &key);
	return v ? v->row : any;
}

#define RL_USES(set, dim) ((set)->dims & (1u << RL_DIM_##dim))

#define RL_ROWS_MAX 16 /* a power of two, at least RL_DIM_COUNT */
_Static_assert(RL_ROWS_MAX >= RL_DIM_COUNT, "rows");

/* Where the rows of a packet begin in rl_rules.row. */
struct rl_found_rows {
	__u32 count;
	__u32 at[RL_ROWS_MAX];
};

/* Notes where a row to be and-ed begins. In memory and not in registers, since there the verifier
 * would follow each subset of the dimensions on its own. */
static __always_inline void rl_add_row(struct rl_found_rows *rows, const struct rl_rules *set,
				       __u32 row)
{
	rows->at[rows->count & (RL_ROWS_MAX - 1)] = row * RL_ROW_STRIDE(set->words);
	rows->count++;
}

/* Of a value to what its map knows: what is beyond is the last. */
static __always_inline __u32 rl_at_most(__u32 value, __u32 last)
{
	return value < last ? value : last;
}

/* What packet `p` of call `call` has in the dimensions of RL_MAPS. */
#define RL_INDEX_PROTO p->subject.proto
#define RL_INDEX_ICMP_TYPE rl_at_most(p->icmp_type, RL_ICMP_NONE)
#define RL_INDEX_TRAITS (p->traits & (RL_TRAITS - 1))
#define RL_INDEX_FLAGS rl_at_most(p->flags, RL_FLAGS_ANY)
#define RL_INDEX_IFACE (call->slot & (RL_IFACES_MAX - 1))
#define RL_INDEX_VLAN rl_at_most(p->vlan, RL_VLAN_NONE)
#define RL_INDEX_DPORT rl_ntohs(p->subject.dport)
#define RL_INDEX_SPORT rl_ntohs(p->subject.sport)
#define RL_INDEX_LENGTH rl_at_most(p->subject.bytes, RL_PORTS - 1)
#define RL_INDEX_IP_LENGTH rl_at_most(p->ip_bytes, RL_PORTS - 1)

static __always_inline void rl_find_rows(const struct rl_call *call, const struct rl_rules *set,
					 struct rl_found_rows *rows)
{
	const struct rl_packet *p = &call->pkt;

	if (!set->dims)
		return;
#define X(dim, field, values)                                                                      \
	if (RL_USES(set, dim))                                                                     \
		rl_add_row(rows, set, set->field[RL_INDEX_##dim]);
	RL_MAPS(X)
#undef X
	if (RL_USES(set, SOURCE))
		rl_add_row(
			rows, set,
			rl_prefix_row(set, set->source_set, &p->subject.source, set->source_any));
	if (RL_USES(set, DESTINATION))
		rl_add_row(rows, set,
			   rl_prefix_row(set, set->destination_set, &p->subject.destination,
					 set->destination_any));
}

/* `v` and-ed with the `at`-th word of all rows. */
static __always_inline __u64 rl_and_rows(const struct rl_found_rows *rows,
					 const struct rl_rules *set, __u32 at, __u64 v)
{
	rl_no_unroll
	for (__u32 i = 0; i < RL_DIM_COUNT; i++) {
		if (i >= rows->count)
			break;
		v &= set->row[(rows->at[i] + at) & (RL_ROW_WORDS - 1)];
	}
	return v;
}

/* A rule set never lets more than RL_JUDGE_MAX limits match; the mask is for the verifier. */
static __always_inline void rl_add_limit(struct rl_call *call, __u32 index)
{
	call->index[call->count & (RL_JUDGE_MAX - 1)] = index;
	call->count++;
}

/* The matching limits of word `w`. Returns those of them that enforce. */
static __always_inline __u64 rl_match_word(struct rl_call *call, const struct rl_rules *set,
					   const struct rl_found_rows *rows, __u32 w)
{
	__u64 v = rl_and_rows(rows, set, 1 + w, set->live[w]), all = v;

	rl_no_unroll
	for (int k = 0; k < RL_JUDGE_MAX; k++) {
		if (!v)
			break;
		rl_add_limit(call, w * 64 + rl_lowest_bit(v));
		v &= v - 1;
	}
	return all & set->enforcing[w];
}

/* Its unit or its key may leave the limit `default` nothing to say about the packet. */
static __always_inline void rl_match_default(struct rl_call *call, const struct rl_rules *set,
					     const struct rl_found_rows *rows)
{
	__u32 index = set->default_limit;

	if (index < RL_LIMITS_MAX && rl_and_rows(rows, set, 1 + index / 64, 1ull << (index % 64)))
		rl_add_limit(call, index);
}

/* Fills call->index and call->count: words of limits that the rows' summaries leave, lowest first.
 * Global, verified once. */
__attribute__((noinline)) int rl_match_all(struct rl_call *call)
{
	struct rl_found_rows here = {}, *rows = &here;
	__u64 enforcing = 0, words;
	struct rl_rules *set;

	/* Or clang makes "or" of its address plus an index, which the verifier refuses. */
	rl_opaque(rows);
	if (!call)
		return 0;
	set = rl_rules(call);
	if (!set)
		return 0;
	call->count = 0;
	rl_find_rows(call, set, rows);
	words = rl_and_rows(rows, set, 0, set->live_words);
	rl_no_unroll
	for (__u32 i = 0; i < RL_LIMITS_MAX / 64; i++) {
		__u32 w = rl_lowest_bit(words) & (RL_LIMITS_MAX / 64 - 1);

		if (!words)
			break;
		enforcing |= rl_match_word(call, set, rows, w);
		words &= words - 1;
	}
	if (!enforcing)
		rl_match_default(call, set, rows);
	return 0;
}

/* What one of the rows of a rule set with `words` words says at a place. */
static __always_inline __u64 rl_row_word(const struct rl_rules *set, __u32 row, __u32 words,
					 __u32 at)
{
	return set->row[(row * RL_ROW_STRIDE(words) + at) & (RL_ROW_WORDS - 1)];
}

/* The `at`-th word of all rows, and-ed, without those of prefixes. */
static __always_inline __u64 rl_match_few(const struct rl_call *call, const struct rl_rules *set,
					  __u32 words, __u32 at)
{
	const struct rl_packet *p = &call->pkt;
	__u64 v = ~0ull;

	if (!set->dims)
		return v;
#define X(dim, field, values)                                                                      \
	if (RL_USES(set, dim))                                                                     \
		v &= rl_row_word(set, set->field[RL_INDEX_##dim], words, at);
	RL_MAPS(X)
#undef X
	return v;
}

#define RL_PREFIX_DIMS (1u << RL_DIM_SOURCE | 1u << RL_DIM_DESTINATION)

/* Fills call->index and call->count, if no limit matches or one does, in the `w`-th word. Returns 0
 * if that is not so. */
static __always_inline int rl_match_one(struct rl_call *call, const struct rl_rules *set,
					__u32 words, __u32 w)
{
	__u64 some = rl_match_few(call, set, words, 1 + w), v = some & set->live[w];
	__u32 last = set->default_limit;

	if (!(v & set->enforcing[w]) && last < RL_LIMITS_MAX) {
		if (last / 64 != w)
			return 0;
		v |= some & 1ull << last % 64;
	}
	if (v & (v - 1))
		return 0;
	call->count = !!v;
	call->index[0] = w * 64 + rl_lowest_bit(v);
	return 1;
}

/* The same for more than 64 limits. */
static __always_inline int rl_match_one_of_many(struct rl_call *call, const struct rl_rules *set)
{
	__u64 words = rl_match_few(call, set, set->words, 0) & set->live_words;

	if (!words || words & (words - 1))
		return 0;
	return rl_match_one(call, set, set->words, rl_lowest_bit(words) & (RL_LIMITS_MAX / 64 - 1));
}

/* Fills call->index and call->count: what most machines need in line. */
static __always_inline void rl_match(struct rl_call *call, const struct rl_rules *set)
{
	int done = 0;

	if (!(set->dims & RL_PREFIX_DIMS))
		done = set->words == 1 ? rl_match_one(call, set, 1, 0)
				       : rl_match_one_of_many(call, set);
	if (!done)
		rl_match_all(call);
}

#endif
