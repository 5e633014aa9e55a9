/* SPDX-License-Identifier: GPL-2.0-only */
/* One look of the guard at a change, and what it finds. */
#ifndef RLD_GUARD_LOOK_H
#define RLD_GUARD_LOOK_H

#include "base/json.h"
#include "rld/guard/peers.h"
#include "rld/rld.h"

struct look {
	/* Of rld, as it was when the look began. */
	struct dp_trial *trial;
	struct guard_seen *seen;
	struct dp_iface iface[RL_IFACES_MAX]; /* attached */
	size_t ifaces;
	struct ports ports; /* that are protected */
	__s64 now_s;
	struct peers clients; /* owned */

	const struct conf *old;
	const struct conf *before; /* what refuses already; NULL: nothing */
	const struct conf *new;

	json_t *list;	   /* owned */
	struct diag first; /* if count */
	size_t count;
};

__attribute__((format(printf, 3, 4))) void look_object(struct look *look, const char *code,
						       const char *format, ...);
/* guard_peers.c: limits, the mode, or where they act. */
bool look_limits_changed(const struct look *look);
/* What the change would refuse of those that are connected, and of the addresses that
 * this machine depends on. */
void look_at_peers(struct look *look);

#endif
