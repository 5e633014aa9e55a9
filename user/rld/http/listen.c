// SPDX-License-Identifier: GPL-2.0-only
/* Parsing of --listen. */
#include "rld/http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

bool listen_is_loopback(const union listen_addr *addr)
{
	if (addr->any.sa_family == AF_INET)
		return ntohl(addr->in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&addr->in6.sin6_addr);
}
