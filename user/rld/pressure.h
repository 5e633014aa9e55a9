/* SPDX-License-Identifier: GPL-2.0-only */
/* How full the state table is, and whether somebody wants the room that is left. */
#ifndef RLD_PRESSURE_H
#define RLD_PRESSURE_H

#include "rld/rld.h"

struct pressure {
	__u64 tracked; /* sources in the table, as of the last look */
	__u64 created; /* so far */
	bool filling;  /* three quarters full, and newcomers since the look before */
};

void pressure_look(struct pressure *pressure, struct rld *rld);

#endif
