/* SPDX-License-Identifier: GPL-2.0-only */
/* running.log: records that are in it whole or not at all.
 *
 *   1. What follows the last whole record is cut off before the next one is written.
 *   2. A record counts only while the file has its name: one that was removed keeps nothing.
 */
#ifndef RLD_PERSIST_LOG_H
#define RLD_PERSIST_LOG_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

struct persist_log {
	const char *dir;
	int fd;	     /* -1: it could not be opened yet */
	off_t whole; /* bytes up to the end of the last whole record */
	__u64 cut;   /* bytes that stood before those */
};

void persist_log_init(struct persist_log *log, const char *dir);
void persist_log_done(struct persist_log *log);
/* Opens it if it is not open. What is there and no regular file is renamed. -errno. */
int persist_log_open(struct persist_log *log);
/* A line with its newline. -errno: it is not there, and never will be read. */
int persist_log_add(struct persist_log *log, const char *line, size_t len);
/* Behind its last record, for persist_log_cut(). */
__u64 persist_log_end(const struct persist_log *log);
/* Takes out what stood before that end. -errno: all of it is still there. */
int persist_log_cut(struct persist_log *log, __u64 end);

#endif
