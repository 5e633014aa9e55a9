/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts of sources, added up by key, of any number: for what the kernel's table has forgotten. */
#ifndef RLD_TALLY_H
#define RLD_TALLY_H

#include "rl/abi.h"
#include "rld/sources/topn.h"

struct tally {
	void *root; /* of a tree of <search.h>; owned */
	size_t count;
};

/* Adds the counters of `state` to those of the key, and spreads first_seen and last_seen. */
int tally_add(struct tally *tally, const struct rl_key *key, const struct rl_state *state);
/* Offers all of them, by packets that were refused or would have been. */
void tally_offer(const struct tally *tally, struct topn *top);
void tally_done(struct tally *tally);

#endif
