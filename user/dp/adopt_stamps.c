// SPDX-License-Identifier: GPL-2.0-only
/* The stamps of this version, written beside the maps that they are of. */
#include <errno.h>

#include "dp/layout.h"

static int write_stamps(const struct dp *dp, int fd)
{
	struct bpf_map *map;
	struct bpf_map_info info;

	bpf_object__for_each_map(map, dp->skel->obj)
	{
		__u64 stamp = dp_layout_stamp(dp->skel, map, NULL);

		if (!dp_map_info(bpf_map__fd(map), &info) ||
		    bpf_map_update_elem(fd, &info.id, &stamp, 0))
			return -errno;
	}
	return 0;
}

/* In one step, so that a crash leaves either the stamps of before or these. */
static int pin_stamps(const struct dp *dp, int fd, struct diag *d)
{
	char path[DP_PATH + 32], new[DP_PATH + 32];
	int r = dp_pin_remove(dp, DP_STAMPS "_new", d);

	if (r)
		return r;
	dp_path(dp, DP_STAMPS, path, sizeof(path));
	dp_path(dp, DP_STAMPS "_new", new, sizeof(new));
	r = bpf_obj_pin(fd, new);
	if (r)
		return dp_fail(d, r, "cannot pin the layout of the maps");
	if (!rename(new, path))
		return 0;
	r = dp_pin_remove(dp, DP_STAMPS, d);
	if (!r && rename(new, path))
		r = dp_fail(d, errno, "cannot pin the layout of the maps");
	return r;
}

int dp_adopt_stamp(struct dp *dp, struct diag *d)
{
	_cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "rld_layout", sizeof(__u32),
						sizeof(__u64), DP_STAMPS_MAX, NULL);
	int r = fd < 0 ? fd : write_stamps(dp, fd);

	return r ? dp_fail(d, r, "cannot note the layout of the maps") : pin_stamps(dp, fd, d);
}
