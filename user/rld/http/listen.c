// SPDX-License-Identifier: GPL-2.0-only
/* Parsing of --listen, and listening there. */
#include "rld/http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

int listen_parse(const char *text, union listen_addr *ret)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len = colon ? (size_t)(colon - text) : 0;
	union listen_addr addr = {0};
	unsigned long port;
	char *end;

	if (!len || len >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	port = strtoul(colon + 1, &end, 10);
	if (*end || port > 65535)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = 0;
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = 0;
		addr.in6.sin6_family = AF_INET6;
		addr.in6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host + 1, &addr.in6.sin6_addr) != 1)
			return -EINVAL;
	} else {
		addr.in.sin_family = AF_INET;
		addr.in.sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, host, &addr.in.sin_addr) != 1)
			return -EINVAL;
	}
	*ret = addr;
	return 0;
}

static int set_flag(int fd, int level, int name)
{
	const int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on)) ? -errno : 0;
}

static int listen_on(int fd, const union listen_addr *addr)
{
	bool is_ipv6 = addr->any.sa_family == AF_INET6;
	int err = set_flag(fd, SOL_SOCKET, SO_REUSEADDR);

	if (!err && is_ipv6)
		err = set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (err)
		return err;
	if (bind(fd, &addr->any, is_ipv6 ? sizeof(addr->in6) : sizeof(addr->in)) ||
	    listen(fd, BACKLOG))
		return -errno;
	return 0;
}

int listen_open(const union listen_addr *addr, int *ret_fd)
{
	int fd = socket(addr->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd < 0 ? -errno : listen_on(fd, addr);

	if (!err)
		*ret_fd = fd;
	else if (fd >= 0)
		close(fd);
	return err;
}

bool listen_is_loopback(const union listen_addr *addr)
{
	if (addr->any.sa_family == AF_INET)
		return ntohl(addr->in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&addr->in6.sin6_addr);
}
