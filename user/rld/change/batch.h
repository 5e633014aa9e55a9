/* SPDX-License-Identifier: GPL-2.0-only */
/* Statements that are applied together, and the answer to each. */
#ifndef RLD_BATCH_H
#define RLD_BATCH_H

#include "rld/change/job.h"

/* Applies job->count statements from job->first on. A statement that is wrong in itself is marked
 * (err, d) and the rest goes on; an error of the whole (the guard, the compiler, the kernel) is the
 * job's, with nothing applied. */
extern const struct job_step batch_steps[];
/* Answers, tells the event, and frees the change. */
void batch_answer(struct rld *rld, struct change *change);

#endif
