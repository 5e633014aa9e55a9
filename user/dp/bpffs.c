// SPDX-License-Identifier: GPL-2.0-only
/* The directory of the pins: mounted, locked by one daemon at a time, and emptied on request. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dp/internal.h"

#define DEFAULT_BPFFS "/sys/fs/bpf"

static bool is_bpffs(const char *path)
{
	struct statfs st;

	return !statfs(path, &st) && (unsigned long)st.f_type == BPF_FS_MAGIC;
}

/* mkdir -p below the mount point. */
static int make_directory(const char *path)
{
	char part[DP_PATH];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(part, 0700) && errno != EEXIST ? -errno : 0;
}

int dp_mount(const char *path, struct diag *d)
{
	size_t n = strlen(DEFAULT_BPFFS);
	int r;

	if (!strncmp(path, DEFAULT_BPFFS, n) && (path[n] == '/' || !path[n]) &&
	    !is_bpffs(DEFAULT_BPFFS)) {
		if (mount("bpf", DEFAULT_BPFFS, "bpf", 0, "mode=0700"))
			return dp_fail(d, errno, "cannot mount a bpffs on " DEFAULT_BPFFS);
	}
	r = make_directory(path);
	if (r)
		return dp_fail(d, r, "cannot make the bpffs directory");
	if (is_bpffs(path))
		return 0;
	diag_set(d, DIAG_USAGE, "%s is not on a bpffs", path);
	return diag_hint(d, "mount -t bpf bpf %s", path);
}

/* Another version's may be larger than what it is read into: then all 0. */
static struct rl_control read_control(const char *bpffs)
{
	_cleanup_close_ int fd = -1;
	struct bpf_map_info info;
	struct rl_control c = {};
	char path[DP_PATH + 32];
	__u32 zero = 0;

	snprintf(path, sizeof(path), "%s/control", bpffs);
	fd = bpf_obj_get(path);
	if (fd < 0 || !dp_map_info(fd, &info) || info.value_size != sizeof(c) ||
	    bpf_map_lookup_elem(fd, &zero, &c))
		return (struct rl_control){};
	return c;
}

void dp_look(const char *bpffs, struct dp_pinned *ret)
{
	_cleanup_close_ int fd = -1;
	struct bpf_map_info info;
	char path[DP_PATH + 32], names[64];

	snprintf(path, sizeof(path), "%s/states", bpffs);
	fd = bpf_obj_get(path);
	*ret = (struct dp_pinned){
		.enforcing = !dp_enforcing(bpffs, names, sizeof(names)) && names[0],
		.statements = read_control(bpffs).statements,
		.sources_max = fd >= 0 && dp_map_info(fd, &info) ? info.max_entries : 0,
	};
}

int dp_lock(const char *path, int *ret_fd, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	__u32 pid;

	if (fd < 0)
		return dp_fail(d, errno, "cannot open the bpffs directory");
	if (!flock(fd, LOCK_EX | LOCK_NB)) {
		*ret_fd = fd;
		return 0;
	}
	close(fd);
	pid = read_control(path).daemon_pid;
	if (pid)
		diag_set(d, DIAG_FAILED, "rld runs already: pid %u works on %s", pid, path);
	else
		diag_set(d, DIAG_FAILED, "rld runs already: it works on %s", path);
	diag_hint(d, "stop it first, or give this one its own --bpffs, --socket, --state-dir and "
		     "--listen");
	return -EBUSY;
}

/* Calls `handle` with each entry's name. */
static int each_pin(const char *bpffs,
		    void (*handle)(void *ctx, const char *path, const char *name), void *ctx)
{
	DIR *dir = opendir(bpffs);
	char path[DP_PATH + 256];
	struct dirent *e;

	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", bpffs, e->d_name);
		handle(ctx, path, e->d_name);
	}
	closedir(dir);
	return 0;
}

/* Whether the interface of that index in this network namespace runs the program. */
bool dp_runs(__u32 ifindex, __u32 prog_id)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, found);

	return !bpf_xdp_query((int)ifindex, 0, &found) &&
	       (found.prog_id == prog_id || found.drv_prog_id == prog_id ||
		found.skb_prog_id == prog_id);
}

/* Name of the interface that a pinned link is on, or "". A link does not tell its network
 * namespace: in another one the index may be another interface's. */
static int link_open(const char *path, char name[static IF_NAMESIZE])
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(path);

	name[0] = '\0';
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == BPF_LINK_TYPE_XDP)
		if (info.xdp.ifindex && (!dp_runs(info.xdp.ifindex, info.prog_id) ||
					 !if_indextoname(info.xdp.ifindex, name)))
			snprintf(name, IF_NAMESIZE, "ifindex %u", info.xdp.ifindex % 10000000);
	return fd;
}

static bool is_link(const char *name)
{
	return !strncmp(name, DP_LINK_PREFIX, strlen(DP_LINK_PREFIX));
}

static void remove_pin(void *ctx, const char *path, const char *name)
{
	char iface[IF_NAMESIZE];
	_cleanup_close_ int fd = -1;
	FILE *out = ctx;

	if (is_link(name)) {
		fd = link_open(path, iface);
		if (fd >= 0)
			bpf_link_detach(fd);
		if (out && iface[0])
			fprintf(out, "detached from %s\n", iface);
	}
	unlink(path);
}

int dp_remove_all(const char *bpffs, FILE *out, bool force, struct diag *d)
{
	int r, lock = -1;

	dp_capture_messages();
	if (access(bpffs, F_OK))
		return 0;
	r = dp_lock(bpffs, &lock, d);
	if (r && !(force && r == -EBUSY))
		return r;
	r = each_pin(bpffs, remove_pin, out);
	if (lock >= 0)
		close(lock);
	if (!r && rmdir(bpffs) && errno != ENOENT)
		r = -errno;
	return r ? dp_fail(d, r, "cannot remove the pins") : 0;
}

struct name_list {
	char *buf;
	size_t size;
};

static void add_name(void *ctx, const char *path, const char *name)
{
	struct name_list *l = ctx;
	char iface[IF_NAMESIZE];
	size_t used = strlen(l->buf);
	_cleanup_close_ int fd = -1;

	if (!is_link(name))
		return;
	fd = link_open(path, iface);
	if (iface[0] && used + strlen(iface) + 3 < l->size)
		snprintf(l->buf + used, l->size - used, "%s%s", used ? ", " : "", iface);
}

int dp_enforcing(const char *bpffs, char *buf, size_t size)
{
	struct name_list l = {buf, size};

	buf[0] = '\0';
	return each_pin(bpffs, add_name, &l);
}
