// SPDX-License-Identifier: GPL-2.0-only
/* Prefix sets: all live in one trie, told apart by a number that is never reused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/match/filter.h"
#include "dp/internal.h"

#define SWEEP_PIECE 256 /* prefixes: some 0.3 ms */

static void make_entry(__u32 set, const struct dp_prefix *p, struct rl_prefix *key,
		       struct rl_prefix_value *value)
{
	*key = (struct rl_prefix){.bits = 32 + p->len, .set = set, .addr = p->addr};
	*value = (struct rl_prefix_value){.until = p->until_ns, .row = p->row};
}

/* An entry of all IPv4 that says that an IPv4 address in none of the set's own prefixes of IPv4 is
 * in no prefix: else the trie would go on to those of IPv6 that have the bits of ::ffff:0:0/96.
 * Each set has it from its beginning on, unless 0.0.0.0/0 is in its place. No bit of a filter is
 * set for it. */
static void make_end_of_ipv4(__u32 set, __u32 row, struct rl_prefix *key,
			     struct rl_prefix_value *value)
{
	static const struct dp_prefix ipv4 = {
		.addr = {.byte = {[10] = 0xff, [11] = 0xff}},
		.len = ADDR_MAPPED_BITS,
		.until_ns = 1,
	};

	make_entry(set, &ipv4, key, value);
	value->row = row;
}

static void set_bits(__u64 *word, __u32 first, __u32 count)
{
	for (__u32 bit = first; bit < first + count; bit++)
		__atomic_fetch_or(&word[bit / 64], 1ull << bit % 64, __ATOMIC_RELAXED);
}

/* Before the prefix goes into the trie. */
static void filter_add(struct rl_filter *f, const struct dp_prefix *p)
{
	bool ipv4 = rl_is_mapped(&p->addr);

	if (ipv4 && p->len >= 96 + 24)
		set_bits(f->ipv4, rl_filter_bit4(&p->addr), 1);
	else if (ipv4 && p->len >= 96 + 8)
		set_bits(f->ipv4, rl_filter_bit4(&p->addr), 1u << (96 + 24 - p->len));
	else if (!ipv4 && p->len >= 48)
		set_bits(f->ipv6, rl_filter_bit48(&p->addr), 1);
	else if (!ipv4 && p->len >= 32)
		set_bits(f->ipv6, rl_filter_bit32(&p->addr), 1);
	else
		__atomic_fetch_or(&f->all, ipv4 ? RL_FILTER_ALL4 : RL_FILTER_ALL6,
				  __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

/* If all sets are given and no packet can still look at the other filter, that one may begin
 * afresh, without the bits of what is gone. */
static bool filter_may_change(const struct dp *dp, const struct dp_ruleset *set, __u32 other)
{
	for (int s = 0; s < DP_SET_COUNT; s++) {
		if (!set->set[s])
			return false;
	}
	for (__u32 g = 0; g < RL_GENERATIONS; g++) {
		if ((dp->waiting | dp->dying) & 1u << g && dp->filter_of[g] == other)
			return false;
	}
	return true;
}

static bool sets_change(const struct dp *dp, const struct dp_ruleset *set)
{
	for (int s = 0; s < DP_SET_COUNT; s++) {
		if (set->set[s] && !dp_sets_same(dp, s, set->set[s]))
			return true;
	}
	return false;
}

int dp_filter_fill(struct dp *dp, const struct dp_ruleset *set, struct rl_rules *new,
		   struct diag *d)
{
	__u32 active = dp_rules(dp)->filter % RL_FILTERS, other = !active;
	bool change = sets_change(dp, set), fresh = change && filter_may_change(dp, set, other);
	struct rl_filter *filter;

	new->filter = fresh ? other : active;
	if (!change)
		return 0;
	filter = dp_memory_map(dp->skel->maps.filters, new->filter, 1);
	if (!filter)
		return dp_fail(d, errno, "cannot map the filter of prefixes");
	if (fresh)
		memset(filter, 0, sizeof(*filter));
	for (int s = 0; s < DP_SET_COUNT; s++) {
		for (size_t i = 0; set->set[s] && i < set->set[s]->count; i++)
			filter_add(filter, &set->set[s]->v[i]);
	}
	dp_memory_unmap(dp->skel->maps.filters, filter, 1);
	return 0;
}

int dp_sets_fill(struct dp *dp, const struct dp_prefixes *set, __u32 *ret_id, struct diag *d)
{
	int fd = bpf_map__fd(dp->skel->maps.prefixes);
	struct rl_prefix key;
	struct rl_prefix_value value;
	__u32 id;

	if (!set->count) {
		*ret_id = 0;
		return 0;
	}
	id = dp->identity->next_set_id++;
	make_end_of_ipv4(id, set->none, &key, &value);
	for (size_t i = 0; i <= set->count; i++) {
		if (i)
			make_entry(id, &set->v[i - 1], &key, &value);
		/* On failure the entries so far belong to no generation: the next sweep takes
		 * them. */
		if (bpf_map_update_elem(fd, &key, &value, BPF_ANY))
			return diag_errno(d, errno, "the table of prefixes cannot hold all %zu",
					  set->count);
	}
	*ret_id = id;
	return 0;
}

bool dp_sets_same(const struct dp *dp, enum dp_set set, const struct dp_prefixes *with)
{
	const struct dp_prefixes *filled = &dp->filled[set];

	return filled->v && filled->count == with->count && filled->none == with->none &&
	       (!with->count || !memcmp(filled->v, with->v, with->count * sizeof(*with->v)));
}

void dp_sets_remember(struct dp *dp, enum dp_set set, const struct dp_prefixes *what)
{
	struct dp_prefixes *filled = &dp->filled[set];
	struct dp_prefix *copy;

	if (set == DP_SET_ALLOW || set == DP_SET_DENY || dp_sets_same(dp, set, what))
		return;
	copy = reallocarray(NULL, what->count + 1, sizeof(*copy));
	if (copy && what->count)
		memcpy(copy, what->v, what->count * sizeof(*copy));
	free((void *)filled->v);
	*filled = (struct dp_prefixes){copy, what->count, what->none};
}

void dp_sets_forget(struct dp *dp)
{
	for (int s = 0; s < DP_SET_COUNT; s++)
		free((void *)dp->filled[s].v);
}

static __u32 active_set(struct dp *dp, enum dp_set set)
{
	return set == DP_SET_ALLOW ? dp_rules(dp)->allow_set : dp_rules(dp)->deny_set;
}

int dp_set_put(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	__u32 id = active_set(dp, set);
	struct rl_filter *filter;
	struct rl_prefix key;
	struct rl_prefix_value value;

	if (!id) {
		return diag_errno(d, ENOENT, "the list is empty and must be published");
	}
	make_entry(id, prefix, &key, &value);
	filter = dp_memory_map(dp->skel->maps.filters, dp_rules(dp)->filter % RL_FILTERS, 1);
	if (!filter)
		return dp_fail(d, errno, "cannot map the filter of prefixes");
	filter_add(filter, prefix);
	dp_memory_unmap(dp->skel->maps.filters, filter, 1);
	if (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.prefixes), &key, &value, BPF_ANY))
		return dp_fail(d, errno, "cannot add to the list");
	return 0;
}

