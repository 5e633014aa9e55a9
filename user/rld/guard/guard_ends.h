/* SPDX-License-Identifier: GPL-2.0-only */
/* What the lists have of one address, and when that changes by itself. */
#ifndef RLD_GUARD_ENDS_H
#define RLD_GUARD_ENDS_H

#include "conf/model/conf.h"

#define GUARD_COVERING_MAX 129

/* The unexpired entries that cover the address, the shortest prefix first; returns how many. */
size_t guard_covering(const struct conf_list *list, const union rl_addr *addr, __s64 now_s,
		      const struct conf_entry *ret[static GUARD_COVERING_MAX]);
/* Both lists say the same of it, now and until each of these entries ends. */
bool guard_same_cover(const struct conf *a, const struct conf *b, const union rl_addr *addr,
		      __s64 now_s);

/* The moments to look at: now, and where entries that cover the address end, each once. No more than
 * the first of them are looked at; an address is covered by a handful of entries with an end. */
#define GUARD_MOMENTS_MAX 32
size_t guard_moments(const struct conf *conf, const union rl_addr *addr, __s64 now_s,
		     __s64 ret[static GUARD_MOMENTS_MAX]);

#endif
