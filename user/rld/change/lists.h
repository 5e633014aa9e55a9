/* SPDX-License-Identifier: GPL-2.0-only */
/* The allow and the deny list on their way into the kernel, and the end of entries whose time is
 * over. */
#ifndef RLD_LISTS_H
#define RLD_LISTS_H

#include "enforce/publish.h"
#include "rld/rld.h"

struct publish_clock lists_clock(const struct rld *rld); /* of the program at work */
/* Brings the kernel's entries for `prefix`, and those it covers, in line with `list`. The set is
 * not empty. */
int lists_sync(const struct rld *rld, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d);
/* Looks whether the wall clock was set, and has all ends of rld->conf follow as clock.h says. */
void lists_follow_clock(struct rld *rld);
/* From now on follows the clock each second, and drops entries of rld->conf that ended, with an
 * event for each ban. */
int lists_start(struct rld *rld);
/* Copies the entries of `from` that are state (timed, bans) and that `to` has not got. */
int lists_carry_timed(const struct rld *rld, struct conf *to, const struct conf *from,
		      struct diag *d);

#endif
