/* SPDX-License-Identifier: GPL-2.0-only */
/* The N sources of the highest rank out of any number that are offered, in memory for N. */
#ifndef RLD_TOPN_H
#define RLD_TOPN_H

#include <stddef.h>

#include "rl/abi.h"

struct topn_source {
	__u64 rank;
	struct rl_key key;
	struct rl_state state;
};

struct topn {
	struct topn_source *v; /* a heap with the lowest rank on top; owned */
	size_t count;
	size_t size;
	size_t max;
};

void topn_offer(struct topn *topn, __u64 rank, const struct rl_key *key,
		const struct rl_state *state);
void topn_sort(struct topn *topn); /* highest first; nothing can be offered afterwards */
void topn_done(struct topn *topn);

#endif
