/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of lists on their way into the configuration. Reading one may be long, so commands that
 * name one have it read by a thread before they are applied (job->fetched). */
#ifndef RLD_LIST_FILES_H
#define RLD_LIST_FILES_H

#include "rld/change/job.h"

/* Steps: the first reads what the commands of a batch name, and refuses it all if one is no good;
 * the last keeps it in the state directory. */
int list_files_fetch(struct job *job);
bool list_files_are_named(const struct job *job);
int list_files_keep(struct job *job);
bool list_files_were_fetched(const struct job *job);
/* After the commands were applied to job->cand. */
int list_files_take(struct job *job);

bool list_files_in(const struct conf *conf); /* it has lists with one */
/* Tells of those of rld->conf that were refused. */
void list_files_tell(const struct rld *rld);

#endif
