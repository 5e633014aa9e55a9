/* SPDX-License-Identifier: GPL-2.0-only */
/* The dry instance of the object, and one packet in it.
 *
 *   1. The instance is never attached and never pinned. It shares the maps that no packet writes:
 *      rules, prefixes and filters; all others are its own, and small. So nothing that it does is
 *      seen outside.
 *   2. Between two packets it holds no source, no log and no ban.
 */
#ifndef DP_DRY_H
#define DP_DRY_H

#include "bpf/call/call.h"
#include "dp/internal.h"

#define DRY_BUCKETS 256 /* of the front table: far more than one packet has entries in */

struct dp_dry {
	struct rl *skel;
	struct rl_control *control; /* mmapped, like the next */
	struct rl_front_bucket *front;
	void *cpus;  /* room for an element of any per-CPU map */
	void *zeros; /* such an element in the beginning */
};

/* A limit that matches the packet, and what its maps hold before that. */
struct dry_judge {
	const struct rl_limit *limit;
	__u64 fingerprint;
	struct rl_state own;
	struct rl_overflow overflow; /* of a limit that has one */
};

struct dry_packet {
	struct dp *dp;
	struct rl *live; /* dp's, and its dry one */
	struct dp_dry *dry;
	const void *frame;
	size_t len;
	__u32 slot;	     /* of the interface that it comes in on */
	struct rl_call call; /* what the program has noted last */
	struct dry_judge judge[RL_JUDGE_MAX];
	struct dp_explained *ret;
};

/* dry.c */
int dry_open(struct dp *dp, struct diag *d);
/* The time, the rule set in use, and the interface. */
void dry_set(struct dry_packet *p);
int dry_run(struct dry_packet *p);
void dry_empty(struct rl *dry);
/* Before it is loaded: the program's own sizes are for all sources. */
void dry_make_small(struct rl *skel);
/* ... and after it: each source may have a state, so that it is looked up. */
int dry_fill_presence(const struct rl *skel);

/* dry_copy.c: what the judges will look up, and no more room than there is for what is new. */
int dry_copy(struct dry_packet *p);

#endif
