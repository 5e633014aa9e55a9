/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of the program in the kernel: fetched by a timed poll, made into JSON, and what was lost
 * of them. */
#ifndef RLD_RING_H
#define RLD_RING_H

#include "rld/rld.h"

int ring_start(struct rld *rld); /* polls until the loop ends */
void ring_now(struct rld *rld);	 /* before somebody looks at events */

#endif
