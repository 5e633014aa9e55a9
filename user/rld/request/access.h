/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is at the other end of the control socket, and what that one may do. */
#ifndef RLD_ACCESS_H
#define RLD_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "rl/names.h"

enum access_level {
	ACCESS_NONE,
	ACCESS_READ,   /* group rld */
	ACCESS_CHANGE, /* root, group rld-admin, the user that rld runs as */
};

struct access {
	uid_t uid;
	pid_t pid;
	enum access_level level;
};

/* The connection by which somebody came to the machine, as that one says. */
struct session {
	union rl_addr addr;
	__u16 port; /* ours; 0: none */
};

int access_of(int fd, struct access *ret);
/* The group whose members may look; false: this machine has none. */
bool access_readers(gid_t *ret);
/* Asks for the groups' ids anew. Else they are asked for when somebody comes first after /etc/group
 * has changed, a second later at most. */
void access_refresh(void);

#endif
