/* SPDX-License-Identifier: GPL-2.0-only */
/* The pass through the state table that forgets idle sources, tells recoveries, and counts who is
 * blocked. */
#ifndef RLD_EXPIRY_H
#define RLD_EXPIRY_H

#include "rld/rld.h"
#include "rld/sources/topn.h"

int expiry_new(struct rld *rld, struct expiry **ret);
void expiry_free(struct expiry *expiry);

/* From the last complete pass; 0 before the first. By slot. */
__u64 expiry_blocked(const struct expiry *expiry, __u16 slot);
/* The `metrics-top` sources with the most refused packets. */
const struct topn *expiry_top(const struct expiry *expiry);
__u64 expiry_age_ns(const struct expiry *expiry);
__u64 expiry_packets(const struct expiry *expiry);   /* that came so far, a second ago at most */
double expiry_pressure(const struct expiry *expiry); /* share of the table that is taken */

#endif
