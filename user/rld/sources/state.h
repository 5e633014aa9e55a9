/* SPDX-License-Identifier: GPL-2.0-only */
/* What the words of a source's state mean to people: used, left and when it frees, by strategy. */
#ifndef RLD_STATE_H
#define RLD_STATE_H

#include "dp/dp.h"

struct state_window {
	__u64 count; /* in the window now */
	__u64 remaining;
	__u64 reset_in_ns; /* until it is empty; 0: it is */
};

/* A moving window's log is read through `dp`, under `key`. */
void state_window(struct dp *dp, const struct rl_limit *limit, unsigned window,
		  const struct rl_key *key, const struct rl_state *state, __u64 now_ns,
		  struct state_window *ret);
/* Nothing needs it any more: silent for the idle time and for as long as its longest window lasts,
 * no window and no ban open. */
bool state_is_idle(const struct rl_limit *limit, const struct rl_state *state, __u64 idle_ns,
		   __u64 now_ns);
/* What it holds decides nothing any more, and tells people next to nothing: it was never refused,
 * and has sent one packet, or none for ten seconds. Such go while room is wanted. */
bool state_is_spent(const struct rl_limit *limit, const struct rl_state *state, __u64 now_ns);
__u64 state_blocked_for(const struct rl_state *state, __u64 now_ns);

#endif
