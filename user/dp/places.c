// SPDX-License-Identifier: GPL-2.0-only
/* The program's hash from ifindex to slot. */
#include <errno.h>

#include "dp/internal.h"

/* The place of an interface in the program's hash; NULL: none free within reach. */
static union rl_iface *place_find(struct dp *dp, __u32 ifindex, bool free_too)
{
	union rl_iface *found = NULL;

	for (__u32 i = 0; i < RL_IFACE_PROBES; i++) {
		union rl_iface *place = &dp->control->iface[(ifindex + i) % RL_IFACE_TABLE];

		if (place->ifindex == ifindex)
			return place;
		if (!place->ifindex && free_too && !found)
			found = place;
	}
	return found;
}

int dp_place_set(struct dp *dp, __u32 ifindex, __u32 slot, enum rl_link link)
{
	bool known = slot || link != RL_LINK_ETHERNET;
	union rl_iface iface = {.ifindex = known ? ifindex : 0, .slot = slot, .link = link};
	union rl_iface *place = place_find(dp, ifindex, known);

	if (!place)
		return known ? -ENOSPC : 0;
	for (__u32 s = 1; s < RL_IFACES_MAX; s++)
		if (dp->identity->ifindex[s] == ifindex)
			dp->identity->ifindex[s] = 0;
	if (slot)
		dp->identity->ifindex[slot] = ifindex;
	*(volatile __u64 *)&place->both = iface.both;
	return 0;
}

__u32 dp_place_slot(struct dp *dp, __u32 ifindex)
{
	union rl_iface *place = place_find(dp, ifindex, false);

	return place ? place->slot : 0;
}
