/* SPDX-License-Identifier: GPL-2.0-only */
/* "ADDR:PORT" and "[ADDR]:PORT" as a socket address. */
#ifndef RLD_LISTEN_H
#define RLD_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>

union listen_addr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

int listen_parse(const char *text, union listen_addr *ret);
bool listen_is_loopback(const union listen_addr *addr);

#endif
