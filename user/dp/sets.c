// SPDX-License-Identifier: GPL-2.0-only
/* Prefix sets: all live in one trie, told apart by a number that is never reused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/match/filter.h"
#include "dp/internal.h"

#define SWEEP_PIECE 256 /* prefixes: some 0.3 ms */
#define PUT_PIECE 256

void dp_prefix_make(__u32 set, const struct dp_prefix *p, struct rl_prefix *key,
		    struct rl_prefix_value *value)
{
	*key = (struct rl_prefix){.bits = 32 + p->len, .set = set, .addr = p->addr};
	*value = (struct rl_prefix_value){.until = p->until_ns, .row = p->row};
}

void dp_prefix_make_end(__u32 set, __u32 row, struct rl_prefix *key, struct rl_prefix_value *value)
{
	static const struct dp_prefix ipv4 = {
		.addr = {.byte = {[10] = 0xff, [11] = 0xff}},
		.len = ADDR_MAPPED_BITS,
		.until_ns = 1,
	};

	dp_prefix_make(set, &ipv4, key, value);
	value->row = row;
}

struct piece {
	__u32 count;
	struct rl_prefix key[PUT_PIECE];
	struct rl_prefix_value value[PUT_PIECE];
};

/* By one system call, which halves what an entry costs; one by one where a kernel has no such call,
 * and to learn which error it is. */
static int put_piece(int fd, const struct piece *piece)
{
	__u32 done = piece->count;

	if (!bpf_map_update_batch(fd, piece->key, piece->value, &done, NULL))
		return 0;
	for (__u32 i = 0; i < piece->count; i++)
		if (bpf_map_update_elem(fd, &piece->key[i], &piece->value[i], BPF_ANY))
			return -errno;
	return 0;
}

int dp_sets_put(int fd, __u32 id, const struct dp_prefixes *set, bool first)
{
	struct piece piece;
	int r;

	piece.count = first;
	dp_prefix_make_end(id, set->none, &piece.key[0], &piece.value[0]);
	for (size_t i = 0; i < set->count; i++) {
		if (piece.count == PUT_PIECE) {
			r = put_piece(fd, &piece);
			if (r)
				return r;
			piece.count = 0;
		}
		dp_prefix_make(id, &set->v[i], &piece.key[piece.count], &piece.value[piece.count]);
		piece.count++;
	}
	return piece.count ? put_piece(fd, &piece) : 0;
}

int dp_sets_fill(struct dp *dp, const struct dp_prefixes *set, __u32 *ret_id, struct diag *d)
{
	__u32 id = set->count ? dp->identity->next_set_id++ : 0;

	/* On failure the entries so far belong to no generation: the next sweep takes them. */
	if (id && dp_sets_put(bpf_map__fd(dp->skel->maps.prefixes), id, set, true))
		return diag_errno(d, errno, "the table of prefixes cannot hold all %zu",
				  set->count);
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

	if (dp_sets_same(dp, set, what))
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

static struct rl_filter *map_filter(struct dp *dp)
{
	return dp_memory_map(dp->skel->maps.filters, dp_rules(dp)->filter % RL_FILTERS, 1);
}

void dp_lists_hold(struct dp *dp)
{
	dp->filter = map_filter(dp); /* else each change maps it for itself */
}

void dp_lists_release(struct dp *dp)
{
	dp_memory_unmap(dp->skel->maps.filters, dp->filter, 1);
	dp->filter = NULL;
}

int dp_set_put(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	__u32 id = active_set(dp, set);
	struct rl_filter *filter = dp->filter;
	struct rl_prefix key;
	struct rl_prefix_value value;

	if (!id)
		return diag_errno(d, ENOENT, "the list is empty and must be published");
	dp_prefix_make(id, prefix, &key, &value);
	if (!filter)
		filter = map_filter(dp);
	if (!filter)
		return dp_fail(d, errno, "cannot map the filter of prefixes");
	dp_filter_add(filter, prefix);
	if (!dp->filter)
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
		dp_prefix_make_end(id, 0, &key, &value);
		if (bpf_map_update_elem(fd, &key, &value, BPF_ANY))
			return dp_fail(d, errno, "cannot delete from the list");
		return 0;
	}
	dp_prefix_make(id, prefix, &key, &value);
	if (bpf_map_delete_elem(fd, &key) && errno != ENOENT)
		return dp_fail(d, errno, "cannot delete from the list");
	return 0;
}

static bool is_dead(__u32 set, const struct dp_dead_sets *dead)
{
	for (size_t i = 0; i < sizeof(dead->live) / sizeof(*dead->live); i++)
		if (dead->live[i] == set)
			return false;
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
