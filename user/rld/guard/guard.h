/* SPDX-License-Identifier: GPL-2.0-only */
/* The lock-out guard: what a change would newly refuse of those it must not refuse unasked, and
 * whether it would switch the protection off.
 *
 * Not to be refused are the established TCP peers of protected ports, by protect.h, the default
 * gateways, the resolvers in use and the machine's own addresses. The lists refuse an address
 * outright, a limit a session as guard_limit.h says: it admits, in one of its windows, fewer than
 * GUARD_BURST packets at all or fewer than GUARD_PER_S a second; bytes count as packets of
 * GUARD_PACKET_BYTES. What refused a peer before the change excuses itself, and nothing else.
 *
 * A deny list that covers a whole family, an allow list that covers half of one, and another mode
 * of an attached interface, which takes a moment without enforcement, are objections whoever is
 * connected.
 */
#ifndef RLD_GUARD_H
#define RLD_GUARD_H

#include "base/json.h"
#include "rld/guard/peers.h"
#include "rld/rld.h"

struct guard_change {
	const struct conf *old; /* NULL: nothing was refused */
	const struct conf *new;
	const struct peers *clients; /* sessions that ask for it, as they say; NULL: nobody does */
};

/* -EPERM, with the first objection in `d` and the number of all others, if there are any. */
int guard_check(const struct rld *rld, const struct guard_change *change, struct diag *d);
/* All of them, up to 64, as [{code, text}]. */
json_t *guard_objections(const struct rld *rld, const struct guard_change *change);

#endif
