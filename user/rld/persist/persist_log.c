// SPDX-License-Identifier: GPL-2.0-only
/* The log of commands, record by record. */
#include "rld/persist/persist_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rld/persist/persist_files.h"

#define PIECE 4096

void persist_log_init(struct persist_log *log, const char *dir)
{
	*log = (struct persist_log){.dir = dir, .fd = -1};
}

__u64 persist_log_end(const struct persist_log *log)
{
	return log->cut + (__u64)log->whole;
}

void persist_log_done(struct persist_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	log->cut = persist_log_end(log);
	log->whole = 0;
}

/* Behind its last newline. */
static int find_end(int fd, off_t size, off_t *ret)
{
	char buf[PIECE];

	while (size) {
		off_t from = size > PIECE ? size - PIECE : 0;
		ssize_t len = pread(fd, buf, (size_t)(size - from), from);

		if (len != size - from)
			return len < 0 ? -errno : -EIO;
		while (len && buf[len - 1] != '\n')
			len--;
		if (len) {
			*ret = from + len;
			return 0;
		}
		size = from;
	}
	*ret = 0;
	return 0;
}

/* A FIFO would take records and keep none. */
static int make_regular(const char *dir, const char *path)
{
	const struct persist_refusal refusal = {
		.dir = dir,
		.name = PERSIST_LOG,
		.what = persist_open_error(-EMEDIUMTYPE),
		.lost = "what commands had changed last is over",
	};
	struct stat st;

	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		persist_refuse(&refusal);
	return persist_make(path, O_RDWR | O_NONBLOCK | O_APPEND);
}

int persist_log_open(struct persist_log *log)
{
	_cleanup_free_ char *path = persist_path(log->dir, PERSIST_LOG);
	_cleanup_close_ int fd = -1;
	struct stat st;
	int err;

	if (log->fd >= 0)
		return 0;
	if (!path)
		return -ENOMEM;
	fd = make_regular(log->dir, path);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	err = find_end(fd, st.st_size, &log->whole);
	if (err)
		return err;
	log->fd = fd;
	fd = -1;
	return 0;
}

/* Ready for a record at its end, which may be that of one of a crash or of a full disk. */
static int mend(struct persist_log *log)
{
	struct stat st;
	int err = persist_log_open(log);

	if (err)
		return err;
	if (fstat(log->fd, &st))
		return -errno;
	if (!st.st_nlink) {
		persist_log_done(log);
		return -ENOENT;
	}
	if (st.st_size < log->whole)
		return -EBADMSG; /* somebody else cuts it */
	return st.st_size > log->whole && ftruncate(log->fd, log->whole) ? -errno : 0;
}

int persist_log_add(struct persist_log *log, const char *line, size_t len)
{
	int err = mend(log);
	ssize_t done;

	if (err)
		return err;
	done = write(log->fd, line, len);
	if (done == (ssize_t)len) {
		log->whole += done;
		return 0;
	}
	err = done < 0 ? -errno : -ENOSPC;
	if (done > 0)
		mend(log);
	return err;
}

/* A log of the last `len` bytes takes the place of this one. */
static int keep_tail(struct persist_log *log, size_t len)
{
	_cleanup_free_ char *path = persist_path(log->dir, PERSIST_LOG);
	_cleanup_free_ char *temporary = persist_path(log->dir, PERSIST_LOG ".new");
	_cleanup_free_ char *tail = malloc(len);
	_cleanup_close_ int fd = -1;

	if (!path || !temporary || !tail)
		return -ENOMEM;
	if (pread(log->fd, tail, len, log->whole - (off_t)len) != (ssize_t)len)
		return -EIO;
	fd = persist_make(temporary, O_RDWR | O_NONBLOCK | O_APPEND | O_TRUNC);
	if (fd < 0)
		return -errno;
	if (write(fd, tail, len) != (ssize_t)len || rename(temporary, path)) {
		int err = errno ? -errno : -ENOSPC;

		unlink(temporary);
		return err;
	}
	close(log->fd);
	log->fd = fd;
	fd = -1;
	return 0;
}

int persist_log_cut(struct persist_log *log, __u64 end)
{
	int err = persist_log_open(log);
	__u64 left;

	if (err || end <= log->cut)
		return err;
	left = persist_log_end(log) - end;
	if (left)
		err = keep_tail(log, left);
	else if (ftruncate(log->fd, 0))
		err = -errno;
	if (err)
		return err;
	log->cut = end;
	log->whole = (off_t)left;
	return 0;
}
