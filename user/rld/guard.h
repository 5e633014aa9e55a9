/* SPDX-License-Identifier: GPL-2.0-only */
/* The lock-out guard: what a change would newly refuse of those it must not refuse unasked.
 *
 * These are the established TCP peers of the local ports in `protect-port`, the default gateways,
 * the resolvers in use and the machine's own addresses. The lists refuse an address outright. A
 * limit refuses a peer if it judges packets of an established session from there and admits, in one
 * of its windows, fewer than GUARD_BURST packets at all or fewer than GUARD_PER_S a second; bytes
 * count as packets of GUARD_PACKET_BYTES.
 */
#ifndef RLD_GUARD_H
#define RLD_GUARD_H

#include "rld/rld.h"

#define GUARD_BURST 20
#define GUARD_PER_S 10
#define GUARD_PACKET_BYTES 1500

/* -EPERM, with the first one named in `d`, if `new` would refuse someone whom `old` does not. */
int guard_check(const struct conf *old, const struct conf *new, struct diag *d);

#endif
