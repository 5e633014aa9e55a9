/* SPDX-License-Identifier: GPL-2.0-only */
/* The allow and the deny list on their way into the kernel, and the end of entries whose time is
 * over.
 *
 *   1. A few entries are changed in the set that packets look at. Many go into a new set, by a
 *      thread, which takes the place of the old one with the next rule set (struct lists_fill).
 *   2. While rld->lists_stale the kernel's lists are not yet those of rld->conf; every change, and
 *      one of its own, fills them.
 */
#ifndef RLD_LISTS_H
#define RLD_LISTS_H

#include "enforce/publish.h"
#include "rld/rld.h"

#define LISTS_FEW 1000 /* entries that the loop itself puts into the kernel */

struct publish_clock lists_clock(const struct clock *clock); /* of the program at work */

/* Lists as a whole. */
struct lists_fill {
	bool renew[DP_LISTS]; /* which of them */
	struct clock clock;
	struct dp_fill *fill; /* for apply_conf(); NULL: no list is renewed */
};
/* Of two configurations. `old` may be NULL: nothing of it is in the kernel. */
void lists_compare(const struct conf *old, const struct conf *new, struct lists_fill *ret);
/* So much is better done by a thread. */
bool lists_fill_is_long(const struct lists_fill *lists, const struct conf *conf);
int lists_fill_begin(const struct rld *rld, struct lists_fill *lists, struct diag *d);
/* From any thread. */
int lists_fill_run(struct lists_fill *lists, const struct conf *conf, struct diag *d);
void lists_fill_end(struct lists_fill *lists);

/* Whether so many entries inside `prefix` have an end that sync would be long. */
bool lists_sync_is_long(const struct conf_list *list, const struct addr_prefix *prefix);
/* Brings the kernel's entries for `prefix`, and those it covers, in line with `list`. The set is
 * not empty. */
int lists_sync(const struct rld *rld, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d);
/* Looks whether the wall clock was set, and has all ends of rld->conf follow as clock.h says. */
void lists_follow_clock(struct rld *rld);
/* From now on follows the clock each second, drops entries of rld->conf that ended, with an event
 * for each ban, and calls `stale` while lists are. */
int lists_start(struct rld *rld, void (*stale)(struct rld *rld));
/* Does what had to wait for a change that was on its way; when there is none. */
void lists_catch_up(struct rld *rld);
/* Copies the entries of `from` that are state (timed, bans) and that `to` has not got. */
int lists_carry_timed(const struct clock *clock, struct conf *to, const struct conf *from,
		      struct diag *d);

#endif
