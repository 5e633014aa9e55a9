/* SPDX-License-Identifier: GPL-2.0-only */
/* Jobs that only ask what would be: `check`, and the look at what rld started with. */
#ifndef RLD_CHECK_H
#define RLD_CHECK_H

#include "rld/change/job.h"
#include "rld/request/request.h"

/* That of a request, for the queue; NULL, with `d` filled, if it is none. */
struct change *check_of(const struct request *request, struct diag *d);

/* job->outlook: what the statements of the change would bring, as of outlook.h. */
extern const struct job_step check_steps[];
/* What the guard would have said to what is at work, into the log, as warnings. */
extern const struct job_step look_steps[];
/* Calls `look`, once, as soon as the program to ask is loaded. */
int check_start(struct rld *rld, void (*look)(struct rld *rld));

#endif
