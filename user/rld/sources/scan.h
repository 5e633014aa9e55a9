/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks through the state table or the bans, on request, a piece a turn of the loop, so that
 * nothing else waits for them. */
#ifndef RLD_SCAN_H
#define RLD_SCAN_H

#include "rld/rld.h"

/* One piece. False: enough, stop. */
typedef bool (*scan_piece_fn)(void *ctx, const struct rl_key *keys, const struct rl_state *states,
			      size_t count);
typedef void (*scan_done_fn)(void *ctx, int err);

int scans_new(struct rld *rld, struct scans **ret);
void scans_free(struct scans *scans); /* what runs is done with -ECANCELED */
/* -EBUSY: too many run already. `done` is called exactly once if this returns 0. */
int scan_start(struct scans *scans, scan_piece_fn piece, scan_done_fn done, void *ctx);
/* The same, but through the bans from everything: those end that `lift` says. */
int scan_lift_bans(struct scans *scans, dp_lift_fn lift, scan_done_fn done, void *ctx);

#endif
