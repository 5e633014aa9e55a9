/* SPDX-License-Identifier: GPL-2.0-only */
/* Prefix sets: all live in one trie, told apart by a number that is never reused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dp/internal.h"

#define SWEEP_PIECE 256 /* prefixes: some 0.3 ms */

static void make_entry(__u32 set, const struct dp_prefix *p, struct rl_prefix *key,
		       struct rl_prefix_value *value)
{
	*key = (struct rl_prefix){.bits = 32 + p->len, .set = set, .addr = p->addr};
	*value = (struct rl_prefix_value){.until = p->until_ns, .row = p->row};
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
	id = dp->control->next_set_id++;
	for (size_t i = 0; i < set->count; i++) {
		make_entry(id, &set->v[i], &key, &value);
		/* On failure the entries so far belong to no generation: the next sweep takes them.
		 */
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

	return filled->v && filled->count == with->count &&
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
	*filled = (struct dp_prefixes){copy, what->count};
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
	struct rl_prefix key;
	struct rl_prefix_value value;

	if (!id) {
		diag_errno(d, ENOENT, "the list is empty and must be published");
		return -ENOENT;
	}
	make_entry(id, prefix, &key, &value);
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
