/* SPDX-License-Identifier: GPL-2.0-only */
/* Which limits could refuse packets of an established session, by their own words: for what no trial
 * says.
 *
 * What the session's address and port do not tell of a packet (length, source port, interface,
 * destination, VLAN) may be so or not: a limit on that may judge, and cannot be relied on to keep
 * the packet from the default limit.
 */
#ifndef RLD_GUARD_LIMIT_H
#define RLD_GUARD_LIMIT_H

#include "conf/model/conf.h"
#include "rld/guard/peers.h"

#define GUARD_BURST 20
#define GUARD_PER_S 10
#define GUARD_PACKET_BYTES 1500

/* Limit i judges packets of the session, and admits too few of them in one of its windows. */
bool guard_limit_cuts(const struct conf *conf, size_t i, const struct peer *peer);

#endif
