// SPDX-License-Identifier: GPL-2.0-only
/* Bridges and their ports, VLANs and their parents: a packet that goes through two interfaces is
 * seen by the program on each.
 */
#include "rld/ifaces_stack.h"

#include <stdio.h>
#include <string.h>

/* Of devices on top of each other; a kernel has 8 at most (MAX_NEST_DEV). */
#define DEPTH 8

/* Made on another device, whose packets they get. Tunnels get others: those inside. */
static const char *const slices[] = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec"};

static bool is_slice(const struct dp_device *device)
{
	for (size_t i = 0; i < sizeof(slices) / sizeof(*slices); i++)
		if (!strcmp(device->kind, slices[i]))
			return true;
	return false;
}

/* The index of what gets the packets that come in on `low`: what it is a port of. 0: nothing. */
static __u32 port_of(__u32 low)
{
	struct dp_device device, master;

	if (dp_device_find(low, NULL, &device) || !device.master)
		return 0;
	/* A VRF runs no program of its own on what its ports get. */
	if (!dp_device_find(device.master, NULL, &master) && !strcmp(master.kind, "vrf"))
		return 0;
	return device.master;
}

/* ... and of what a VLAN or the like gets its packets from. */
static __u32 made_on(__u32 high)
{
	struct dp_device device;

	return !dp_device_find(high, NULL, &device) && is_slice(&device) ? device.lower : 0;
}

static bool reaches(__u32 from, __u32 to, __u32 (*next)(__u32 ifindex))
{
	for (int i = 0; i < DEPTH && from; i++) {
		from = next(from);
		if (from == to)
			return true;
	}
	return false;
}

static bool see_the_same(__u32 a, __u32 b)
{
	return reaches(a, b, port_of) || reaches(b, a, port_of) || reaches(a, b, made_on) ||
	       reaches(b, a, made_on);
}

bool ifaces_stacked(struct dp *dp, const struct dp_iface *iface, char *buf, size_t size)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(dp, v);

	for (size_t i = 0; i < count; i++) {
		if (v[i].ifindex == iface->ifindex)
			continue;
		if (!see_the_same(v[i].ifindex, iface->ifindex))
			continue;
		snprintf(buf, size,
			 "packets of %s go through %s as well, which is attached too: limits count "
			 "them twice; detach one of the two",
			 iface->name, v[i].name);
		return true;
	}
	return false;
}
