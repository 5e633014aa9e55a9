/* SPDX-License-Identifier: GPL-2.0-only */
/* The allow and the deny list on their way into the kernel, and the end of entries whose time is
 * over. */
#ifndef RLD_LISTS_H
#define RLD_LISTS_H

#include "rld/rld.h"

/* The program's clock at a second since the epoch; 0 stays 0 (no end). */
typedef __u64 (*lists_clock_fn)(const void *ctx, __s64 wall_s);
__u64 lists_clock(const void *rld, __s64 wall_s); /* of the program at work */

/* A whole list as dp wants it. The caller frees `v`. */
int lists_compile(const struct conf_list *list, lists_clock_fn clock, const void *ctx,
		  struct dp_prefixes *ret);
/* The prefixes of conditions likewise. */
int lists_of_conditions(const struct conf_prefixes *prefixes, struct dp_prefixes *ret);
bool lists_equal(const struct conf_list *a, const struct conf_list *b);
/* Brings the kernel's entries for `prefix`, and those it covers, in line with `list`. The set is
 * not empty. */
int lists_sync(const struct rld *rld, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d);
/* Looks whether the wall clock was set, and has all ends of rld->conf follow as clock.h says. */
void lists_follow_clock(struct rld *rld);
/* Drops entries of rld->conf that ended, with an event for each ban. */
void lists_expire(struct rld *rld);
/* Copies the entries of `from` that are state (timed, bans) and that `to` has not got. */
int lists_carry_timed(const struct rld *rld, struct conf *to, const struct conf *from,
		      struct diag *d);

#endif
