// SPDX-License-Identifier: GPL-2.0-only
/* Loading the object, or adopting what an earlier daemon pinned. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "dp/internal.h"

struct rl *dp_object_open(void)
{
	return rl__open();
}

int dp_path(const struct dp *dp, const char *name, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/%s", dp->bpffs, name);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

__u64 dp_clock_ns(const struct dp *dp)
{
	return dp->skel->rodata_settings->rl_test_clock ? dp->control->test_now : time_mono_ns();
}

/* Every map but the frozen constants and the program's scratch is pinned; libbpf takes up what is
 * there. */
static int set_pins(const struct dp *dp)
{
	struct bpf_map *map;
	char path[DP_PATH + 32];
	int r;

	bpf_object__for_each_map(map, dp->skel->obj)
	{
		if (strchr(bpf_map__name(map), '.') || map == dp->skel->maps.calls ||
		    !dp_move_is_pinned(dp, map))
			continue;
		r = dp_path(dp, bpf_map__name(map), path, sizeof(path));
		if (!r)
			r = bpf_map__set_pin_path(map, path);
		if (r)
			return r;
	}
	return 0;
}

static int map_all(struct dp *dp, struct diag *d)
{
	__u32 active;

	dp->identity = dp_memory_map(dp->skel->maps.identity, 0, 1);
	dp->control = dp_memory_map(dp->skel->maps.control, 0, 1);
	dp->work = dp_memory_map(dp->skel->maps.sweep, 0, 1);
	dp->peers = dp_memory_map(dp->skel->maps.peers, 0, 1);
	dp->move.at = dp_memory_map(dp->skel->maps.move, 0, 1);
	if (!dp->identity || !dp->control || !dp->work || !dp->peers || !dp->move.at)
		return dp_fail(d, errno, "cannot map the program's memory");
	active = dp->control->active %= RL_GENERATIONS;
	dp->rules[active] = dp_memory_map(dp->skel->maps.rules, active, 1);
	if (!dp->rules[active])
		return dp_fail(d, errno, "cannot map the program's memory");
	dp->filter_of[active] = dp->rules[active]->filter;
	dp->sets_dead = dp_kept(dp, DP_PART_RULES); /* what the former daemon left half done */
	return 0;
}

static void set_sizes(struct rl *skel, __u32 sources_max)
{
	__u32 buckets = dp_front_buckets(sources_max);

	skel->rodata_settings->rl_front_mask = buckets - 1;
	skel->rodata_settings->rl_presence_mask = buckets - 1;
	bpf_map__set_max_entries(skel->maps.states, sources_max);
	bpf_map__set_max_entries(skel->maps.front, buckets);
	bpf_map__set_max_entries(skel->maps.presence, buckets);
	bpf_map__set_max_entries(skel->maps.spread, dp_spread_buckets(sources_max));
}

static int load(struct dp *dp, const struct dp_options *options, char notice[static 512],
		struct diag *d)
{
	int r = 0;

	dp->skel = dp_object_open();
	if (!dp->skel)
		return dp_fail(d, errno, "cannot open the BPF object");
	dp->skel->rodata_settings->rl_test_clock = options->test_clock;
	dp->skel->rodata_settings->rl_cpus = dp->cpus;
	set_sizes(dp->skel, options->sources_max);
	if (options->bpffs)
		r = dp_adopt(dp, options->sources_max, notice, d);
	if (r)
		return r;
	r = options->bpffs ? set_pins(dp) : 0;
	if (!r)
		r = rl__load(dp->skel);
	if (r)
		return dp_load_failed(d, r);
	return options->bpffs ? dp_adopt_stamp(dp, d) : 0;
}

static int take_directory(struct dp *dp, const char *path, struct diag *d)
{
	int r;

	if (strlen(path) >= sizeof(dp->bpffs))
		return diag_set(d, DIAG_USAGE,
				"the path of the bpffs directory is longer than %d bytes",
				DP_PATH - 1);
	strcpy(dp->bpffs, path);
	r = dp_mount(path, d);
	return r ? r : dp_lock(path, &dp->lock_fd, d);
}

