/* SPDX-License-Identifier: GPL-2.0-only */
/* Prefix sets: all live in one trie, told apart by a number that is never reused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/filter.h"
#include "dp/internal.h"

static void make_entry(__u32 set, const struct dp_prefix *p, struct rl_prefix *key,
		       struct rl_prefix_value *value)
{
	*key = (struct rl_prefix){.bits = 32 + p->len, .set = set, .addr = p->addr};
	*value = (struct rl_prefix_value){.until = p->until_ns, .row = p->row};
}

static void set_bits(__u64 *word, __u32 first, __u32 count)
{
	for (__u32 bit = first; bit < first + count; bit++)
		__atomic_fetch_or(&word[bit / 64], 1ull << bit % 64, __ATOMIC_RELAXED);
}

/* Before the prefix goes into the trie. */
static void filter_add(struct rl_filter *f, const struct dp_prefix *p)
{
	bool ipv4 = p->len >= 96 && rl_is_mapped(&p->addr);

	if (ipv4 && p->len >= 96 + 24)
		set_bits(f->ipv4, rl_filter_bit4(&p->addr), 1);
	else if (ipv4 && p->len >= 96 + 8)
		set_bits(f->ipv4, rl_filter_bit4(&p->addr), 1u << (96 + 24 - p->len));
	else if (!ipv4 && p->len >= 48)
		set_bits(f->ipv6, rl_filter_bit48(&p->addr), 1);
	else if (!ipv4 && p->len >= 32)
		set_bits(f->ipv6, rl_filter_bit32(&p->addr), 1);
	else
		__atomic_store_n(&f->all, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

/* The filter of a rule set that is about to be published. If all sets are new and no packet can
 * still look at the other filter, that one begins afresh, without the bits of what is gone. */
struct rl_filter *dp_filter_for(struct dp *dp, const struct dp_ruleset *set, struct rl_rules *new)
{
	__u32 active = dp_rules(dp)->filter % RL_FILTERS, other = !active;
	bool fresh = true;

	for (int s = 0; s < DP_SET_COUNT; s++)
		fresh &= set->set[s] != NULL;
	for (__u32 g = 0; g < RL_GENERATIONS; g++)
		fresh &= !((dp->waiting | dp->dying) & 1u << g) || dp->rules[g].filter != other;
	new->filter = fresh ? other : active;
	if (fresh)
		memset(&dp->filters[other], 0, sizeof(dp->filters[other]));
	return &dp->filters[new->filter];
}

int dp_sets_fill(struct dp *dp, const struct dp_prefixes *set, struct rl_filter *filter,
		 __u32 *ret_id, struct diag *d)
{
	int fd = bpf_map__fd(dp->skel->maps.prefixes);
	struct rl_prefix key;
	struct rl_prefix_value value;
	__u32 id;

	if (!set->count) {
		*ret_id = 0;
		return 0;
	}
	id = dp->control->next_set_id++;
	for (size_t i = 0; i < set->count; i++) {
		make_entry(id, &set->v[i], &key, &value);
		filter_add(filter, &set->v[i]);
		/* On failure the entries so far belong to no generation: the next sweep takes them.
		 */
		if (bpf_map_update_elem(fd, &key, &value, BPF_ANY))
			return diag_errno(d, errno, "the table of prefixes cannot hold all %zu",
					  set->count);
	}
	*ret_id = id;
	return 0;
}

static __u32 active_set(struct dp *dp, enum dp_set set)
{
	return set == DP_SET_ALLOW ? dp_rules(dp)->allow_set : dp_rules(dp)->deny_set;
}

int dp_set_put(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	__u32 id = active_set(dp, set);
	struct rl_prefix key;
	struct rl_prefix_value value;

	if (!id) {
		diag_errno(d, ENOENT, "the list is empty and must be published");
		return -ENOENT;
	}
	make_entry(id, prefix, &key, &value);
	filter_add(&dp->filters[dp_rules(dp)->filter % RL_FILTERS], prefix);
	if (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.prefixes), &key, &value, BPF_ANY))
		return dp_fail(d, errno, "cannot add to the list");
	return 0;
}

int dp_set_del(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	struct rl_prefix key;
	struct rl_prefix_value value;

	make_entry(active_set(dp, set), prefix, &key, &value);
	if (bpf_map_delete_elem(bpf_map__fd(dp->skel->maps.prefixes), &key) && errno != ENOENT)
		return dp_fail(d, errno, "cannot delete from the list");
	return 0;
}

static bool is_dead(__u32 set, const struct dp_grace *g)
{
	for (int s = 0; s < DP_SET_COUNT; s++) {
		if (g->live[s] == set)
			return false;
	}
	return set < g->below;
}

/* Deletes the entries of dead sets. A key is asked for its successor before it goes, since the
 * successor of a missing key would be the first one. */
void dp_sets_sweep(int fd, const struct dp_grace *g)
{
	struct rl_prefix key, next;
	int more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (is_dead(key.set, g))
			bpf_map_delete_elem(fd, &key);
	}
}
