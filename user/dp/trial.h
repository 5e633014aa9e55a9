/* SPDX-License-Identifier: GPL-2.0-only */
/* The program asked what it would do under rules that are not at work: a further instance of the
 * object, with rules, prefixes and sources of its own, and packets that are not there.
 *
 *   1. It is never attached and never pinned, and shares no map with what is at work but one that it
 *      does not look at: no id, no slot, no counter, no event of it is seen outside.
 *   2. It holds two rule sets at once, by number, so that two configurations can be asked in turn.
 *   3. Its clock is the caller's. Limit i of a rule set has the id i + 1 and the slot i.
 *   4. Any thread may call this, one at a time; dp is read by dp_trial_open() alone, and has to
 *      outlive it.
 */
#ifndef DP_TRIAL_H
#define DP_TRIAL_H

#include "dp/dp.h"

#define DP_TRIAL_SETS 2

struct dp_trial;

/* Begins to load the instance in a thread, some 0.2 s. `dp` NULL: there is none yet, and the instance
 * takes 2.5 MB more. */
int dp_trial_open(struct dp *dp, struct dp_trial **ret, struct diag *d);
bool dp_trial_ready(struct dp_trial *trial); /* nobody would have to wait; NULL: true */
void dp_trial_close(struct dp_trial *trial); /* NULL: nothing; waits until it is loaded */
/* For who ends anyway: what is still being loaded goes with the process. */
void dp_trial_leave(struct dp_trial *trial);

/* Puts a rule set in, with all of its prefix sets given. Waits until the instance is loaded. */
int dp_trial_rules(struct dp_trial *trial, unsigned nth, const struct dp_ruleset *set,
		   struct diag *d);

/* To be called when there is nothing more to ask: 3 MB are not mapped any more. The rule sets are
 * to be put in anew. */
void dp_trial_rest(struct dp_trial *trial);

struct dp_trial_packet {
	const void *frame; /* kept by the caller */
	size_t len;
	union rl_addr source;
	bool spared; /* no limit bans it, as who is connected to a protected port */
	__u32 slot;  /* of the interface that it comes in on; 0: none */
	enum rl_link link;
	bool denied; /* the deny list is asked */
};
/* From now on that packet comes, under that rule set, and nobody has sent any yet. */
int dp_trial_begin(struct dp_trial *trial, unsigned nth, const struct dp_trial_packet *packet);
/* 1: it passes; 0: it is refused; -EMSGSIZE: the kernel runs no frame of that length by hand. */
int dp_trial_send(struct dp_trial *trial, __u64 now_ns);

/* The limits that the packet came to, after dp_trial_begin() and dp_trial_send(), once each. */
struct dp_trial_judges {
	__u32 count;
	__u16 index[RL_JUDGE_MAX]; /* in the rule set */
};
int dp_trial_judges(struct dp_trial *trial, struct dp_trial_judges *ret);
/* What has become of the packets that came to that limit since dp_trial_begin(). */
struct dp_trial_count {
	__u64 passed;
	__u64 refused;
};
int dp_trial_count(struct dp_trial *trial, __u32 index, struct dp_trial_count *ret);
/* What the limit refuses passes, until it is made to refuse again: so others behind it are asked. */
void dp_trial_pass(struct dp_trial *trial, unsigned nth, __u32 index, bool pass);

#endif
