/* SPDX-License-Identifier: GPL-2.0-only */
/* One place for event lines: opening it and writing to it, without waiting. */
#ifndef RLD_SINK_FD_H
#define RLD_SINK_FD_H

#include <stdbool.h>

enum sink_fd_kind {
	SINK_FD_STDERR,
	SINK_FD_TERMINAL, /* stderr is one: JSON is nothing for the people there */
	SINK_FD_FILE,
	SINK_FD_SYSLOG,
};

struct sink_fd {
	enum sink_fd_kind kind;
	int fd;	   /* -1: not open */
	bool torn; /* a line was written in part: the next one begins with a newline */
	char path[256];
};

/* No file, or one below RL_LOG_DIR: what those may name who are not root. */
bool sink_fd_is_tame(const char *name);
/* `name` as in the option `log`. */
void sink_fd_init(struct sink_fd *sink, const char *name);
int sink_fd_open(struct sink_fd *sink);
void sink_fd_close(struct sink_fd *sink); /* stderr stays */
bool sink_fd_is_open(const struct sink_fd *sink);
/* All of the line, or -errno: -EAGAIN if that is for now, as of a full pipe. A file that was
 * deleted is made anew. */
int sink_fd_write(struct sink_fd *sink, const char *line);
const char *sink_fd_hint(const struct sink_fd *sink); /* what to do when it cannot be opened */

#endif
