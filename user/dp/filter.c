// SPDX-License-Identifier: GPL-2.0-only
/* The filter of prefixes: what is in no set of a rule set is known without the trie. There are two,
 * so that one can begin afresh while packets look at the other. */
#include <string.h>

#include "bpf/match/filter.h"
#include "dp/fill.h"

static void set_bits(__u64 *word, __u32 first, __u32 count)
{
	for (__u32 bit = first; bit < first + count; bit++)
		__atomic_fetch_or(&word[bit / 64], 1ull << bit % 64, __ATOMIC_RELAXED);
}

void dp_filter_add(struct rl_filter *f, const struct dp_prefix *p)
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

bool dp_filter_is_idle(const struct dp *dp, __u32 filter)
{
	for (__u32 g = 0; g < RL_GENERATIONS; g++)
		if ((dp->waiting | dp->dying) & 1u << g && dp->filter_of[g] == filter)
			return false;
	return true;
}

int dp_filter_fill(struct dp *dp, const struct dp_ruleset *set, struct rl_rules *new,
		   struct diag *d)
{
	bool fresh = set->lists && set->lists->fresh, add[DP_SET_COUNT] = {0};
	struct rl_filter *filter;

	new->filter = fresh ? set->lists->filter_at : dp_rules(dp)->filter % RL_FILTERS;
	for (int s = DP_LISTS; s < DP_SET_COUNT; s++)
		add[s] = fresh || !dp_sets_same(dp, s, set->set[s]);
	if (!add[DP_SET_SOURCE] && !add[DP_SET_DESTINATION])
		return 0;
	filter = dp_memory_map(dp->skel->maps.filters, new->filter, 1);
	if (!filter)
		return dp_fail(d, errno, "cannot map the filter of prefixes");
	for (int s = DP_LISTS; s < DP_SET_COUNT; s++)
		for (size_t i = 0; add[s] && i < set->set[s]->count; i++)
			dp_filter_add(filter, &set->set[s]->v[i]);
	dp_memory_unmap(dp->skel->maps.filters, filter, 1);
	return 0;
}
