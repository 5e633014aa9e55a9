/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is at the other end of the control socket, and what that one may do. */
#ifndef RLD_ACCESS_H
#define RLD_ACCESS_H

#include <sys/types.h>

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

int access_of(int fd, struct access *ret);

#endif
