/* SPDX-License-Identifier: GPL-2.0-only */
/* How full the state table is: looked at every second while packets come, told when it gets full
 * and when that is over.
 *
 *   1. A level is told once, on the way up: at nine tenths, and when there is no room.
 *   2. It is over below eight tenths, and only then may it be told again.
 */
#ifndef RLD_PRESSURE_H
#define RLD_PRESSURE_H

#include "rld/rld.h"

enum pressure_level { PRESSURE_NORMAL, PRESSURE_HIGH, PRESSURE_FULL };

struct pressure {
	__u64 tracked; /* sources in the table, as of the last look */
	__u64 created; /* so far */
	bool tight;    /* three quarters full: what is spent goes, too */
	bool filling;  /* ... and newcomers since the look before */
	bool urgent;   /* nine tenths full */
	enum pressure_level told;
};

void pressure_look(struct pressure *pressure, struct rld *rld);
enum pressure_level pressure_level(__u64 tracked, __u64 room);
const char *pressure_text(enum pressure_level level); /* "normal", "high", "full" */

#endif
