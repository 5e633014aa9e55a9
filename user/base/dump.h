/* SPDX-License-Identifier: GPL-2.0-only */
/* One question to the kernel by netlink, and its answers. */
#ifndef BASE_DUMP_H
#define BASE_DUMP_H

#include <linux/netlink.h>

typedef int (*dump_fn)(void *ctx, const struct nlmsghdr *message);

/* Sends the request and gives each answer to `take`, up to the end of the dump, the acknowledgement
 * (a request that is no dump must ask for it), or the first error. */
int dump_run(int protocol, const struct nlmsghdr *request, dump_fn take, void *ctx);

#endif
