// SPDX-License-Identifier: GPL-2.0-only
/* Peers, kinds of packets and moments: all of them under the candidate, and what is cut off under
 * the configuration before. */
#include "rld/guard/guard_trial.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rld/guard/guard_ends.h"
#include "rld/guard/trial_play.h"
#include "rld/guard/trial_shapes.h"

enum { NEW, BEFORE };

struct run {
	const struct guard_trial *trial;
	struct trial_places places;
	struct trial_peers peers;
	struct conf_image image[DP_TRIAL_SETS];
	struct trial_side side[DP_TRIAL_SETS];
	bool has_before; /* that one is put in */
	struct trial_shapes shapes;
	struct frame frame;
	/* Of the peer that is looked at. */
	const struct peer *peer;
	bool open;
	bool told_denied;
	__u64 told[RL_LIMITS_MAX / 64]; /* limits that cut it off */
	guard_cut_fn cut;
	void *ctx;
	struct diag *d;
};

static void run_free(struct run **run)
{
	if (!*run)
		return;
	conf_image_done(&(*run)->image[NEW]);
	conf_image_done(&(*run)->image[BEFORE]);
	free(*run);
}

static int put_in(struct run *run, unsigned nth, const struct conf *conf)
{
	run->side[nth].dp = run->trial->dp;
	run->side[nth].nth = nth;
	return trial_rules(run->trial->dp, nth, conf, &run->places, &run->peers, &run->image[nth],
			   run->d);
}

/* What the configuration before does with it; nothing, if it was not at work. */
static int play_before(struct run *run, const struct dp_trial_packet *packet, __u64 at_ns,
		       struct trial_outcome *ret)
{
	int err = 0;

	*ret = (struct trial_outcome){0};
	if (!run->trial->before)
		return 0;
	if (!run->has_before)
		err = put_in(run, BEFORE, run->trial->before);
	if (err) /* it was at work, so it can be compiled */
		return err == -ECANCELED ? -EIO : err;
	run->has_before = true;
	return trial_play(&run->side[BEFORE], packet, at_ns, ret);
}

static const char *name_of(const struct run *run, unsigned nth, __u32 index)
{
	return run->image[nth].rules->limit[index].name;
}

/* A limit of that name has let no more pass before. */
static bool excused(const struct run *run, const struct trial_cut *cut,
		    const struct trial_outcome *before)
{
	const char *name = name_of(run, NEW, cut->index);

	for (size_t i = 0; i < before->cuts; i++)
		if (before->cut[i].count.passed <= cut->count.passed &&
		    !strcmp(name_of(run, BEFORE, before->cut[i].index), name))
			return true;
	return false;
}

static void tell(struct run *run, const struct trial_outcome *outcome,
		 const struct trial_outcome *before, __s64 at_s)
{
	if (outcome->denied && !before->denied && !run->told_denied) {
		run->told_denied = true;
		run->cut(run->ctx, run->peer, NULL, at_s);
	}
	for (size_t i = 0; i < outcome->cuts; i++) {
		__u32 index = outcome->cut[i].index;
		__u64 bit = 1ull << index % 64;

		if (run->told[index / 64] & bit || excused(run, &outcome->cut[i], before))
			continue;
		run->told[index / 64] |= bit;
		run->cut(run->ctx, run->peer, name_of(run, NEW, index), at_s);
	}
}

static int try_moment(struct run *run, const struct dp_trial_packet *packet, __s64 at_s)
{
	__u64 at_ns = trial_clock(run->trial->now_s, at_s);
	struct trial_outcome outcome, before;
	int err = trial_play(&run->side[NEW], packet, at_ns, &outcome);

	if (err || (!outcome.denied && !outcome.cuts))
		return err;
	err = play_before(run, packet, at_ns, &before);
	if (!err)
		tell(run, &outcome, &before, at_s);
	return err;
}

/* What cannot be run by hand, or not any more, is left open. */
static int try_shape(struct run *run, const struct trial_shape *shape)
{
	__s64 moment[GUARD_MOMENTS_MAX];
	size_t moments =
		guard_moments(run->trial->new, &run->peer->addr, run->trial->now_s, moment);
	struct dp_trial_packet packet = {.source = run->peer->addr,
					 .spared = run->trial->spared,
					 .slot = shape->slot,
					 .link = shape->link};
	int err = trial_frame(shape, run->peer, &run->frame);

	packet.frame = run->frame.data;
	packet.len = run->frame.len;
	for (size_t i = 0; i < moments && !err; i++)
		err = try_moment(run, &packet, moment[i]);
	if (err != -ETIME && err != -EMSGSIZE)
		return err;
	run->open = true;
	return 0;
}

static int try_peer(struct run *run, const struct peer *peer, bool *ret_open)
{
	int err = trial_shapes(&run->image[NEW], &run->places, peer, &run->shapes);

	run->peer = peer;
	run->open = !run->shapes.all;
	run->told_denied = false;
	memset(run->told, 0, sizeof(run->told));
	for (size_t i = 0; i < run->shapes.count && !err; i++)
		err = try_shape(run, &run->shapes.v[i]);
	*ret_open = run->open;
	return err;
}

static int try_all(struct run *run, bool *ret_open)
{
	int err = put_in(run, NEW, run->trial->new);

	if (err)
		return err;
	run->side[NEW].deadline_ns = run->side[BEFORE].deadline_ns = time_mono_ns() + TRIAL_NS;
	for (size_t i = 0; i < run->peers.count && !err; i++)
		err = try_peer(run, run->peers.v[i], &ret_open[i]);
	return err;
}

int guard_trial_run(const struct guard_trial *trial, const struct peer *const *v, size_t count,
		    bool ret_open[static TRIAL_PEERS_MAX], guard_cut_fn cut, void *ctx,
		    struct diag *d)
{
	_cleanup_(run_free) struct run *run = calloc(1, sizeof(*run));
	int err;

	if (!run)
		return diag_errno(d, ENOMEM, "cannot try the rules");
	if (!trial->dp)
		return diag_set(d, DIAG_FAILED, "there is no program to try them by");
	run->trial = trial;
	run->cut = cut;
	run->ctx = ctx;
	run->d = d;
	run->peers = (struct trial_peers){v, count, trial->now_s};
	trial_places(trial->new, trial->iface, trial->ifaces, &run->places);
	d->message[0] = 0;
	err = try_all(run, ret_open);
	dp_trial_rest(trial->dp);
	return !err || d->message[0] ? err : diag_errno(d, -err, "cannot try the rules");
}
