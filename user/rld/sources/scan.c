// SPDX-License-Identifier: GPL-2.0-only
/* Walks through the state table and the bans from everything, in turns. */
#include "rld/sources/scan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define SCANS_MAX 16
#define MOVING_PAUSE_NS (5 * 1000000ULL)

struct scan {
	struct dp_scan *walk; /* through the states, or NULL: through the bans ... */
	struct dp_bans_at at; /* ... of which it comes next to this one */
	scan_piece_fn piece;
	dp_lift_fn lift;
	scan_done_fn done; /* NULL: a free place */
	void *ctx;
};

struct scans {
	struct rld *rld;
	struct loop_timer *timer;
	struct scan v[SCANS_MAX];
};

static void finish(struct scans *scans, struct scan *scan, int err)
{
	scan_done_fn done = TAKE_PTR(scan->done);

	if (scan->walk)
		dp_scan_close(TAKE_PTR(scan->walk));
	done(scan->ctx, err);
}

/* 1: there may be more. */
static int take_states(struct scan *scan)
{
	const struct rl_key *keys;
	const struct rl_state *states;
	int count = dp_scan_next(scan->walk, &keys, &states);

	if (count <= 0)
		return count;
	return scan->piece(scan->ctx, keys, states, (size_t)count);
}

static void advance(struct scans *scans, struct scan *scan)
{
	int r = scan->walk ? take_states(scan)
			   : dp_bans_lift_piece(scans->rld->dp, &scan->at, scan->lift, scan->ctx);

	if (r <= 0)
		finish(scans, scan, r);
}

static void turn(void *ctx)
{
	struct scans *scans = ctx;
	bool more = false;

	if (dp_moving(scans->rld->dp)) /* none would see all */
		return loop_timer_set(scans->timer, MOVING_PAUSE_NS);
	for (size_t i = 0; i < SCANS_MAX; i++) {
		if (scans->v[i].done)
			advance(scans, &scans->v[i]);
		more |= scans->v[i].done != NULL;
	}
	if (more)
		loop_timer_set(scans->timer, 0);
}

static int begin(struct scans *scans, const struct scan *scan)
{
	for (size_t i = 0; i < SCANS_MAX; i++) {
		if (scans->v[i].done)
			continue;
		scans->v[i] = *scan;
		loop_timer_set(scans->timer, 0);
		return 0;
	}
	return -EBUSY;
}

int scan_start(struct scans *scans, scan_piece_fn piece, scan_done_fn done, void *ctx)
{
	struct scan scan = {.piece = piece, .done = done, .ctx = ctx};
	int err = dp_scan_open(scans->rld->dp, &scan.walk);

	if (err)
		return err;
	err = begin(scans, &scan);
	if (err)
		dp_scan_close(scan.walk);
	return err;
}

int scan_lift_bans(struct scans *scans, dp_lift_fn lift, scan_done_fn done, void *ctx)
{
	return begin(scans, &(struct scan){.lift = lift, .done = done, .ctx = ctx});
}

int scans_new(struct rld *rld, struct scans **ret)
{
	struct scans *scans = calloc(1, sizeof(*scans));

	if (!scans)
		return -ENOMEM;
	scans->rld = rld;
	scans->timer = loop_timer_add(rld->loop, turn, scans);
	*ret = scans;
	return 0;
}

void scans_free(struct scans *scans)
{
	if (!scans)
		return;
	for (size_t i = 0; i < SCANS_MAX; i++)
		if (scans->v[i].done)
			finish(scans, &scans->v[i], -ECANCELED);
	loop_timer_stop(scans->timer);
	free(scans);
}
