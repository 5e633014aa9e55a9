// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces: one pinned bpf_link each, and the slot under which the program counts. */
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dp/internal.h"

static void link_path(const struct dp *dp, __u32 ifindex, char *buf, size_t size)
{
	snprintf(buf, size, "%s/" DP_LINK_PREFIX "%u", dp->bpffs, ifindex);
}

static void name_path(const struct dp *dp, __u32 ifindex, char *buf, size_t size)
{
	snprintf(buf, size, "%s/" DP_NAME_PREFIX "%u", dp->bpffs, ifindex);
}

/* For the next daemon: it may have been renamed by then. */
static int name_keep(const struct dp *dp, const struct dp_iface *iface)
{
	char path[DP_PATH + 32];

	name_path(dp, iface->ifindex, path, sizeof(path));
	unlink(path);
	return symlink(iface->attached_as, path) ? -errno : 0;
}

void dp_link_name_adopt(const struct dp *dp, struct dp_iface *iface)
{
	char path[DP_PATH + 32], name[sizeof(iface->attached_as)];
	ssize_t len;

	name_path(dp, iface->ifindex, path, sizeof(path));
	len = readlink(path, name, sizeof(name) - 1);
	snprintf(iface->attached_as, sizeof(iface->attached_as), "%.*s",
		 len > 0 ? (int)len : (int)sizeof(iface->name), len > 0 ? name : iface->name);
}

static int counters_zero(struct dp *dp, __u32 slot)
{
	_cleanup_free_ struct rl_iface_counters *zero = calloc(dp->cpus, sizeof(*zero));

	if (!zero)
		return -ENOMEM;
	return bpf_map_update_elem(bpf_map__fd(dp->skel->maps.iface_counters), &slot, zero, 0)
		       ? -errno
		       : 0;
}

__u32 dp_link_slot_free(const struct dp *dp)
{
	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		if (!dp->link[s].iface.ifindex)
			return s;
	}
	return 0;
}

void dp_links_close(struct dp *dp)
{
	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		if (dp->link[s].iface.ifindex)
			close(dp->link[s].fd);
	}
}

/* Says which program holds the interface. */
static int busy(const char *name, __u32 ifindex, struct diag *d)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);
	struct bpf_prog_info info = {};
	_cleanup_close_ int fd = -1;
	__u32 len = sizeof(info);

	if (!bpf_xdp_query(ifindex, 0, &q) && q.prog_id)
		fd = bpf_prog_get_fd_by_id(q.prog_id);
	if (fd >= 0)
		bpf_obj_get_info_by_fd(fd, &info, &len);
	diag_set(d, DIAG_FAILED, "%s already runs another XDP program: %s (id %u)", name,
		 info.name[0] ? info.name : "unnamed", q.prog_id);
	diag_hint(d,
		  "detach it first (`bpftool net show dev %s` tells more; for one left by rld: "
		  "`rld --detach`)",
		  name);
	return -EBUSY;
}

/* The kernel lets a device be attached only while none above it is. */
static int under_another(const char *name, struct diag *d)
{
	diag_set(d, DIAG_FAILED,
		 "%s is below an interface that runs an XDP program (its bridge or bond, or what "
		 "is made on it)",
		 name);
	diag_hint(d,
		  "the lower one goes first: detach that one, attach %s, and attach it again; but "
		  "unless it is a tunnel, packets count on both",
		  name);
	return -EEXIST;
}

static int try_mode(struct dp *dp, __u32 ifindex, __u32 flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);

	return bpf_link_create(bpf_program__fd(dp->skel->progs.rld), ifindex, BPF_XDP, &opts);
}

/* Native first, generic where that is not to be had and not forbidden. Returns the link's fd. */
static int link_create(struct dp *dp, __u32 ifindex, enum dp_attach_mode mode,
		       struct dp_iface *iface)
{
	int fd = -EOPNOTSUPP, native = 0;

	if (mode != DP_ATTACH_GENERIC) {
		iface->mode = DP_ATTACH_NATIVE;
		fd = native = try_mode(dp, ifindex, XDP_FLAGS_DRV_MODE);
	}
	if (fd >= 0 || fd == -EBUSY || fd == -ENODEV || fd == -EPERM || mode == DP_ATTACH_NATIVE)
		return fd;
	fd = try_mode(dp, ifindex, XDP_FLAGS_SKB_MODE);
	iface->mode = DP_ATTACH_GENERIC;
	if (fd >= 0 && mode == DP_ATTACH_AUTO)
		snprintf(iface->note, sizeof(iface->note),
			 "the driver has no native XDP (%s): generic mode, slower, and it sees "
			 "merged packets "
			 "and no stripped VLAN tags",
			 strerror(-native));
	return fd;
}

