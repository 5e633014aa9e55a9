// SPDX-License-Identifier: GPL-2.0-only
/* Walks through the state table, in turns. */
#include "rld/scan.h"

#include <errno.h>
#include <stdlib.h>

#define SCANS_MAX 16

struct scan {
	struct dp_scan *walk; /* NULL: a free place */
	scan_piece_fn piece;
	scan_done_fn done;
	void *ctx;
};

struct scans {
	struct rld *rld;
	struct loop_timer *timer;
	struct scan v[SCANS_MAX];
};

static void finish(struct scans *scans, struct scan *scan, int err)
{
	dp_scan_close(scan->walk);
	dp_front_release(scans->rld->dp);
	scan->walk = NULL;
	scan->done(scan->ctx, err);
}

static void advance(struct scans *scans, struct scan *scan)
{
	const struct rl_key *keys;
	const struct rl_state *states;
	int count = dp_scan_next(scan->walk, &keys, &states);

	if (count <= 0)
		finish(scans, scan, count);
	else if (!scan->piece(scan->ctx, keys, states, (size_t)count))
		finish(scans, scan, 0);
}

static void turn(void *ctx)
{
	struct scans *scans = ctx;
	bool more = false;

	for (size_t i = 0; i < SCANS_MAX; i++) {
		if (scans->v[i].walk)
			advance(scans, &scans->v[i]);
		more |= scans->v[i].walk != NULL;
	}
	if (more)
		loop_timer_set(scans->timer, 0);
}

int scan_start(struct scans *scans, scan_piece_fn piece, scan_done_fn done, void *ctx)
{
	for (size_t i = 0; i < SCANS_MAX; i++) {
		struct scan *scan = &scans->v[i];
		struct dp_scan *walk;
		int err;

		if (scan->walk)
			continue;
		err = dp_scan_open(scans->rld->dp, &walk);
		if (err)
			return err;
		dp_front_hold(scans->rld->dp);
		*scan = (struct scan){walk, piece, done, ctx};
		loop_timer_set(scans->timer, 0);
		return 0;
	}
	return -EBUSY;
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
		if (scans->v[i].walk)
			finish(scans, &scans->v[i], -ECANCELED);
	loop_timer_stop(scans->timer);
	free(scans);
}
