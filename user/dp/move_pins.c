// SPDX-License-Identifier: GPL-2.0-only
/* The pins of a move into a table of another size.
 *
 *   1. `states_old` is there from before the first packet knows of the move until the former table
 *      is empty; `front_old` beside it, where there is one to move. A start that finds `states_old`
 *      goes on with the move, or takes it back while nothing lives in the new table.
 *   2. The former program looks into its presence filter, which knows nothing of the sources that
 *      the new one makes beside it: it is made to know everybody.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/state/presence.h"
#include "dp/internal.h"

#define OLD_STATES "states_old"
#define OLD_FRONT "front_old"

static bool is_there(const struct dp *dp, const char *name, struct bpf_map_info *ret)
{
	_cleanup_close_ int fd = dp_pin_open(dp, name);

	return fd >= 0 && dp_map_info(fd, ret);
}

static int rename_pin(const struct dp *dp, const char *from, const char *to, struct diag *d)
{
	char path[DP_PATH + 32], new[DP_PATH + 32];
	int r = dp_pin_remove(dp, to, d);

	if (r)
		return r;
	dp_path(dp, from, path, sizeof(path));
	dp_path(dp, to, new, sizeof(new));
	return rename(path, new) ? dp_fail(d, errno, "cannot rename a pinned map") : 0;
}

/* The first word, whatever else another version has there. */
static __u32 read_phase(const struct dp *dp)
{
	_cleanup_close_ int fd = dp_pin_open(dp, "move");
	struct bpf_map_info info;
	__u32 zero = 0, phase = RL_MOVE_OLD;
	__u32 value[256];

	if (fd < 0)
		return phase;
	if (dp_map_info(fd, &info) && info.key_size == 4 && info.value_size >= sizeof(phase) &&
	    info.value_size <= sizeof(value) && info.type == BPF_MAP_TYPE_ARRAY &&
	    !bpf_map_lookup_elem(fd, &zero, value))
		phase = value[0];
	return phase;
}

/* Nobody has come so far as to put something into the new table. */
static int take_back(const struct dp *dp, struct diag *d)
{
	struct bpf_map_info info;
	int r = rename_pin(dp, OLD_STATES, "states", d);

	if (!r && is_there(dp, OLD_FRONT, &info))
		r = rename_pin(dp, OLD_FRONT, "front", d);
	if (!r)
		r = dp_pin_remove(dp, "presence", d);
	return r ? r : dp_pin_remove(dp, "move", d);
}

int dp_move_mend(struct dp *dp, __u32 sources_max, struct diag *d)
{
	struct bpf_map_info old, info, front;

	dp->move.phase = RL_MOVE_OLD;
	if (!is_there(dp, OLD_STATES, &old)) {
		if (!is_there(dp, OLD_FRONT, &front))
			return 0;
		if (is_there(dp, "front", &info))
			return dp_pin_remove(dp, OLD_FRONT, d);
		return rename_pin(dp, OLD_FRONT, "front", d);
	}
	dp->move.phase = read_phase(dp);
	if (is_there(dp, "states", &info) && dp_pin_stamp(dp, info.id) &&
	    (dp->move.phase >= RL_MOVE_NEW || info.max_entries == sources_max))
		return 0;
	dp->move.phase = RL_MOVE_OLD;
	return take_back(dp, d);
}

/* Another CPU may be adding one, or taking one off. */
static int know_everybody(const struct dp *dp, struct diag *d)
{
	_cleanup_close_ int fd = dp_pin_open(dp, "presence");
	struct bpf_map_info info;
	__u64 *word = MAP_FAILED;
	size_t size;

	if (fd < 0)
		return 0;
	if (dp_map_info(fd, &info) && info.value_size == sizeof(*word)) {
		size = (size_t)info.max_entries * sizeof(*word);
		word = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	if (word == MAP_FAILED)
		return dp_fail(d, errno, "cannot map the presence filter");
	for (__u32 i = 0; i < info.max_entries; i++)
		__atomic_store_n(&word[i], 0x1111111111111111ull * (RL_PRESENT_STUCK + 4),
				 __ATOMIC_RELAXED);
	munmap(word, size);
	return 0;
}

/* In this order: what is cut short between two of them is found by dp_move_mend(). */
static int set_aside(struct dp *dp, struct diag *d)
{
	struct bpf_map_info info;
	int r = know_everybody(dp, d);

	dp->kept &= ~(1u << DP_PART_FRONT | 1u << DP_PART_PRESENCE | 1u << DP_PART_MOVE);
	if (!r && is_there(dp, "front", &info) &&
	    info.value_size == bpf_map__value_size(dp->skel->maps.front))
		r = rename_pin(dp, "front", OLD_FRONT, d);
	return r ? r : rename_pin(dp, "states", OLD_STATES, d);
}

static int use(struct dp *dp, struct diag *d)
{
	struct bpf_map_info old;

	if (!is_there(dp, OLD_STATES, &old))
		return dp_fail(d, ENOENT, "cannot open the former table of sources");
	dp->move.on = true;
	dp->move.moved.from = old.max_entries;
	dp->skel->rodata_settings->rl_moves = 1;
	bpf_map__set_max_entries(dp->skel->maps.states_old, old.max_entries);
	if (is_there(dp, OLD_FRONT, &old))
		bpf_map__set_max_entries(dp->skel->maps.front_old, old.max_entries);
	dp->skel->rodata_settings->rl_front_old_mask =
		bpf_map__max_entries(dp->skel->maps.front_old) - 1;
	return 0;
}

int dp_move_prepare(struct dp *dp, __u32 sources_max, struct diag *d)
{
	struct bpf_map_info info, old;
	int r;

	if (!dp_kept(dp, DP_PART_SOURCES)) {
		dp_move_unpin(dp);
		return 0;
	}
	if (is_there(dp, OLD_STATES, &old))
		return use(dp, d);
	if (!is_there(dp, "states", &info))
		return dp_fail(d, errno, "cannot open the pinned table of sources");
	if (info.max_entries == sources_max)
		return 0;
	r = set_aside(dp, d);
	return r ? r : use(dp, d);
}

bool dp_move_is_pinned(const struct dp *dp, const struct bpf_map *map)
{
	const struct rl *skel = dp->skel;
	struct bpf_map_info info;

	if (map == skel->maps.states_old)
		return dp->move.on;
	if (map == skel->maps.front_old)
		return dp->move.on && is_there(dp, OLD_FRONT, &info);
	return true;
}

/* The front table first: alone it is not looked for. */
void dp_move_unpin(const struct dp *dp)
{
	struct diag d;

	dp_pin_remove(dp, OLD_FRONT, &d);
	dp_pin_remove(dp, OLD_STATES, &d);
}

__u32 dp_move_unfinished(const char *bpffs, __u32 sources_max)
{
	struct bpf_map_info info, old;
	struct dp dp = {};

	if (strlen(bpffs) >= sizeof(dp.bpffs))
		return 0;
	strcpy(dp.bpffs, bpffs);
	if (!is_there(&dp, OLD_STATES, &old) || !is_there(&dp, "states", &info) ||
	    read_phase(&dp) < RL_MOVE_NEW || info.max_entries == sources_max)
		return 0;
	return info.max_entries;
}
