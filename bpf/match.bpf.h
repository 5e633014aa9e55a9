/* SPDX-License-Identifier: GPL-2.0-only */
/* Which limits judge a packet: one row of bits for each dimension in use, and-ed, lowest bit first.
 */
#ifndef RL_MATCH_BPF_H
#define RL_MATCH_BPF_H

#include "call.bpf.h"

/* Index of the lowest bit by a de Bruijn sequence: clang 14 runs out of memory on __builtin_ctzll.
 */
#define RL_DE_BRUIJN 0x03f79d71b4cb0a89ull
static const __u8 rl_bit_table[64] = {
	0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,	62, 55, 59, 36, 53, 51,
	43, 22, 45, 39, 33, 30, 24, 18, 12, 5,	63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
	44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
};

static __always_inline __u32 rl_lowest_bit(__u64 v)
{
	return rl_bit_table[((v & -v) * RL_DE_BRUIJN) >> 58];
}

/* True if `addr` is in the prefix set and its entry has not ended. */
static __always_inline int rl_in_set(__u32 set, const union rl_addr *addr, __u64 now)
{
	struct rl_prefix key = {.bits = 32 + 128, .set = set, .addr = *addr};
	struct rl_prefix_value *v;

	if (!set)
		return 0;
	v = bpf_map_lookup_elem(&prefixes, &key);
	return v && (!v->until || now < v->until);
}

static __always_inline __u32 rl_prefix_row(__u32 set, const union rl_addr *addr, __u32 any)
{
	struct rl_prefix key = {.bits = 32 + 128, .set = set, .addr = *addr};
	struct rl_prefix_value *v = bpf_map_lookup_elem(&prefixes, &key);

	return v ? v->row : any;
}

#define RL_USES(set, dim) ((set)->dims & (1u << RL_DIM_##dim))

/* Notes the first word of a row to be and-ed. In memory and not in registers, since there the
 * verifier would follow each subset of the dimensions on its own. */
static __always_inline void rl_add_row(struct rl_call *call, const struct rl_rules *set, __u32 row)
{
	call->row[call->rows & (RL_ROWS_MAX - 1)] = row * set->words;
	call->rows++;
}

static __always_inline void rl_find_rows(struct rl_call *call, const struct rl_rules *set)
{
	const struct rl_packet *p = &call->pkt;

	call->rows = 0;
	if (RL_USES(set, PROTO))
		rl_add_row(call, set, set->row_proto[p->proto]);
	if (RL_USES(set, DPORT))
		rl_add_row(call, set, set->row_dport[p->dport]);
	if (RL_USES(set, SPORT))
		rl_add_row(call, set, set->row_sport[p->sport]);
	if (RL_USES(set, SOURCE))
		rl_add_row(call, set, rl_prefix_row(set->source_set, &p->source, set->source_any));
	if (RL_USES(set, DESTINATION))
		rl_add_row(
			call, set,
			rl_prefix_row(set->destination_set, &p->destination, set->destination_any));
	if (RL_USES(set, ICMP_TYPE))
		rl_add_row(
			call, set,
			set->row_icmp[p->icmp_type <= RL_ICMP_NONE ? p->icmp_type : RL_ICMP_NONE]);
	if (RL_USES(set, TRAITS))
		rl_add_row(call, set, set->row_traits[p->traits & (RL_TRAITS - 1)]);
	if (RL_USES(set, LENGTH))
		rl_add_row(call, set,
			   set->row_length[p->bytes < RL_PORTS ? p->bytes : RL_PORTS - 1]);
	if (RL_USES(set, VLAN))
		rl_add_row(call, set,
			   set->row_vlan[p->vlan <= RL_VLAN_NONE ? p->vlan : RL_VLAN_NONE]);
	if (RL_USES(set, IFACE))
		rl_add_row(call, set, set->row_iface[call->slot & (RL_IFACES_MAX - 1)]);
}

/* Limits of word `w` among `v` that match. */
static __always_inline __u64 rl_match_word(const struct rl_call *call, const struct rl_rules *set,
					   __u32 w, __u64 v)
{
	rl_no_unroll
	for (__u32 i = 0; i < RL_DIM_COUNT; i++) {
		if (i >= call->rows)
			break;
		v &= set->row[(call->row[i] + w) & (RL_ROW_WORDS - 1)];
	}
	return v;
}

/* A rule set never lets more than RL_JUDGE_MAX limits match; the mask is for the verifier. */
static __always_inline void rl_add_limit(struct rl_call *call, __u32 index)
{
	call->index[call->count & (RL_JUDGE_MAX - 1)] = index;
	call->count++;
}

/* One word of the match; the verifier looks at it once, not once a word. */
struct rl_match {
	struct rl_call *call;
	struct rl_rules *set;
	__u64 enforcing;
};

static long rl_match_nth(__u32 w, struct rl_match *m)
{
	__u64 v;

	if (w >= RL_LIMITS_MAX / 64)
		return 1;
	v = rl_match_word(m->call, m->set, w, m->set->live[w]);
	m->enforcing |= v & m->set->enforcing[w];
	rl_no_unroll
	for (int k = 0; k < RL_JUDGE_MAX; k++) {
		if (!v)
			break;
		rl_add_limit(m->call, w * 64 + rl_lowest_bit(v));
		v &= v - 1;
	}
	return 0;
}

/* Fills call->index and call->count. Global, verified once. Returns 0, or 1 if there are no rules
 * to ask. */
__attribute__((noinline)) int rl_match(struct rl_call *call)
{
	struct rl_match m = {.call = call};
	struct rl_rules *set;
	__u32 generation;

	if (!call)
		return 1;
	generation = call->generation;
	set = bpf_map_lookup_elem(&rules, &generation);
	if (!set)
		return 1;
	m.set = set;
	call->count = 0;
	rl_find_rows(call, set);
	bpf_loop(set->words, rl_match_nth, &m, 0);
	if (!m.enforcing && set->default_limit < RL_LIMITS_MAX) {
		__u64 bit = 1ull << (set->default_limit % 64);

		/* Its unit or its key may leave it nothing to say about this packet. */
		if (rl_match_word(call, set, set->default_limit / 64, bit))
			rl_add_limit(call, set->default_limit);
	}
	return 0;
}

#endif
