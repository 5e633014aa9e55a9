// SPDX-License-Identifier: GPL-2.0-only
/* Packets of a session, one after the other. */
#include "rld/guard/trial_play.h"

#include <errno.h>
#include <string.h>

#include "base/time.h"

#define STEPS (TRIAL_S * TRIAL_PER_S)
#define STEP_NS (TIME_NS / TRIAL_PER_S)

/* What is refused of each part. */
struct lost {
	unsigned at_once;
	unsigned later;
	unsigned last; /* of the last second */
};

static bool is_cut(const struct lost *lost)
{
	return lost->at_once || lost->later > STEPS / 10 || lost->last == TRIAL_PER_S;
}

static int send_all(const struct trial_side *side, __u64 at_ns, struct lost *lost)
{
	int r = 1;

	for (unsigned i = 0; i < TRIAL_BURST && r >= 0; i++) {
		r = dp_trial_send(side->dp, at_ns);
		lost->at_once += !r;
	}
	for (unsigned i = 0; i < STEPS && r >= 0; i++) {
		r = dp_trial_send(side->dp, at_ns + TIME_NS + i * STEP_NS);
		lost->later += !r;
		lost->last += !r && i >= STEPS - TRIAL_PER_S;
	}
	return r < 0 ? r : 0;
}

/* The one that has refused most. */
static int find_cut(const struct trial_side *side, const struct dp_trial_judges *judges,
		    struct trial_cut *ret)
{
	int err = 0;

	*ret = (struct trial_cut){0};
	for (__u32 i = 0; i < judges->count && !err; i++) {
		struct dp_trial_count count = {0};

		err = dp_trial_count(side->dp, judges->index[i], &count);
		if (count.refused > ret->count.refused)
			*ret = (struct trial_cut){judges->index[i], count};
	}
	return err ? err : ret->count.refused ? 0 : -EIO;
}

/* 1: it is cut off, by one limit more. */
static int run_once(const struct trial_side *side, const struct dp_trial_packet *packet,
		    __u64 at_ns, const struct dp_trial_judges *judges,
		    struct trial_outcome *outcome)
{
	struct lost lost = {0};
	int err;

	if (time_mono_ns() > side->deadline_ns)
		return -ETIME;
	err = dp_trial_begin(side->dp, side->nth, packet);
	if (!err)
		err = send_all(side, at_ns, &lost);
	if (err || !is_cut(&lost))
		return err;
	err = find_cut(side, judges, &outcome->cut[outcome->cuts]);
	if (err)
		return err;
	dp_trial_pass(side->dp, side->nth, outcome->cut[outcome->cuts++].index, true);
	return 1;
}

/* Each limit that cuts is let pass then, for those behind it. */
static int run_all(const struct trial_side *side, const struct dp_trial_packet *packet, __u64 at_ns,
		   const struct dp_trial_judges *judges, struct trial_outcome *outcome)
{
	int r = 1;

	while (r > 0 && outcome->cuts < judges->count)
		r = run_once(side, packet, at_ns, judges, outcome);
	for (size_t i = 0; i < outcome->cuts; i++)
		dp_trial_pass(side->dp, side->nth, outcome->cut[i].index, false);
	return r < 0 ? r : 0;
}

static const struct trial_known *find_known(const struct trial_side *side,
					    const struct dp_trial_judges *judges, size_t len)
{
	for (size_t i = 0; i < side->known_count; i++)
		if (side->known[i].len == len &&
		    !memcmp(&side->known[i].judges, judges, sizeof(*judges)))
			return &side->known[i];
	return NULL;
}

static int judge(struct trial_side *side, const struct dp_trial_packet *packet, __u64 at_ns,
		 const struct dp_trial_judges *judges, struct trial_outcome *ret)
{
	const struct trial_known *known = find_known(side, judges, packet->len);
	struct trial_outcome outcome = {0};
	int err;

	if (known) {
		*ret = known->outcome;
		return 0;
	}
	err = run_all(side, packet, at_ns, judges, &outcome);
	if (err)
		return err;
	if (side->known_count < TRIAL_KNOWN_MAX)
		side->known[side->known_count++] =
			(struct trial_known){*judges, packet->len, outcome};
	*ret = outcome;
	return 0;
}

/* 1: its first packet passes, or is refused by a limit. */
static int probe(const struct trial_side *side, const struct dp_trial_packet *packet, __u64 at_ns,
		 struct dp_trial_judges *ret)
{
	int r = dp_trial_begin(side->dp, side->nth, packet), err;

	if (r)
		return r;
	r = dp_trial_send(side->dp, at_ns);
	if (r < 0)
		return r;
	err = dp_trial_judges(side->dp, ret);
	return err ? err : r || ret->count;
}

int trial_play(struct trial_side *side, const struct dp_trial_packet *packet, __u64 at_ns,
	       struct trial_outcome *ret)
{
	struct dp_trial_packet own = *packet;
	struct dp_trial_judges judges;
	bool denied;
	int r;

	if (time_mono_ns() > side->deadline_ns)
		return -ETIME;
	own.denied = true;
	r = probe(side, &own, at_ns, &judges);
	denied = !r;
	own.denied = false;
	if (denied)
		r = probe(side, &own, at_ns, &judges);
	if (r >= 0)
		r = judge(side, &own, at_ns, &judges, ret);
	ret->denied = denied;
	return r;
}
