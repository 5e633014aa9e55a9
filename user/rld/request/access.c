// SPDX-License-Identifier: GPL-2.0-only
/* Credentials of a unix socket's peer, as the kernel recorded them at connect. */
#include "rld/request/access.h"

#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "rl/proto.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
#define GROUPS_MAX 1024 /* a peer in more groups counts as being in its first one only */
#define GROUP_FILE "/etc/group"
#define LOOK_NS TIME_NS

struct group_id {
	gid_t gid;
	bool known;
};

/* Asking for a group reads files, or another process, or a server: not for each who comes. */
static struct {
	struct group_id admin;
	struct group_id read;
	struct stat file; /* when they were asked for */
	__u64 looked_ns;  /* at the file; 0: never */
} groups;

static struct group_id ask(const char *name)
{
	const struct group *group = getgrnam(name);

	return group ? (struct group_id){group->gr_gid, true} : (struct group_id){0};
}

static struct stat file_now(void)
{
	struct stat st;

	return stat(GROUP_FILE, &st) ? (struct stat){0} : st;
}

void access_refresh(void)
{
	groups.file = file_now();
	groups.looked_ns = time_mono_ns();
	groups.admin = ask(RL_GROUP_ADMIN);
	groups.read = ask(RL_GROUP_READ);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void look(void)
{
	__u64 now = time_mono_ns();
	struct stat st;

	if (groups.looked_ns && now - groups.looked_ns < LOOK_NS)
		return;
	st = file_now();
	if (!groups.looked_ns || !same_file(&st, &groups.file))
		access_refresh();
	else
		groups.looked_ns = now;
}

static bool member(const struct group_id *group, const gid_t *gids, size_t count)
{
	for (size_t i = 0; group->known && i < count; i++)
		if (gids[i] == group->gid)
			return true;
	return false;
}

bool access_readers(gid_t *ret)
{
	look();
	*ret = groups.read.gid;
	return groups.read.known;
}

int access_of(int fd, struct access *ret)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);
	gid_t gids[GROUPS_MAX + 1];
	socklen_t gids_size = GROUPS_MAX * sizeof(gid_t);
	size_t count;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size))
		return -errno;
	*ret = (struct access){.uid = cred.uid, .pid = cred.pid, .level = ACCESS_CHANGE};
	if (cred.uid == 0 || cred.uid == geteuid())
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &gids_size))
		gids_size = 0;
	count = gids_size / sizeof(gid_t);
	gids[count++] = cred.gid;
	look();
	if (!member(&groups.admin, gids, count))
		ret->level = member(&groups.read, gids, count) ? ACCESS_READ : ACCESS_NONE;
	return 0;
}
