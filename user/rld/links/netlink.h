/* SPDX-License-Identifier: GPL-2.0-only */
/* News from the kernel about interfaces. */
#ifndef RLD_NETLINK_H
#define RLD_NETLINK_H

/* A non-blocking socket that is readable when an interface came, went or changed; -1 with errno. */
int netlink_open_links(void);

#endif
