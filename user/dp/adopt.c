// SPDX-License-Identifier: GPL-2.0-only
/* What an earlier daemon left pinned: which maps this version goes on with, and which it makes
 * anew.
 *
 *   1. Maps that point at each other are a part, adopted as a whole or not at all; a part is
 *      adopted only with all that it is worth nothing without. So no mix can be at work in which
 *      one map names what another does not have.
 *   2. A map is known by its id in the kernel, under which the pinned map `layout` has its stamp. A
 *      map without one there, be it of a version that knew no stamps or of nobody at all, is never
 *      adopted unless unstamped.c knows it.
 *   3. What is not adopted loses its pin only: the program that is attached goes on with its maps
 *      until it is switched, interface by interface, after the rules of the new one stand.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dp/layout.h"
#include "dp/unstamped.h"

#define PART(part) (1u << DP_PART_##part)

static const struct {
	const char *maps[10];
	__u32 needs;
	const char *what; /* for people; NULL: nobody misses it */
} parts[DP_PART_COUNT] = {
	[DP_PART_IDENTITY] = {{"identity"}, 0, NULL},
	/* Rule sets name prefix sets and a filter, and control names a rule set. The daemon writes
	 * all of it anew as soon as it starts. */
	[DP_PART_RULES] = {{"control", "rules", "filters", "prefixes"}, PART(IDENTITY), NULL},
	[DP_PART_SOURCES] = {{"states", "logs16", "logs64", "logs256", "logs1024"},
			     PART(IDENTITY),
			     "sources"},
	[DP_PART_SHARED] = {{"shared"}, PART(IDENTITY), NULL},
	[DP_PART_SPREAD] = {{"spread"}, PART(IDENTITY), NULL},
	[DP_PART_FRONT] = {{"front"}, PART(SOURCES), "the last refusals of each source"},
	[DP_PART_HOT] = {{"hot"}, PART(SOURCES), NULL},
	[DP_PART_PRESENCE] = {{"presence"}, PART(SOURCES), NULL},
	[DP_PART_MOVE] = {{"move"}, PART(SOURCES), NULL},
	[DP_PART_BANS] = {{"bans"}, PART(IDENTITY), "bans"},
	[DP_PART_IFACES] = {{"iface_counters"}, PART(IDENTITY), "counters of interfaces"},
	[DP_PART_LIMITS] = {{"limit_counters"},
			    PART(IDENTITY) | PART(SOURCES),
			    "counters of limits"},
	[DP_PART_BUDGETS] = {{"limit_budgets"}, PART(IDENTITY), NULL},
	[DP_PART_LOSSES] = {{"losses"}, 0, "counters of losses"},
	[DP_PART_EVENTS] = {{"events"}, 0, "events not told yet"},
	[DP_PART_WORK] = {{"sweep", "state_template", "log_template", "exempt", "peers"}, 0, NULL},
};

enum pin {
	PIN_NONE,
	PIN_SAME,
	PIN_RESIZED, /* made for another sources-max, else the same */
	PIN_OTHER,
};

/* What was found before the object is loaded. */
struct found {
	const struct dp *dp;
	int stamps_fd;	/* of the map `layout`, or -1 */
	bool unstamped; /* by the version that wrote none */
	bool any;
	__u32 resized; /* bit p: nothing but sources-max keeps part p from being adopted */
};

bool dp_kept(const struct dp *dp, enum dp_part part)
{
	return dp->kept & 1u << part;
}

int dp_pin_open(const struct dp *dp, const char *name)
{
	char path[DP_PATH + 32];

	dp_path(dp, name, path, sizeof(path));
	return bpf_obj_get(path);
}

/* Of what may be no map at all: then nothing of it fits. */
bool dp_map_info(int fd, struct bpf_map_info *ret)
{
	__u32 len = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	return !bpf_obj_get_info_by_fd(fd, ret, &len);
}

static bool same_shape(const struct bpf_map *map, const struct bpf_map_info *info)
{
	return info->type == bpf_map__type(map) && info->key_size == bpf_map__key_size(map) &&
	       info->value_size == bpf_map__value_size(map) &&
	       info->map_flags == bpf_map__map_flags(map);
}

/* The table of sources is moved when its size is another; what goes with its size is made anew. */
static enum pin compare_sizes(const struct dp *dp, const struct bpf_map *map,
			      const struct bpf_map_info *info)
{
	if (info->max_entries == bpf_map__max_entries(map) || map == dp->skel->maps.states)
		return PIN_SAME;
	return dp_is_sized(dp->skel, map) ? PIN_RESIZED : PIN_OTHER;
}

static __u64 pinned_stamp(const struct found *f, const struct bpf_map *map, __u32 id)
{
	__u64 stamp;

	if (f->unstamped)
		return dp_unstamped_stamp(bpf_map__name(map));
	if (f->stamps_fd < 0 || bpf_map_lookup_elem(f->stamps_fd, &id, &stamp))
		return 0;
	return stamp;
}

