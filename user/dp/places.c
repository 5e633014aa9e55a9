/* SPDX-License-Identifier: GPL-2.0-only */
/* The program's hash from ifindex to slot. */
#include <errno.h>

#include "dp/internal.h"

/* The place of an interface in the program's hash; -1: none free within reach. */
static int place_find(struct dp *dp, __u32 ifindex, bool free_too)
{
	int fd = bpf_map__fd(dp->skel->maps.ifaces), found = -1;

	for (__u32 i = 0; i < RL_IFACE_PROBES; i++) {
		__u32 place = (ifindex + i) % RL_IFACE_TABLE;
		struct rl_iface e = {};

		bpf_map_lookup_elem(fd, &place, &e);
		if (e.ifindex == ifindex)
			return place;
		if (!e.ifindex && free_too && found < 0)
			found = place;
	}
	return found;
}

int dp_place_set(struct dp *dp, __u32 ifindex, __u32 slot)
{
	struct rl_iface e = {.ifindex = slot ? ifindex : 0, .slot = slot};
	int place = place_find(dp, ifindex, slot != 0);
	__u32 key = place;

	if (place < 0)
		return -ENOSPC;
	return bpf_map_update_elem(bpf_map__fd(dp->skel->maps.ifaces), &key, &e, 0) ? -errno : 0;
}

__u32 dp_place_slot(struct dp *dp, __u32 ifindex)
{
	struct rl_iface e = {};
	int place = place_find(dp, ifindex, false);
	__u32 key = place;

	if (place >= 0)
		bpf_map_lookup_elem(bpf_map__fd(dp->skel->maps.ifaces), &key, &e);
	return e.slot;
}
