/* SPDX-License-Identifier: GPL-2.0-only */
/* Two CPUs that send as one source all the time. */
#ifndef TESTS_HAMMER_H
#define TESTS_HAMMER_H

#include "harness.h"

#define HAMMER_SRC "192.0.2.1"
#define HAMMER_DST "192.0.2.2"
#define HAMMER_EACH 40 /* more than any amount: each step of the clock finds all of it used up */

/* Both send UDP while the clock goes through `times`; `meanwhile`, if not NULL, runs beside them
 * until they are over. Returns how many passed. */
unsigned hammer(struct harness *h, const __u64 *times, int steps,
		void (*meanwhile)(struct harness *h, const volatile bool *over));

#endif
