// SPDX-License-Identifier: GPL-2.0-only
/* Overflow buckets of limits with on-full spread: how many there are, and whose they are. */
#include "dp/internal.h"

/* One for sixteen sources, and one for each limit that there can be. */
#define SOURCES_PER_BUCKET 16

__u32 dp_spread_buckets(__u32 sources_max)
{
	__u32 buckets = RL_LIMITS_MAX;

	while (buckets < sources_max / SOURCES_PER_BUCKET)
		buckets *= 2;
	return buckets;
}

static bool spreads(const struct rl_limit *limit)
{
	return limit->on_full == RL_ON_FULL_SPREAD;
}

/* Shares are alike, a power of two, in the order of the limits. So they stay where they are while
 * limits are added at the end, until there are twice as many. */
void dp_spread_divide(const struct dp *dp, struct rl_rules *rules)
{
	__u32 share = bpf_map__max_entries(dp->skel->maps.spread), limits = 0, first = 0;

	for (__u32 i = 0; i < rules->limits; i++)
		limits += spreads(&rules->limit[i]);
	for (__u32 n = 1; n < limits; n *= 2)
		share /= 2;
	for (__u32 i = 0; i < rules->limits; i++) {
		struct rl_limit *limit = &rules->limit[i];

		limit->spread_first = spreads(limit) ? first : 0;
		limit->spread_mask = spreads(limit) ? share - 1 : 0;
		first += spreads(limit) ? share : 0;
	}
}
