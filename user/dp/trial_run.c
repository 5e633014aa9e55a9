// SPDX-License-Identifier: GPL-2.0-only
/* Packets through the instance for trials, and what it makes of them. */
#include <errno.h>
#include <string.h>

#include "dp/trial_internal.h"

static void set_spared(struct rl_peers *peers, const struct dp_trial_packet *packet)
{
	peers->active = 0;
	peers->list[0].count = packet->spared;
	peers->list[0].addr[0] = packet->source;
}

static int clear(const struct dp_trial *trial, const struct bpf_map *map, __u32 at)
{
	return bpf_map_update_elem(bpf_map__fd(map), &at, trial->zeros, 0) ? -errno : 0;
}

/* What the CPUs have noted of the last packets that each of them ran. */
static int read_calls(struct dp_trial *trial)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(trial->own.skel->maps.calls), &zero, trial->calls)
		       ? -errno
		       : 0;
}

static int forget(struct dp_trial *trial)
{
	struct rl *skel = trial->own.skel;
	int r = read_calls(trial);

	for (int c = 0; c < trial->own.cpus; c++) {
		const struct rl_call *call = &trial->calls[c];

		for (__u32 i = 0; i < call->count && i < RL_JUDGE_MAX && !r; i++)
			r = clear(trial, skel->maps.limit_counters, call->index[i]);
	}
	dry_empty(skel);
	memset(trial->front, 0, DRY_BUCKETS * sizeof(*trial->front));
	return r ? r : clear(trial, skel->maps.calls, 0);
}

int dp_trial_begin(struct dp_trial *trial, unsigned nth, const struct dp_trial_packet *packet)
{
	struct rl_control *control = trial->own.control;
	union rl_iface *iface = &control->iface[DP_RUN_IFINDEX];

	trial->packet = *packet;
	trial->rules[nth]->deny_set = packet->denied ? trial->set[nth][DP_SET_DENY] : 0;
	set_spared(trial->peers, packet);
	control->active = nth;
	control->bans = 0;
	iface->ifindex = packet->slot ? DP_RUN_IFINDEX : 0;
	iface->slot = (__u16)packet->slot;
	iface->link = packet->link;
	return forget(trial);
}

int dp_trial_send(struct dp_trial *trial, __u64 now_ns)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = trial->packet.frame,
		    .data_size_in = (__u32)trial->packet.len, .repeat = 1);
	int r;

	trial->own.control->test_now = now_ns;
	trial->own.control->heartbeat = now_ns;
	r = bpf_prog_test_run_opts(bpf_program__fd(trial->own.skel->progs.rld), &run);
	if (r)
		return r == -EINVAL || r == -ENOMEM || r == -E2BIG ? -EMSGSIZE : r;
	return run.retval != XDP_DROP;
}

static int read_limit(const struct dp_trial *trial, __u32 index, struct rl_limit_counters *ret)
{
	return dp_counters_read(&trial->own, trial->own.skel->maps.limit_counters, index, ret);
}

/* The limit that judges every packet is noted before anybody looks at the lists. */
static int drop_unasked(const struct dp_trial *trial, struct dp_trial_judges *judges)
{
	struct rl_limit_counters counters;
	__u64 asked = 0;
	int r = judges->count == 1 ? read_limit(trial, judges->index[0], &counters) : 0;

	if (r || judges->count != 1)
		return r;
	for (int v = 0; v < RL_VERDICT_COUNT; v++)
		asked += counters.verdict[v].packets;
	if (!asked)
		*judges = (struct dp_trial_judges){0};
	return 0;
}

int dp_trial_judges(struct dp_trial *trial, struct dp_trial_judges *ret)
{
	const struct rl_call *call = trial->calls;
	int r = read_calls(trial);

	if (r)
		return r;
	for (int c = 1; c < trial->own.cpus && !call->subject.bytes; c++)
		call = &trial->calls[c];
	if (!call->subject.bytes || call->count > RL_JUDGE_MAX)
		return -EIO;
	*ret = (struct dp_trial_judges){.count = call->count};
	memcpy(ret->index, call->index, call->count * sizeof(ret->index[0]));
	return drop_unasked(trial, ret);
}

int dp_trial_count(struct dp_trial *trial, __u32 index, struct dp_trial_count *ret)
{
	struct rl_limit_counters counters;
	int r = read_limit(trial, index, &counters);

	if (r)
		return r;
	ret->passed = counters.verdict[RL_VERDICT_PASS].packets;
	ret->refused = counters.verdict[RL_VERDICT_DROP].packets;
	return 0;
}

void dp_trial_pass(struct dp_trial *trial, unsigned nth, __u32 index, bool pass)
{
	struct rl_limit *limit = &trial->rules[nth]->limit[index % RL_LIMITS_MAX];

	limit->flags &= (__u8)~RL_LIMIT_MONITOR;
	limit->flags |= pass ? RL_LIMIT_MONITOR : 0;
}
