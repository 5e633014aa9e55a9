/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists on their way into the kernel.
 *
 *   1. Their sets have ids that no rule set names, so no packet sees them before they are published.
 *   2. Only what stands here is touched by another thread than the loop.
 */
#ifndef DP_FILL_H
#define DP_FILL_H

#include "dp/internal.h"

struct dp_fill {
	struct dp *dp;
	int prefixes_fd;	  /* of its own: the object may be loaded anew meanwhile */
	struct rl_filter *filter; /* mmapped */
	__u32 filter_at;
	bool fresh; /* the filter is not in use, and began without a bit */
	bool published;
	bool renew[DP_LISTS];
	bool used[DP_LISTS]; /* it has an entry */
	__u32 id[DP_LISTS];
};

/* The set that a rule set with these lists names; 0: it is empty. `old`: that of the active one. */
__u32 dp_fill_id(const struct dp_fill *fill, enum dp_set set, __u32 old);

#endif
