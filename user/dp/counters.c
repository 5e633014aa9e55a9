// SPDX-License-Identifier: GPL-2.0-only
/* Counters, summed over the CPUs, and events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dp/internal.h"

/* Every field of a counter struct is a u64, so that they add up as arrays. */
static void add_words(void *sum, const void *cpus, size_t size, int count)
{
	__u64 *to = sum;
	const __u64 *from = cpus;

	memset(sum, 0, size);
	for (int c = 0; c < count; c++) {
		for (size_t i = 0; i < size / 8; i++)
			to[i] += *from++;
	}
}

int dp_counters_read(const struct dp *dp, const struct bpf_map *map, __u32 key, void *ret)
{
	size_t size = bpf_map__value_size(map);
	_cleanup_free_ void *cpus = calloc(dp->cpus, size);

	if (!cpus)
		return -ENOMEM;
	if (bpf_map_lookup_elem(bpf_map__fd(map), &key, cpus))
		return -errno;
	add_words(ret, cpus, size, dp->cpus);
	return 0;
}

int dp_iface_counters(struct dp *dp, __u32 slot, struct rl_iface_counters *ret)
{
	return dp_counters_read(dp, dp->skel->maps.iface_counters, slot, ret);
}

int dp_losses(struct dp *dp, struct rl_losses *ret)
{
	return dp_counters_read(dp, dp->skel->maps.losses, 0, ret);
}

int dp_limit_counters(struct dp *dp, struct rl_limit_counters ret[static RL_SLOTS_MAX])
{
	int r = 0;

	for (__u32 s = 0; s < RL_SLOTS_MAX && !r; s++) {
		memset(&ret[s], 0, sizeof(ret[s]));
		if (dp->slot_id[s])
			r = dp_counters_read(dp, dp->skel->maps.limit_counters, s, &ret[s]);
	}
	return r;
}

static int one_event(void *ctx, void *data, size_t size)
{
	struct dp *dp = ctx;

	if (size >= sizeof(struct rl_event))
		dp->handle(dp->handle_ctx, data);
	return 0;
}

int dp_events(struct dp *dp, void (*handle)(void *ctx, const struct rl_event *event), void *ctx)
{
	if (!dp->events)
		dp->events =
			ring_buffer__new(bpf_map__fd(dp->skel->maps.events), one_event, dp, NULL);
	if (!dp->events)
		return -errno;
	dp->handle = handle;
	dp->handle_ctx = ctx;
	return ring_buffer__consume(dp->events);
}
