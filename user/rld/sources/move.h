/* SPDX-License-Identifier: GPL-2.0-only */
/* The sources of a former table, of another sources-max, into the one at work. */
#ifndef RLD_MOVE_H
#define RLD_MOVE_H

#include "rld/rld.h"

/* After the first rule set was published. Without such a table it does nothing. */
int move_new(struct rld *rld, struct move **ret);
void move_free(struct move *move);

#endif
