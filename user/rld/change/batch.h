/* SPDX-License-Identifier: GPL-2.0-only */
/* Statements that are applied together, and the answer to each. */
#ifndef RLD_BATCH_H
#define RLD_BATCH_H

#include "rld/change/change.h"
#include "rld/rld.h"

/* Applies `count` statements from `first` on. A statement that is wrong in itself is marked (err,
 * d) and the rest goes on; an error of the whole (the guard, the compiler, the kernel) is returned,
 * with nothing applied, and marked in the first one. -EAGAIN: no generation is free. */
int batch_run(struct rld *rld, struct change *first, size_t count);
/* Answers, tells the event, and frees the change. */
void batch_answer(struct rld *rld, struct change *change);

#endif
