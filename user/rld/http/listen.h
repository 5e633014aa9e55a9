/* SPDX-License-Identifier: GPL-2.0-only */
/* "ADDR:PORT" and "[ADDR]:PORT" as a socket address, and a socket there. */
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
/* Binds and listens, without blocking. */
int listen_open(const union listen_addr *addr, int *ret_fd);
bool listen_is_loopback(const union listen_addr *addr);

#endif
