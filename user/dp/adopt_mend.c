// SPDX-License-Identifier: GPL-2.0-only
/* Makes maps that were adopted and maps that are new fit each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/state/presence.h"
#include "base/time.h"
#include "dp/internal.h"

static void control_init(struct dp *dp)
{
	struct rl_control *c = dp->control;

	memset(c, 0, sizeof(*c));
	c->events_per_second = 10;
	memcpy(c->secret, dp->identity->secret, sizeof(c->secret));
	for (__u32 s = 1; s < RL_IFACES_MAX; s++)
		if (dp->identity->ifindex[s])
			dp_place_set(dp, dp->identity->ifindex[s], s, RL_LINK_ETHERNET);
	/* What the former program writes into the front table goes on under its mark. */
	dp->rules[c->active]->front_mark = dp->identity->front_mark;
}

/* How many sources there are is the difference of two counters. */
static int count_sources(struct dp *dp)
{
	_cleanup_free_ struct rl_limit_counters *counters = calloc(dp->cpus, sizeof(*counters));
	_cleanup_free_ __u64 *count = calloc(RL_SLOTS_MAX, sizeof(*count));
	int r = counters && count ? dp_states_count(dp, count) : -ENOMEM;

	for (__u32 s = 0; s < RL_SLOTS_MAX && !r; s++) {
		counters[0].created = count[s];
		if (count[s] && bpf_map_update_elem(bpf_map__fd(dp->skel->maps.limit_counters), &s,
						    counters, 0))
			r = -errno;
	}
	return r;
}

/* Whoever is in the table must be looked up there: all count as present, for good. */
static int fill_presence(struct dp *dp)
{
	const struct bpf_map *map = dp->skel->maps.presence;
	__u64 *word = dp_memory_map(map, 0, bpf_map__max_entries(map));

	if (!word)
		return -errno;
	for (__u32 i = 0; i < bpf_map__max_entries(map); i++)
		word[i] = 0x1111111111111111ull * RL_PRESENT_STUCK;
	dp_memory_unmap(map, word, bpf_map__max_entries(map));
	return 0;
}

int dp_adopt_mend(struct dp *dp, struct diag *d)
{
	bool sources = dp_kept(dp, DP_PART_SOURCES);
	int r = 0;

	if (dp->identity_before)
		*dp->identity = *dp->identity_before;
	else if (!dp_kept(dp, DP_PART_IDENTITY))
		dp_identity_init(dp->identity);
	if (!dp_kept(dp, DP_PART_RULES))
		control_init(dp);
	dp->control->daemon_pid = getpid();
	dp->control->heartbeat = time_mono_ns();
	dp_slots_adopt(dp);
	if (dp_kept(dp, DP_PART_BANS) != dp_kept(dp, DP_PART_RULES))
		dp_bans_recount(dp);
	if (sources && !dp_kept(dp, DP_PART_LIMITS))
		r = count_sources(dp);
	if (!r && sources && !dp_kept(dp, DP_PART_PRESENCE) &&
	    !(dp->move.on && dp->move.phase < RL_MOVE_NEW))
		r = fill_presence(dp);
	return r ? dp_fail(d, r, "cannot adopt the pinned maps") : 0;
}
