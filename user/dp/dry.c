// SPDX-License-Identifier: GPL-2.0-only
/* A further instance of the object, for packets that are not there. */
#include "dp/dry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/state/presence.h"

#define LOGS (RL_JUDGE_MAX * RL_WINDOWS_MAX)
#define BANS (RL_JUDGE_MAX + RL_BAN_PREFIXES)

void dry_make_small(struct rl *skel)
{
	skel->rodata_settings->rl_front_mask = DRY_BUCKETS - 1;
	skel->rodata_settings->rl_presence_mask = 0;
	bpf_map__set_max_entries(skel->maps.states, RL_JUDGE_MAX);
	for (unsigned c = 0; c < RL_LOG_CLASSES; c++)
		bpf_map__set_max_entries(dp_log_map(skel, c), LOGS);
	bpf_map__set_max_entries(skel->maps.front, DRY_BUCKETS);
	bpf_map__set_max_entries(skel->maps.presence, 1);
	bpf_map__set_max_entries(skel->maps.spread, RL_SLOTS_MAX);
	bpf_map__set_max_entries(skel->maps.bans, BANS);
	bpf_map__set_max_entries(skel->maps.events, (__u32)getpagesize());
}

static int load(struct rl *skel, const struct rl *live)
{
	int r;

	skel->rodata_settings->rl_test_clock = 1;
	skel->rodata_settings->rl_results = 1;
	dry_make_small(skel);
	bpf_program__set_autoload(skel->progs.rld_sweep, false);
	bpf_program__set_autoload(skel->progs.rld_hit, false);
	bpf_map__set_autocreate(skel->maps.sweep, false);
	bpf_map__set_autocreate(skel->maps.identity, false);
	r = bpf_map__reuse_fd(skel->maps.rules, bpf_map__fd(live->maps.rules));
	if (!r)
		r = bpf_map__reuse_fd(skel->maps.prefixes, bpf_map__fd(live->maps.prefixes));
	if (!r)
		r = bpf_map__reuse_fd(skel->maps.filters, bpf_map__fd(live->maps.filters));
	if (!r)
		r = bpf_map__reuse_fd(skel->maps.peers, bpf_map__fd(live->maps.peers));
	return r ? r : rl__load(skel);
}

void dp_dry_close(struct dp *dp)
{
	struct dp_dry *dry = dp->dry;

	if (!dry)
		return;
	if (dry->skel) {
		dp_memory_unmap(dry->skel->maps.control, dry->control, 1);
		dp_memory_unmap(dry->skel->maps.front, dry->front, DRY_BUCKETS);
	}
	rl__destroy(dry->skel);
	free(dry->cpus);
	free(dry->zeros);
	free(dry);
	dp->dry = NULL;
}

int dry_fill_presence(const struct rl *skel)
{
	__u64 word = 0x1111111111111111ull * RL_PRESENT_STUCK;
	__u32 zero = 0;

	return bpf_map_update_elem(bpf_map__fd(skel->maps.presence), &zero, &word, 0) ? -errno : 0;
}

int dry_open(struct dp *dp, struct diag *d)
{
	struct dp_dry *dry = dp->dry = calloc(1, sizeof(*dry));
	int r;

	if (!dry)
		return diag_errno(d, ENOMEM, "cannot explain");
	dp_capture_messages();
	dry->cpus = calloc(dp->cpus, sizeof(struct rl_iface_counters));
	dry->zeros = calloc(dp->cpus, sizeof(struct rl_iface_counters));
	dry->skel = dp_object_open();
	r = dry->cpus && dry->zeros && dry->skel ? load(dry->skel, dp->skel) : -ENOMEM;
	if (!r)
		r = dry_fill_presence(dry->skel);
	if (!r) {
		dry->control = dp_memory_map(dry->skel->maps.control, 0, 1);
		dry->front = dp_memory_map(dry->skel->maps.front, 0, DRY_BUCKETS);
		r = dry->control && dry->front ? 0 : -ENOMEM;
	}
	if (!r)
		return 0;
	dp_dry_close(dp);
	return dp_fail(d, r, "cannot load the BPF program to explain a packet");
}

void dry_set(struct dry_packet *p)
{
	const struct rl_control *live = p->dp->control;
	struct rl_control *control = p->dry->control;

	control->active = live->active;
	control->test_now = p->ret->now_ns;
	control->bans = 0;
	memcpy(control->secret, live->secret, sizeof(control->secret));
	control->iface[DP_RUN_IFINDEX].ifindex = p->slot ? DP_RUN_IFINDEX : 0;
	control->iface[DP_RUN_IFINDEX].slot = p->slot;
	control->iface[DP_RUN_IFINDEX].link = p->dp->link[p->slot].iface.link;
}

static int clear_counters(const struct dry_packet *p, const struct bpf_map *map, __u32 at)
{
	return bpf_map_update_elem(bpf_map__fd(map), &at, p->dry->zeros, 0) ? -errno : 0;
}

/* What the CPU that ran the packet has noted. */
static int read_call(struct dry_packet *p)
{
	const struct rl_call *call = p->dry->cpus;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(p->dry->skel->maps.calls), &zero, p->dry->cpus))
		return -errno;
	for (int c = 0; c < p->dp->cpus; c++, call++) {
		if (call->subject.bytes)
			p->call = *call;
	}
	return p->call.count > RL_JUDGE_MAX ? -EIO : 0;
}

int dry_run(struct dry_packet *p)
{
	struct rl *skel = p->dry->skel;
	int r = clear_counters(p, skel->maps.calls, 0);

	if (!r)
		r = clear_counters(p, skel->maps.iface_counters, p->slot);
	if (!r)
		r = dp_run_once(skel, p->frame, p->len);
	return r ? r : read_call(p);
}

static void empty(const struct bpf_map *map)
{
	__u8 key[sizeof(struct rl_ban_key)];
	int fd = bpf_map__fd(map);

	while (!bpf_map_get_next_key(fd, NULL, key) && !bpf_map_delete_elem(fd, key))
		;
}

void dry_empty(struct rl *skel)
{
	empty(skel->maps.states);
	for (unsigned c = 0; c < RL_LOG_CLASSES; c++)
		empty(dp_log_map(skel, c));
	empty(skel->maps.bans);
}
