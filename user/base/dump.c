// SPDX-License-Identifier: GPL-2.0-only
/* Netlink requests with a socket each. */
#include "base/dump.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static int read_answers(int fd, dump_fn take, void *ctx)
{
	char buf[32768] __attribute__((aligned(8)));

	for (;;) {
		ssize_t len = recv(fd, buf, sizeof(buf), 0);
		const struct nlmsghdr *message = (const struct nlmsghdr *)buf;

		if (len < 0)
			return -errno;
		for (; NLMSG_OK(message, len); message = NLMSG_NEXT(message, len)) {
			int err;

			if (message->nlmsg_type == NLMSG_DONE)
				return 0;
			if (message->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
			err = take(ctx, message);
			if (err)
				return err;
		}
	}
}

int dump_run(int protocol, const struct nlmsghdr *request, dump_fn take, void *ctx)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	if (send(fd, request, request->nlmsg_len, 0) < 0)
		return -errno;
	return read_answers(fd, take, ctx);
}
