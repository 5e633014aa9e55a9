// SPDX-License-Identifier: GPL-2.0-only
/* Writing to standard error without waiting. */
#include "rld/loop/stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define OWN_NAME "/proc/self/fd/2"

static ssize_t result(ssize_t done)
{
	return done < 0 ? -errno : done;
}

/* Where no description of our own can be had. A pipe that is ready takes PIPE_BUF bytes at once,
 * unless somebody else fills it in between. */
static ssize_t write_ready(const char *text, size_t len)
{
	struct pollfd pollfd = {.fd = STDERR_FILENO, .events = POLLOUT};
	size_t at = 0;

	while (at < len && poll(&pollfd, 1, 0) == 1) {
		size_t piece = len - at < PIPE_BUF ? len - at : PIPE_BUF;
		ssize_t done = write(STDERR_FILENO, text + at, piece);

		if (done < 0)
			return at ? (ssize_t)at : -errno;
		at += (size_t)done;
	}
	return at ? (ssize_t)at : -EAGAIN;
}

/* O_NONBLOCK belongs to the open file description, which the shell and other programs share: so it
 * is opened once more, and that description does not wait. */
static ssize_t write_own(const char *text, size_t len)
{
	_cleanup_close_ int fd = open(OWN_NAME, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return write_ready(text, len);
	return result(write(fd, text, len));
}

static ssize_t write_some(const char *text, size_t len)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	struct stat st;

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(STDERR_FILENO, &st))
		return -EBADF;
	if (S_ISSOCK(st.st_mode))
		return result(send(STDERR_FILENO, text, len, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (S_ISREG(st.st_mode))
		return result(write(STDERR_FILENO, text, len));
	return write_own(text, len);
}

int stderr_write(const char *text, size_t len)
{
	static bool torn;
	ssize_t done = torn ? write_some("\n", 1) : 0;

	if (done < 0)
		return (int)done;
	torn = false;
	done = write_some(text, len);
	if (done == (ssize_t)len)
		return 0;
	torn = done > 0;
	return done < 0 ? (int)done : -EAGAIN;
}
