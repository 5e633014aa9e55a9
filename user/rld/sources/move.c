// SPDX-License-Identifier: GPL-2.0-only
/* Moves the sources of a former table, a piece a turn of the loop, and says what came of it. */
#include "rld/sources/move.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "rld/loop/log.h"

/* Between two looks whether a thread is done. */
#define LOAD_PAUSE_NS (5 * 1000000ULL)

struct move {
	struct rld *rld;
	struct loop_timer *timer;
	__u64 start_ns;
};

static void tell(const struct move *move, const struct dp_moved *moved)
{
	unsigned long long ms = (time_mono_ns() - move->start_ns) / 1000000;
	char lost[96] = "";

	if (moved->lost)
		snprintf(lost, sizeof(lost), "; %zu found no room, their windows and bans are lost",
			 moved->lost);
	log_line("%zu sources are in the new table, with their windows and bans, after %llu ms%s",
		 moved->kept, ms, lost);
}

static void turn(void *ctx)
{
	struct move *move = ctx;
	struct dp_moved moved = {0};
	struct diag d;
	int r = dp_move_some(move->rld->dp, &moved, &d);

	if (r > 0)
		return loop_timer_set(move->timer, r == 1 ? 0 : LOAD_PAUSE_NS);
	if (r < 0)
		log_diag(&d);
	if (!dp_moving(move->rld->dp))
		tell(move, &moved);
}

int move_new(struct rld *rld, struct move **ret)
{
	struct move *move = calloc(1, sizeof(*move));

	if (!move)
		return -ENOMEM;
	move->rld = rld;
	move->start_ns = time_mono_ns();
	move->timer = loop_timer_add(rld->loop, turn, move);
	if (!move->timer) {
		free(move);
		return -ENOMEM;
	}
	if (dp_moving(rld->dp))
		loop_timer_set(move->timer, 0);
	*ret = move;
	return 0;
}

void move_free(struct move *move)
{
	if (!move)
		return;
	loop_timer_stop(move->timer);
	free(move);
}
