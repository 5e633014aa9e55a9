/* SPDX-License-Identifier: GPL-2.0-only */
/* How many refused commands become events: a budget for each user, since who may only look can send
 * a million a minute that are refused, and none may fill a disk by that. */
#ifndef RLD_REFUSALS_H
#define RLD_REFUSALS_H

#include <linux/types.h>
#include <stdbool.h>

#define REFUSALS_BURST 20		      /* at once */
#define REFUSALS_EACH_NS (10 * 1000000000ULL) /* and one more in so long */
#define REFUSALS_USERS 32		      /* all others share one budget */

struct refusals {
	struct refusals_user {
		__u64 full_ns; /* when the budget is whole again */
		__u64 untold;  /* refused beyond it since the last that was told */
		__u32 uid;
		bool used;
	} user[REFUSALS_USERS + 1]; /* the last one is that of all others */
};

/* Whether one more is told, and then how many before it were not. */
bool refusals_take(struct refusals *refusals, __u32 uid, __u64 now_ns, __u64 *ret_untold);

#endif
