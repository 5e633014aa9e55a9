/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of bans from everything: when it has come, and when their limit is gone. */
#ifndef RLD_LIFT_H
#define RLD_LIFT_H

#include "rld/rld.h"

struct lift {
	struct rld *rld;
	__u64 version;	    /* of the configuration that all bans were held against */
	__u64 walk_version; /* ... or are, during a walk through all of them */
	bool walking;
};

void lift_tick(struct lift *lift); /* once a second */

#endif