static int link_pin(struct dp *dp, struct dp_link *l, struct diag *d)
{
	char path[DP_PATH + 32];
	int r;

	link_path(dp, l->iface.ifindex, path, sizeof(path));
	unlink(path);
	r = name_keep(dp, &l->iface);
	if (!r)
		r = bpf_obj_pin(l->fd, path);
	return r ? dp_fail(d, r, "cannot pin the link") : 0;
}

void dp_link_drop(struct dp *dp, struct dp_link *l)
{
	char path[DP_PATH + 32];

	link_path(dp, l->iface.ifindex, path, sizeof(path));
	unlink(path);
	name_path(dp, l->iface.ifindex, path, sizeof(path));
	unlink(path);
	bpf_link_detach(l->fd);
	close(l->fd);
	dp_place_set(dp, l->iface.ifindex, 0, 0);
	memset(l, 0, sizeof(*l));
}

static struct dp_link *link_find(struct dp *dp, __u32 ifindex)
{
	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		if (ifindex && dp->link[s].iface.ifindex == ifindex)
			return &dp->link[s];
	}
	return NULL;
}

static int attach_new(struct dp *dp, struct dp_link *l, enum dp_attach_mode mode, struct diag *d)
{
	__u32 ifindex = l->iface.ifindex, slot = l->iface.slot;
	int r = counters_zero(dp, slot);

	if (!r)
		r = dp_place_set(dp, ifindex, slot, l->iface.link);
	if (r)
		return diag_errno(d, -r, "%s: no room in the table of interfaces", l->iface.name);
	l->fd = link_create(dp, ifindex, mode, &l->iface);
	if (l->fd < 0) {
		r = l->fd;
		dp_place_set(dp, ifindex, 0, 0);
		if (r == -EBUSY)
			return busy(l->iface.name, ifindex, d);
		if (r == -EEXIST)
			return under_another(l->iface.name, d);
		diag_errno(d, -r, "cannot attach to %s", l->iface.name);
		if (mode == DP_ATTACH_NATIVE)
			diag_hint(d, "the driver may lack native XDP: try `mode generic`");
		return r;
	}
	r = link_pin(dp, l, d);
	if (r)
		dp_link_drop(dp, l);
	return r;
}

static int attach_device(struct dp *dp, const struct dp_device *device, enum dp_attach_mode mode,
			 struct dp_link **ret, struct diag *d)
{
	__u32 slot = dp_link_slot_free(dp);
	struct dp_link *l = &dp->link[slot];
	enum rl_link link;
	int r = dp_device_link(device, &link, d);

	if (r)
		return r;
	if (!slot)
		return diag_errno(d, ENOSPC, "%d interfaces are attached, no more can be",
				  RL_IFACES_MAX - 1);
	memset(l, 0, sizeof(*l));
	l->iface.ifindex = device->ifindex;
	l->iface.slot = slot;
	l->iface.link = link;
	memcpy(l->iface.name, device->name, sizeof(l->iface.name));
	memcpy(l->iface.attached_as, device->name, sizeof(l->iface.attached_as));
	r = attach_new(dp, l, mode, d);
	if (r)
		memset(l, 0, sizeof(*l));
	else
		*ret = l;
	return r;
}

int dp_attach(struct dp *dp, const char *name, enum dp_attach_mode mode, struct dp_iface *ret,
	      struct diag *d)
{
	struct dp_device device;
	struct dp_link *l;
	int r = dp_device_find(0, name, &device);

	if (r == -ENODEV)
		diag_set(d, DIAG_FAILED, "there is no interface %s", name);
	else if (r)
		diag_errno(d, -r, "cannot ask the kernel about %s", name);
	if (r)
		return r;
	l = link_find(dp, device.ifindex);
	if (!l)
		r = attach_device(dp, &device, mode, &l, d);
	if (!r)
		*ret = l->iface;
	return r;
}

int dp_detach(struct dp *dp, __u32 ifindex, struct diag *d)
{
	struct dp_link *l = link_find(dp, ifindex);

	if (!l) {
		diag_set(d, DIAG_FAILED, "the interface of index %u is not attached", ifindex);
		return -ENOENT;
	}
	dp_link_drop(dp, l);
	return 0;
}

void dp_iface_settle(struct dp *dp, __u32 ifindex)
{
	struct dp_link *l = link_find(dp, ifindex);

	if (!l || !strcmp(l->iface.attached_as, l->iface.name))
		return;
	memcpy(l->iface.attached_as, l->iface.name, sizeof(l->iface.attached_as));
	name_keep(dp, &l->iface);
}
