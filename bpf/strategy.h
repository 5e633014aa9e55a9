/* SPDX-License-Identifier: GPL-2.0-only */
/* The strategies: one window, one hit, one decision. Pure; in the kernel they run under the state's
 * lock, so nothing here may become a function call.
 *
 * Meaning of struct rl_window_state:
 *   fixed-window, elastic: a = hits counted, b = end of the window (0: never opened)
 */
#ifndef RL_STRATEGY_H
#define RL_STRATEGY_H

#include "packet.h"

struct rl_take {
	int admitted;
	int opened;  /* the window began anew with this hit */
	__u64 count; /* hits counted in the window, this one included if it counts */
	__u64 until; /* when the window frees */
};

/* Half-open: [b - period, b). Opens at the first hit; refused hits count but never extend it, save
 * in elastic, where every hit moves the end. Source: the `fixed-window` and
 * `fixed-window-elastic-expiry` of Python's limits. */
rl_inline void rl_take_fixed(struct rl_window_state *s, const struct rl_window *w, __u64 now,
			     __u64 cost, int elastic, struct rl_take *ret)
{
	ret->opened = now >= s->b;
	if (ret->opened)
		s->a = 0;
	if (ret->opened || elastic)
		s->b = now + w->period_ns;
	s->a += cost;
	ret->count = s->a;
	ret->until = s->b;
	ret->admitted = s->a <= w->amount;
}

rl_inline void rl_take_window(struct rl_window_state *s, const struct rl_limit *limit,
			      const struct rl_window *w, __u64 now, __u64 cost, struct rl_take *ret)
{
	rl_take_fixed(s, w, now, cost, limit->strategy == RL_STRATEGY_ELASTIC, ret);
}

#endif
