// SPDX-License-Identifier: GPL-2.0-only
/* The descriptors of sinks. */
#include "rld/events/sink_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rl/proto.h"
#include "rld/loop/stderr.h"

#define SYSLOG_SOCKET "/dev/log"
#define SYSLOG_TAG "<30>rld: " /* daemon.info */
#define FILE_PREFIX "file:"
#define LOG_DIR RL_LOG_DIR "/"
/* A FIFO without a reader or a stuck device must not stop the daemon. */
#define OPEN_FLAGS (O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK)
#define OPEN_MODE 0640

void sink_fd_init(struct sink_fd *sink, const char *name)
{
	*sink = (struct sink_fd){.kind = SINK_FD_STDERR, .fd = -1};
	if (!strncmp(name, FILE_PREFIX, strlen(FILE_PREFIX))) {
		sink->kind = SINK_FD_FILE;
		snprintf(sink->path, sizeof(sink->path), "%s", name + strlen(FILE_PREFIX));
	} else if (!strcmp(name, "syslog")) {
		sink->kind = SINK_FD_SYSLOG;
	} else if (isatty(STDERR_FILENO)) {
		sink->kind = SINK_FD_TERMINAL;
	}
}

static int open_syslog(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = SYSLOG_SOCKET};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;

	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return err;
}

/* What of the path is below RL_LOG_DIR; NULL: it is elsewhere. */
static const char *below_log_dir(const char *path)
{
	return strncmp(path, LOG_DIR, strlen(LOG_DIR)) ? NULL : path + strlen(LOG_DIR);
}

/* Whoever may name a file there may name no other by it, through a link or "..". */
static int open_below(const char *below)
{
	_cleanup_close_ int dir = open(LOG_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct open_how how = {
		.flags = OPEN_FLAGS,
		.mode = OPEN_MODE,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = dir < 0 ? -1 : syscall(SYS_openat2, dir, below, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int open_file(const char *path)
{
	const char *below = below_log_dir(path);
	int fd;

	if (below)
		return open_below(below);
	fd = open(path, OPEN_FLAGS, OPEN_MODE);
	return fd < 0 ? -errno : fd;
}

bool sink_fd_is_tame(const char *name)
{
	return strncmp(name, FILE_PREFIX, strlen(FILE_PREFIX)) ||
	       below_log_dir(name + strlen(FILE_PREFIX));
}

int sink_fd_open(struct sink_fd *sink)
{
	int fd = STDERR_FILENO;

	if (sink->kind == SINK_FD_FILE)
		fd = open_file(sink->path);
	else if (sink->kind == SINK_FD_SYSLOG)
		fd = open_syslog();
	if (fd < 0)
		return fd;
	sink->fd = fd;
	return 0;
}

void sink_fd_close(struct sink_fd *sink)
{
	if (sink->fd >= 0 && sink->fd != STDERR_FILENO)
		close(sink->fd);
	sink->fd = -1;
}

bool sink_fd_is_open(const struct sink_fd *sink)
{
	return sink->fd >= 0;
}

static int write_syslog(const struct sink_fd *sink, const char *line, size_t len)
{
	char message[8192];
	int used = snprintf(message, sizeof(message), SYSLOG_TAG "%.*s", (int)len - 1, line);
	ssize_t done = send(sink->fd, message,
			    (size_t)used < sizeof(message) ? (size_t)used : sizeof(message) - 1,
			    MSG_NOSIGNAL);

	return done < 0 ? -errno : 0;
}

static int write_all(struct sink_fd *sink, const char *line, size_t len)
{
	ssize_t done = write(sink->fd, line, len);

	if (done == (ssize_t)len)
		return 0;
	sink->torn |= done > 0;
	return done < 0 ? -errno : -ENOSPC;
}

/* Nobody will ever read what goes into a file without a name. */
static int renew_if_deleted(struct sink_fd *sink)
{
	struct stat st;

	if (fstat(sink->fd, &st) || st.st_nlink)
		return 0;
	sink_fd_close(sink);
	sink->torn = false;
	return sink_fd_open(sink);
}

int sink_fd_write(struct sink_fd *sink, const char *line)
{
	size_t len = strlen(line);
	int err;

	if (sink->kind == SINK_FD_SYSLOG)
		return write_syslog(sink, line, len);
	if (sink->kind != SINK_FD_FILE)
		return stderr_write(line, len);
	err = renew_if_deleted(sink);
	if (!err && sink->torn) {
		err = write_all(sink, "\n", 1);
		sink->torn = err;
	}
	return err ? err : write_all(sink, line, len);
}

const char *sink_fd_hint(const struct sink_fd *sink)
{
	if (sink->kind == SINK_FD_SYSLOG)
		return "a syslog daemon listens at " SYSLOG_SOCKET
		       "; or log to stderr or file:PATH";
	return "file:PATH takes a file that rld can make or append to, in a directory that is "
	       "there";
}
