/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of the program in the kernel: fetched by a timed poll, made into JSON, and what was lost
 * of them. */
#ifndef RLD_FEED_H
#define RLD_FEED_H

#include "rld/rld.h"

int feed_start(struct rld *rld); /* polls until the loop ends */
void feed_now(struct rld *rld);	 /* before somebody looks at events */

#endif
