// SPDX-License-Identifier: GPL-2.0-only
/* The front table from user space: its size, what ends its entries, and what they have counted. */
#include <string.h>

#include "bpf/quick/front.h"
#include "dp/internal.h"

/* Twice as many places as sources, so that few buckets are ever full. */
__u32 dp_front_buckets(__u32 sources_max)
{
	__u32 buckets = 1;

	while (buckets < sources_max / 2)
		buckets *= 2;
	return buckets;
}

/* Limits that refuse nothing have no entries: so the mode counts. */
static bool same_limits(const struct rl_rules *a, const struct rl_rules *b)
{
	return a->generation && a->mode == b->mode && a->limits == b->limits &&
	       !memcmp(a->limit, b->limit, a->limits * sizeof(a->limit[0]));
}

void dp_front_hold(struct dp *dp)
{
	struct bpf_map *map = dp->skel->maps.front;

	if (!dp->front_holds++)
		dp->front = dp_memory_map(map, 0, bpf_map__max_entries(map));
}

void dp_front_release(struct dp *dp)
{
	struct bpf_map *map = dp->skel->maps.front;

	if (--dp->front_holds)
		return;
	dp_memory_unmap(map, dp->front, bpf_map__max_entries(map));
	dp->front = NULL;
}

/* An entry stays, with what it has counted, for its source's next packet or for the sweep. */
static void end_all(struct dp *dp)
{
	for (__u32 b = 0; b < bpf_map__max_entries(dp->skel->maps.front); b++) {
		for (int i = 0; i < RL_FRONT_WAYS; i++) {
			struct rl_front_entry *e = &dp->front[b].entry[i];

			if (e->who)
				__atomic_fetch_or(&e->count, RL_FRONT_NO_MARK, __ATOMIC_ACQ_REL);
		}
	}
}

__u64 dp_front_mark(struct dp *dp, const struct rl_rules *old, const struct rl_rules *new)
{
	__u64 mark = old->front_mark + (1ull << RL_FRONT_MARK_SHIFT);

	if (same_limits(old, new))
		return old->front_mark;
	if (mark == RL_FRONT_NO_MARK)
		mark = 0;
	/* Marks come round. Twice a turn all entries end, so that none meets its own again, nor does
	 * one that a packet makes right now under the rules that end. */
	if (mark % ((RL_FRONT_MARKS / 2ull) << RL_FRONT_MARK_SHIFT))
		return mark;
	/* Without memory for it they hold to the end of their time, 69 s at the most. */
	dp_front_hold(dp);
	if (dp->front)
		end_all(dp);
	dp_front_release(dp);
	return mark;
}

void dp_front_prefetch(const struct dp *dp, __u64 fingerprint)
{
	if (dp->front)
		__builtin_prefetch(
			&dp->front[fingerprint & dp->skel->rodata_settings->rl_front_mask]);
}

__u64 dp_front_counted(const struct dp *dp, __u64 fingerprint)
{
	__u32 place = fingerprint & dp->skel->rodata_settings->rl_front_mask;
	const struct rl_front_bucket *bucket = dp->front ? &dp->front[place] : NULL;
	struct rl_front_bucket copy;

	if (!bucket) {
		if (bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.front), &place, &copy))
			return 0;
		bucket = &copy;
	}
	for (int i = 0; i < RL_FRONT_WAYS; i++) {
		if (rl_front_is(bucket->entry[i].who, fingerprint))
			return bucket->entry[i].count;
	}
	return 0;
}

/* Only what blocks a source puts it there. */
bool dp_may_be_in_front(const struct rl_state *st)
{
	return st->blocked_until || st->banned_until;
}

void dp_settle(const struct dp *dp, __u32 slot, struct rl_state *st)
{
	struct rl_limit limit;
	__u64 count;

	if (!dp_may_be_in_front(st))
		return;
	count = dp_front_counted(dp, st->fingerprint);
	rl_front_into(st, count, dp_clock_ns(dp));
	if (count && dp_limit_of_slot(dp, slot, &limit))
		rl_front_hits(st, &limit, count);
}