static void tell_move(const struct dp *dp, char notice[static 512])
{
	size_t used = strlen(notice);

	snprintf(notice + used, 512 - used,
		 "%ssources-max is now %u, it was %u: the sources are moved into the new table",
		 used ? "; " : "", dp_sources_max(dp), dp->move.moved.from);
}

static int open_once(const struct dp_options *options, struct dp **ret, char notice[static 512],
		     struct diag *d)
{
	struct dp *dp = calloc(1, sizeof(*dp));
	int r;

	if (!dp)
		return diag_errno(d, ENOMEM, "out of memory");
	notice[0] = '\0';
	dp->lock_fd = -1;
	dp->grace.done_fd = dp->grace.prefixes_fd = dp->grace.outer_fd = dp->grace.inner_fd = -1;
	dp->cpus = libbpf_num_possible_cpus();
	dp_capture_messages();
	r = options->bpffs ? take_directory(dp, options->bpffs, d) : 0;
	if (!r)
		r = load(dp, options, notice, d);
	if (!r)
		r = map_all(dp, d);
	if (!r)
		r = dp_adopt_mend(dp, d);
	if (!r && dp->move.on)
		tell_move(dp, notice);
	if (!r)
		dp->used = dp_rules(dp)->generation || dp->identity->front_mark;
	if (!r && options->bpffs)
		r = dp_links_adopt(dp, d);
	if (!r)
		r = dp_grace_start(dp, d);
	if (r) {
		dp_close(dp);
		return r;
	}
	*ret = dp;
	return 0;
}

/* What an earlier daemon has begun to move: there is one former table at a time. */
static int finish_move(const struct dp_options *options, __u32 sources_max, struct diag *d)
{
	struct dp_options before = *options;
	char notice[512];
	struct dp *dp;
	int r;

	before.sources_max = sources_max;
	r = open_once(&before, &dp, notice, d);
	if (r)
		return r;
	r = dp_move_finish(dp, d);
	dp_close(dp);
	return r;
}

int dp_open(const struct dp_options *options, struct dp **ret, char notice[static 512],
	    struct diag *d)
{
	__u32 unfinished =
		options->bpffs ? dp_move_unfinished(options->bpffs, options->sources_max) : 0;
	int r = unfinished ? finish_move(options, unfinished, d) : 0;

	return r ? r : open_once(options, ret, notice, d);
}

void dp_close(struct dp *dp)
{
	if (!dp)
		return;
	dp_grace_stop(dp);
	dp_links_close(dp);
	dp_scan_close(dp->move.scan);
	dp_loader_drop(&dp->move.without);
	dp_sets_forget(dp);
	if (dp->events)
		ring_buffer__free(dp->events);
	if (dp->control)
		dp->control->daemon_pid = 0;
	if (dp->skel) {
		dp_memory_unmap(dp->skel->maps.identity, dp->identity, 1);
		dp_memory_unmap(dp->skel->maps.control, dp->control, 1);
		for (int g = 0; g < RL_GENERATIONS; g++)
			dp_memory_unmap(dp->skel->maps.rules, dp->rules[g], 1);
		dp_memory_unmap(dp->skel->maps.sweep, dp->work, 1);
		dp_memory_unmap(dp->skel->maps.peers, dp->peers, 1);
		dp_memory_unmap(dp->skel->maps.move, dp->move.at, 1);
	}
	dp_dry_close(dp);
	rl__destroy(dp->skel);
	free(dp->identity_before);
	if (dp->lock_fd >= 0)
		close(dp->lock_fd);
	free(dp);
}

bool dp_adopted(const struct dp *dp)
{
	return dp->used && dp_kept(dp, DP_PART_IDENTITY) && dp_kept(dp, DP_PART_SOURCES);
}

bool dp_adopted_bans(const struct dp *dp)
{
	return dp->used && dp_kept(dp, DP_PART_IDENTITY) && dp_kept(dp, DP_PART_BANS);
}

struct rl_control *dp_control(struct dp *dp)
{
	return dp->control;
}

const struct rl_rules *dp_rules(struct dp *dp)
{
	return dp->rules[dp->control->active];
}
