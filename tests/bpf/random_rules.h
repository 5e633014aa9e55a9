/* SPDX-License-Identifier: GPL-2.0-only */
/* Rule sets of all that limits and lists can be, by random(): with small amounts and short periods.
 */
#ifndef TESTS_RANDOM_RULES_H
#define TESTS_RANDOM_RULES_H

#include "harness.h"

/* Takes the place of all rules of `h`; limits that chance to be alike keep their state. */
void random_rules(struct harness *h);

#endif
