/* SPDX-License-Identifier: GPL-2.0-only */
/* The instance for trials: what its two files share. */
#ifndef DP_TRIAL_INTERNAL_H
#define DP_TRIAL_INTERNAL_H

#include "dp/dry.h"
#include "dp/trial.h"

struct dp_trial {
	const struct rl *live;
	struct dp_loader loader;
	struct dp
		own; /* its maps and its identity, for what asks for a dp; skel NULL: not loaded */
	struct rl_rules *rules[DP_TRIAL_SETS]; /* mmapped, like the next two */
	struct rl_front_bucket *front;
	struct rl_peers *peers;
	__u32 set[DP_TRIAL_SETS][DP_SET_COUNT]; /* ids of prefix sets */
	struct dp_trial_packet packet;
	struct rl_call *calls; /* room for that of each CPU ... */
	void *zeros;	       /* ... and such in the beginning */
};

#endif
