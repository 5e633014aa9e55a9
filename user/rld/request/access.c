// SPDX-License-Identifier: GPL-2.0-only
/* Credentials of a unix socket's peer, as the kernel recorded them at connect. */
#include "rld/request/access.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rl/proto.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
#define GROUPS_MAX 1024 /* a peer in more groups counts as being in its first one only */

static bool gid_of(const char *name, gid_t *ret)
{
	const struct group *group = getgrnam(name);

	if (!group)
		return false;
	*ret = group->gr_gid;
	return true;
}

static bool member(const char *name, const gid_t *gids, size_t count)
{
	gid_t gid;

	if (!gid_of(name, &gid))
		return false;
	for (size_t i = 0; i < count; i++)
		if (gids[i] == gid)
			return true;
	return false;
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
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids, &gids_size))
		gids_size = 0;
	count = gids_size / sizeof(gid_t);
	gids[count++] = cred.gid;
	*ret = (struct access){.uid = cred.uid, .pid = cred.pid, .level = ACCESS_NONE};
	if (cred.uid == 0 || cred.uid == geteuid() || member(RL_GROUP_ADMIN, gids, count))
		ret->level = ACCESS_CHANGE;
	else if (member(RL_GROUP_READ, gids, count))
		ret->level = ACCESS_READ;
	return 0;
}
