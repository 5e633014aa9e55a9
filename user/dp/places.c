/* SPDX-License-Identifier: GPL-2.0-only */
/* The program's hash from ifindex to slot. */
#include <errno.h>

#include "dp/internal.h"

/* The place of an interface in the program's hash; NULL: none free within reach. */
static struct rl_iface *place_find(struct dp *dp, __u32 ifindex, bool free_too)
{
	struct rl_iface *found = NULL;

	for (__u32 i = 0; i < RL_IFACE_PROBES; i++) {
		struct rl_iface *place = &dp->control->iface[(ifindex + i) % RL_IFACE_TABLE];

		if (place->ifindex == ifindex)
			return place;
		if (!place->ifindex && free_too && !found)
			found = place;
	}
	return found;
}

int dp_place_set(struct dp *dp, __u32 ifindex, __u32 slot)
{
	struct rl_iface iface = {.ifindex = slot ? ifindex : 0, .slot = slot};
	struct rl_iface *place = place_find(dp, ifindex, slot != 0);

	if (!place)
		return -ENOSPC;
	__atomic_store(place, &iface, __ATOMIC_RELAXED);
	return 0;
}

__u32 dp_place_slot(struct dp *dp, __u32 ifindex)
{
	struct rl_iface *place = place_find(dp, ifindex, false);

	return place ? place->slot : 0;
}
