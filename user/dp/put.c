// SPDX-License-Identifier: GPL-2.0-only
/* States and bans from a file into maps that no packet has written to yet. */
#include <errno.h>
#include <stdlib.h>

#include "bpf/state/key.h"
#include "bpf/strategy/strategy.h"
#include "dp/internal.h"

struct dp_put {
	struct dp *dp;
	__u64 *presence;
	__u64 created[RL_SLOTS_MAX];
};

int dp_put_open(struct dp *dp, struct dp_put **ret)
{
	const struct bpf_map *map = dp->skel->maps.presence;
	struct dp_put *put = calloc(1, sizeof(*put));

	if (!put)
		return -ENOMEM;
	put->dp = dp;
	put->presence = dp_memory_map(map, 0, bpf_map__max_entries(map));
	if (!put->presence) {
		free(put);
		return -ENOMEM;
	}
	*ret = put;
	return 0;
}

/* Empty ones, which the state is worth nothing without. */
static int make_logs(struct dp_put *put, const struct rl_limit *limit, __u64 fingerprint)
{
	struct rl_log1024 log = {};

	for (__u32 i = 0; limit->logs && i < limit->windows; i++) {
		__u64 owner = rl_log_owner(fingerprint, i);
		unsigned class = RL_LOG_CLASS(limit->window[i].amount);

		log.owner = owner;
		if (bpf_map_update_elem(bpf_map__fd(dp_log_map(put->dp->skel, class)), &owner, &log,
					BPF_NOEXIST) &&
		    errno != EEXIST)
			return -errno;
	}
	return 0;
}

static bool counts_by_tag(const struct rl_limit *limit)
{
	return limit->strategy == RL_STRATEGY_FIXED_WINDOW ||
	       limit->strategy == RL_STRATEGY_ELASTIC;
}

int dp_put_state(struct dp_put *put, const struct rl_limit *limit, const struct rl_state *state)
{
	struct rl_state st = *state;
	int r;

	st.key.limit_id = limit->id;
	st.fingerprint = rl_fingerprint(&st.key, put->dp->control->secret);
	st.logs = limit->logs;
	st.hot = 0;
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++)
		if (counts_by_tag(limit) && st.window[i].b)
			st.window[i].a = rl_tag(st.fingerprint) | (st.window[i].a & RL_COUNT);
	r = make_logs(put, limit, st.fingerprint);
	if (!r)
		r = dp_states_put(put->dp, put->presence, st.fingerprint, &st);
	if (!r)
		put->created[limit->slot % RL_SLOTS_MAX]++;
	return r;
}

int dp_put_ban(struct dp_put *put, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	struct dp *dp = put->dp;

	if (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.bans), key, ban, BPF_NOEXIST))
		return -errno;
	__atomic_add_fetch(&dp->control->bans, 1, __ATOMIC_RELAXED);
	return 0;
}

static void count_created(struct dp_put *put)
{
	int fd = bpf_map__fd(put->dp->skel->maps.limit_counters);
	_cleanup_free_ struct rl_limit_counters *counters =
		calloc((size_t)put->dp->cpus, sizeof(*counters));

	for (__u32 s = 0; counters && s < RL_SLOTS_MAX; s++) {
		if (!put->created[s] || bpf_map_lookup_elem(fd, &s, counters))
			continue;
		counters[0].created += put->created[s];
		bpf_map_update_elem(fd, &s, counters, 0);
	}
}

void dp_put_close(struct dp_put *put)
{
	const struct bpf_map *map = put->dp->skel->maps.presence;

	count_created(put);
	dp_memory_unmap(map, put->presence, bpf_map__max_entries(map));
	free(put);
}
