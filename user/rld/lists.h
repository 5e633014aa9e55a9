/* SPDX-License-Identifier: GPL-2.0-only */
/* The allow and the deny list on their way into the kernel, and the end of entries whose time is
 * over. */
#ifndef RLD_LISTS_H
#define RLD_LISTS_H

#include "rld/rld.h"

/* The program's clock at a second since the epoch; 0 stays 0 (no end): time_wall_to_mono() for a
 * program at work. */
typedef __u64 (*lists_clock_fn)(__s64 wall_s);

/* A whole list as dp wants it. The caller frees `v`. */
int lists_compile(const struct conf_list *list, lists_clock_fn clock, struct dp_prefixes *ret);
/* The prefixes of conditions likewise. */
int lists_of_conditions(const struct conf_prefixes *prefixes, struct dp_prefixes *ret);
bool lists_equal(const struct conf_list *a, const struct conf_list *b);
/* Brings the kernel's entries for `prefix`, and those it covers, in line with `list`. The set is
 * not empty. */
int lists_sync(struct dp *dp, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d);
/* Drops entries of rld->conf that ended, with an event for each ban. */
void lists_expire(struct rld *rld);
/* Copies the entries of `from` that are state (timed, bans) and that `to` has not got. */
int lists_carry_timed(struct conf *to, const struct conf *from, struct diag *d);

#endif