static enum pin look(const struct found *f, const struct bpf_map *map)
{
	__u64 stamp = dp_layout_stamp(f->dp->skel, map, NULL);
	_cleanup_close_ int fd = dp_pin_open(f->dp, bpf_map__name(map));
	struct bpf_map_info info;
	bool same;

	if (fd < 0)
		return errno == ENOENT ? PIN_NONE : PIN_OTHER;
	same = dp_map_info(fd, &info) && same_shape(map, &info) && stamp &&
	       pinned_stamp(f, map, info.id) == stamp;
	return same ? compare_sizes(f->dp, map, &info) : PIN_OTHER;
}

static bool part_is_same(struct found *f, enum dp_part part)
{
	bool same = true, alike = true;

	for (const char *const *name = parts[part].maps; *name; name++) {
		enum pin pin = look(f, bpf_object__find_map_by_name(f->dp->skel->obj, *name));

		f->any |= pin != PIN_NONE;
		same &= pin == PIN_SAME;
		alike &= pin == PIN_SAME || pin == PIN_RESIZED;
	}
	if (alike && !same)
		f->resized |= 1u << part;
	return same;
}

static int open_stamps(const struct dp *dp)
{
	int fd = dp_pin_open(dp, DP_STAMPS);
	struct bpf_map_info info;

	if (fd < 0 || (dp_map_info(fd, &info) && info.type == BPF_MAP_TYPE_HASH &&
		       info.key_size == sizeof(__u32) && info.value_size == sizeof(__u64)))
		return fd;
	close(fd);
	return -1;
}

__u64 dp_pin_stamp(const struct dp *dp, __u32 id)
{
	_cleanup_close_ int fd = open_stamps(dp);
	__u64 stamp = 0;

	if (fd < 0 || bpf_map_lookup_elem(fd, &id, &stamp))
		return 0;
	return stamp;
}

/* A part comes after all that it needs. */
static void decide(struct dp *dp, struct found *f)
{
	for (int part = 0; part < DP_PART_COUNT; part++) {
		bool same = part_is_same(f, part);

		if (part == DP_PART_IDENTITY && f->unstamped)
			same = true; /* it will be made of what was found */
		if (same && (dp->kept & parts[part].needs) == parts[part].needs)
			dp->kept |= 1u << part;
	}
}

int dp_pin_remove(const struct dp *dp, const char *name, struct diag *d)
{
	char path[DP_PATH + 32];

	dp_path(dp, name, path, sizeof(path));
	if (!unlink(path) || errno == ENOENT || !rmdir(path))
		return 0;
	diag_set(d, DIAG_FAILED, "%s is in the way of a map of rld, and cannot be removed: %s",
		 path, strerror(errno));
	diag_hint(d, "remove it, or give this rld another --bpffs");
	return -EEXIST;
}

static int remove_others(const struct dp *dp, struct diag *d)
{
	int r = 0;

	for (int part = 0; part < DP_PART_COUNT && !r; part++)
		for (const char *const *name = parts[part].maps; *name && !r; name++)
			if (!dp_kept(dp, part))
				r = dp_pin_remove(dp, *name, d);
	return r;
}

static void append(char notice[static 512], const char *text)
{
	size_t used = strlen(notice);

	snprintf(notice + used, 512 - used, "%s", text);
}

static void append_parts(char notice[static 512], __u32 mask)
{
	const char *between = "";

	for (int part = 0; part < DP_PART_COUNT; part++) {
		if (!(mask & 1u << part) || !parts[part].what)
			continue;
		append(notice, between);
		append(notice, parts[part].what);
		between = ", ";
	}
}

static void tell(const struct dp *dp, char notice[static 512])
{
	__u32 missed = 0;

	for (int part = 0; part < DP_PART_COUNT; part++)
		missed |= parts[part].what ? 1u << part : 0;
	snprintf(notice, 512, "%s holds maps of another version", dp->bpffs);
	if (!(missed & ~dp->kept)) {
		append(notice, ", of which some are made anew; nothing is lost");
	} else if (!(missed & dp->kept)) {
		append(notice, ": limits start afresh, their counts and bans are lost");
	} else {
		append(notice, ": ");
		append_parts(notice, ~dp->kept);
		append(notice, " start afresh; kept: ");
		append_parts(notice, dp->kept);
	}
}

int dp_adopt(struct dp *dp, __u32 sources_max, char notice[static 512], struct diag *d)
{
	struct found f = {.dp = dp};
	int r = dp_move_mend(dp, sources_max, d);

	if (r)
		return r;
	f.stamps_fd = open_stamps(dp);
	f.unstamped = f.stamps_fd < 0 && dp_unstamped_take(dp, &dp->identity_before);
	decide(dp, &f);
	if (f.stamps_fd >= 0)
		close(f.stamps_fd);
	if (f.any && (dp->kept | f.resized) != (1u << DP_PART_COUNT) - 1)
		tell(dp, notice);
	r = dp_move_prepare(dp, sources_max, d);
	return r ? r : remove_others(dp, d);
}
