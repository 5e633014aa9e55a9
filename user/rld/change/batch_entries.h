/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of lists that a batch changes, in the kernel's set that is in force. */
#ifndef RLD_BATCH_ENTRIES_H
#define RLD_BATCH_ENTRIES_H

#include "rld/change/change.h"
#include "rld/rld.h"

bool batch_is_entry(const struct change *change);
/* Brings them in line with `cand`. An error is in first->d; then undo them. */
int batch_sync_entries(struct rld *rld, const struct conf *cand, struct change *first,
		       size_t count);
void batch_undo_entries(struct rld *rld, const struct change *first, size_t count);

#endif
