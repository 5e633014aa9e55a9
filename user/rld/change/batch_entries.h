/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of lists that a batch changes, in the kernel's set that is in force. */
#ifndef RLD_BATCH_ENTRIES_H
#define RLD_BATCH_ENTRIES_H

#include "rld/change/job.h"

bool batch_is_entry(const struct change *change);
/* Which lists are renewed as a whole. */
void batch_choose_lists(struct job *job);
/* Brings those of the others in line with job->cand. An error is in job->d; then undo them. */
int batch_sync_entries(struct job *job);
void batch_undo_entries(struct job *job);

#endif