int dp_set_del(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	int fd = bpf_map__fd(dp->skel->maps.prefixes);
	__u32 id = active_set(dp, set);
	struct rl_prefix key;
	struct rl_prefix_value value;

	if (!id)
		return 0;
	if (prefix->len == ADDR_MAPPED_BITS && rl_is_mapped(&prefix->addr)) {
		make_end_of_ipv4(id, 0, &key, &value);
		if (bpf_map_update_elem(fd, &key, &value, BPF_ANY))
			return dp_fail(d, errno, "cannot delete from the list");
		return 0;
	}
	make_entry(id, prefix, &key, &value);
	if (bpf_map_delete_elem(fd, &key) && errno != ENOENT)
		return dp_fail(d, errno, "cannot delete from the list");
	return 0;
}

static bool is_dead(__u32 set, const struct dp_dead_sets *dead)
{
	for (int s = 0; s < DP_SET_COUNT; s++) {
		if (dead->live[s] == set)
			return false;
	}
	return set < dead->below;
}

/* A key is asked for its successor before it goes, since the successor of a missing key would be
 * the first one. */
void dp_sets_sweep(int fd, struct dp_sweep_sets *sweep)
{
	struct rl_prefix *at = &sweep->at, next;

	if (!sweep->started)
		sweep->more = !bpf_map_get_next_key(fd, NULL, at);
	sweep->started = true;
	for (int i = 0; sweep->more && i < SWEEP_PIECE; i++) {
		sweep->more = !bpf_map_get_next_key(fd, at, &next);
		if (is_dead(at->set, &sweep->dead))
			bpf_map_delete_elem(fd, at);
		*at = next;
	}
	if (sweep->more)
		return;
	sweep->started = false;
	sweep->more = sweep->again;
	sweep->again = false;
}
