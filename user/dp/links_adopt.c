// SPDX-License-Identifier: GPL-2.0-only
/* Links that a former daemon pinned: taking them up, and giving them this version's program. */
#include <dirent.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>
#include <unistd.h>

#include "dp/internal.h"

static enum dp_attach_mode link_mode(__u32 ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);

	if (bpf_xdp_query(ifindex, 0, &q))
		return DP_ATTACH_AUTO;
	return q.attach_mode == XDP_ATTACHED_SKB ? DP_ATTACH_GENERIC : DP_ATTACH_NATIVE;
}

/* Slot of an adopted interface: the one it had, or a free one. 0: none. */
static __u32 slot_adopt(struct dp *dp, __u32 ifindex, enum rl_link link)
{
	__u32 slot = dp_place_slot(dp, ifindex);

	if (!slot) {
		slot = dp_link_slot_free(dp);
		if (!slot)
			return 0;
	}
	if (dp->link[slot].iface.ifindex || dp_place_set(dp, ifindex, slot, link))
		return 0;
	return slot;
}

/* "net:[4026531840]" */
static ssize_t this_netns(char *buf, size_t size)
{
	return readlink("/proc/self/ns/net", buf, size);
}

/* The former daemon attached to interfaces of this network namespace. */
static bool at_home(const struct dp *dp)
{
	char path[DP_PATH + 32], was[64], is[64];
	ssize_t len = this_netns(is, sizeof(is));

	snprintf(path, sizeof(path), "%s/" DP_HOME, dp->bpffs);
	return len > 0 && readlink(path, was, sizeof(was)) == len && !memcmp(was, is, (size_t)len);
}

static int settle_here(const struct dp *dp, struct diag *d)
{
	char path[DP_PATH + 32], is[64] = "";

	if (at_home(dp))
		return 0;
	snprintf(path, sizeof(path), "%s/" DP_HOME, dp->bpffs);
	unlink(path);
	if (this_netns(is, sizeof(is) - 1) < 0 || symlink(is, path))
		return dp_fail(d, errno, "cannot note the network namespace");
	return 0;
}

static int foreign(const char *path, struct diag *d)
{
	diag_set(d, DIAG_FAILED, "%s enforces in another network namespace, or is no link of rld",
		 path);
	diag_hint(d, "give this rld its own --bpffs, or free the interface with `rld --detach`");
	return -EBUSY;
}

static int link_give_up(const char *path, int fd)
{
	bpf_link_detach(fd);
	unlink(path);
	return 0;
}

/* Takes up one pinned link. */
static int link_take(struct dp *dp, const char *path, struct diag *d)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info), slot;
	struct dp_device device;
	enum rl_link link;
	struct dp_link *l;
	_cleanup_close_ int fd = bpf_obj_get(path);

	if (fd < 0)
		return dp_fail(d, errno, "cannot open a pinned link");
	if (bpf_obj_get_info_by_fd(fd, &info, &len) || !info.xdp.ifindex) { /* it went away */
		unlink(path);
		return 0;
	}
	if (!dp_runs(info.xdp.ifindex, info.prog_id) ||
	    dp_device_find(info.xdp.ifindex, NULL, &device)) {
		/* It went to another network namespace, or it is this daemon that is in another. */
		if (at_home(dp))
			return link_give_up(path, fd);
		return foreign(path, d);
	}
	/* A former version attached to any device, and took what it could not read for no IP. */
	if (dp_device_link(&device, &link, NULL))
		return link_give_up(path, fd);
	slot = slot_adopt(dp, info.xdp.ifindex, link);
	if (!slot)
		return foreign(path, d);
	l = &dp->link[slot];
	l->fd = fd;
	fd = -1;
	memcpy(l->iface.name, device.name, sizeof(l->iface.name));
	l->iface.link = link;
	l->iface.ifindex = info.xdp.ifindex;
	dp_link_name_adopt(dp, &l->iface);
	l->iface.slot = slot;
	l->iface.mode = link_mode(info.xdp.ifindex);
	dp->links_stale = true;
	return 0;
}

int dp_links_adopt(struct dp *dp, struct diag *d)
{
	DIR *dir = opendir(dp->bpffs);
	char path[DP_PATH + 256];
	struct dirent *e;
	int r = 0;

	if (!dir)
		return dp_fail(d, errno, "cannot read the bpffs directory");
	while (!r && (e = readdir(dir))) {
		if (strncmp(e->d_name, DP_LINK_PREFIX, strlen(DP_LINK_PREFIX)))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dp->bpffs, e->d_name);
		r = link_take(dp, path, d);
	}
	closedir(dir);
	return r ? r : settle_here(dp, d);
}

/* The program that a link ran before; -1: it cannot be had. */
static int former_program(const struct dp_link *l)
{
	struct bpf_link_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(l->fd, &info, &size) ? -1
							   : bpf_prog_get_fd_by_id(info.prog_id);
}

/* To what `former` has, and forgets that. */
static void switch_back(struct dp *dp, int former[static RL_IFACES_MAX], bool back)
{
	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		if (former[s] < 0)
			continue;
		if (back)
			bpf_link_update(dp->link[s].fd, former[s], NULL);
		close(former[s]);
	}
}

/* From the program of the former daemon to ours, one interface after the other, each atomically. */
static int switch_all(struct dp *dp, int former[static RL_IFACES_MAX], struct diag *d)
{
	int prog = bpf_program__fd(dp->skel->progs.rld);

	for (__u32 s = 1; s < RL_IFACES_MAX; s++) {
		struct dp_link *l = &dp->link[s];
		int r;

		if (!l->iface.ifindex)
			continue;
		former[s] = former_program(l);
		r = bpf_link_update(l->fd, prog, NULL);
		if (r && r != -ENOLINK) {
			diag_errno(d, -r, "%s: cannot switch to this version's program",
				   l->iface.name);
			diag_hint(d, "the former program still enforces there; `rld --detach` "
				     "removes it");
			return r;
		}
	}
	return 0;
}

int dp_links_switch(struct dp *dp, struct diag *d)
{
	int former[RL_IFACES_MAX], r;

	if (!dp->links_stale)
		return 0;
	memset(former, -1, sizeof(former));
	r = switch_all(dp, former, d);
	/* What the former program counted apart may be announced in another table's states only. */
	if (!r && (r = dp_gather(dp)))
		dp_fail(d, r, "cannot gather what CPUs have counted apart");
	switch_back(dp, former, r != 0);
	if (r)
		return r;
	/* Until now the former program may have counted bans elsewhere. */
	if (dp_kept(dp, DP_PART_BANS) != dp_kept(dp, DP_PART_RULES))
		dp_bans_recount(dp);
	dp->links_stale = false;
	return 0;
}
