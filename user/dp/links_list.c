// SPDX-License-Identifier: GPL-2.0-only
/* The interfaces that are attached, as they are now. */
#include <string.h>

#include "dp/internal.h"

size_t dp_ifaces(struct dp *dp, struct dp_iface ret[static RL_IFACES_MAX])
{
	size_t n = 0;

	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		if (dp->link[s].iface.ifindex)
			ret[n++] = dp->link[s].iface;
	}
	return n;
}

/* A link follows its device into another network namespace, where its packets are not ours to judge
 * and its index is perhaps that of one of ours. */
static bool is_here(const struct dp_link *l, struct dp_device *ret)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(l->fd, &info, &len) &&
	       info.xdp.ifindex == l->iface.ifindex && dp_runs(info.xdp.ifindex, info.prog_id) &&
	       !dp_device_find(info.xdp.ifindex, NULL, ret);
}

size_t dp_ifaces_refresh(struct dp *dp, struct dp_iface_news ret[static RL_IFACES_MAX])
{
	size_t n = 0;

	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		struct dp_link *l = &dp->link[s];
		struct dp_device device;
		bool here = l->iface.ifindex && is_here(l, &device);

		if (!l->iface.ifindex || (here && !strcmp(device.name, l->iface.name)))
			continue;
		memcpy(ret[n].before, l->iface.name, sizeof(ret[n].before));
		if (here)
			memcpy(l->iface.name, device.name, sizeof(l->iface.name));
		else
			dp_link_drop(dp, l);
		ret[n++].now = l->iface;
	}
	return n;
}

__u32 dp_iface_slot(struct dp *dp, const char *name)
{
	__u32 slot = 0;

	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		const struct dp_iface *iface = &dp->link[s].iface;

		if (iface->ifindex && !strcmp(iface->name, name))
			return s;
		if (iface->ifindex && !slot && !strcmp(iface->attached_as, name))
			slot = s;
	}
	return slot;
}
