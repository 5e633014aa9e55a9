/* SPDX-License-Identifier: GPL-2.0-only */
/* Sums of the counters that the program keeps, for whoever reports or paces itself by them. */
#ifndef RLD_TOTALS_H
#define RLD_TOTALS_H

#include "rld/rld.h"

/* Counters of all interfaces, gone ones that left packets uncounted apart. */
void totals_of_ifaces(struct rld *rld, struct rl_iface_counters *ret);
/* Of those counters by verdict, whatever the reason; and the packets of one reason. */
void totals_by_verdict(const struct rl_iface_counters *of,
		       struct rl_counter ret[static RL_VERDICT_COUNT]);
__u64 totals_of_reason(const struct rl_iface_counters *of, unsigned reason);
/* RL_SLOTS_MAX counters of limits by slot. The caller frees them; NULL: they cannot be read. */
struct rl_limit_counters *totals_of_limits(struct rld *rld);
/* Sources of one limit: exact, as the program counts them on the way in and out. */
__u64 totals_sources_of(const struct rl_limit_counters *counters);
/* Sources in the table, all limits together, and how many ever were (may be NULL). */
__u64 totals_tracked(struct rld *rld, __u64 *ret_created);

#endif
