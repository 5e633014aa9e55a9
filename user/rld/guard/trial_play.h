/* SPDX-License-Identifier: GPL-2.0-only */
/* One session's packets through a trial, and which limits cut it off. */
#ifndef RLD_TRIAL_PLAY_H
#define RLD_TRIAL_PLAY_H

#include "dp/trial.h"

#define TRIAL_BURST 20
#define TRIAL_PER_S 10
#define TRIAL_S 60
#define TRIAL_KNOWN_MAX 64

struct trial_outcome {
	bool denied; /* by the lists */
	size_t cuts;
	struct trial_cut {
		__u32 index; /* of the limit in the rule set */
		struct dp_trial_count count;
	} cut[RL_JUDGE_MAX];
};

/* One rule set of the trial, and what is known of it already. */
struct trial_side {
	struct dp_trial *dp;
	unsigned nth;
	__u64 deadline_ns; /* of this machine's clock */
	size_t known_count;
	struct trial_known {
		struct dp_trial_judges judges;
		size_t len;
		struct trial_outcome outcome;
	} known[TRIAL_KNOWN_MAX];
};

/* -ETIME: it is too late; -EMSGSIZE: such a packet cannot be run. */
int trial_play(struct trial_side *side, const struct dp_trial_packet *packet, __u64 at_ns,
	       struct trial_outcome *ret);

#endif
