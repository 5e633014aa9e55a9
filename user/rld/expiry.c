// SPDX-License-Identifier: GPL-2.0-only
/* Expiry: a piece of the table every few milliseconds while a pass runs, and a pause in proportion
 * after it. */
#include "rld/expiry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "rld/lists.h"
#include "rld/log.h"
#include "rld/state.h"

#define TICK_NS TIME_NS
#define PIECE_PAUSE_NS (10 * 1000000ULL)
#define PAUSE_PER_WORK 200 /* a pass takes at most 1/200 of a CPU */

struct gauges {
	__u64 blocked[RL_SLOTS_MAX];
	struct topn top; /* by refused packets; for the metrics */
};

/* Keys of one piece that go to the sweep. */
struct due {
	struct rl_key key[RL_SWEEP_MAX];
	size_t count;
};

struct expiry {
	struct rld *rld;
	struct loop_timer *tick;
	struct loop_timer *step;
	struct dp_scan *scan; /* NULL: between passes */
	struct gauges last;
	struct gauges now;
	__u64 done_ns; /* when the last pass ended */
	__u64 work_ns; /* of this pass */
	struct due idle;
	struct due recover;
	struct due orphan;
};

static void put(struct due *due, const struct rl_key *key)
{
	if (due->count < RL_SWEEP_MAX)
		due->key[due->count++] = *key;
}

static void look_at(struct expiry *expiry, const struct rl_key *key, struct rl_state *state,
		    __u64 now_ns)
{
	__u64 idle_ns = expiry->rld->conf->options.idle_timeout_ns;
	const struct conf_limit *limit = rld_limit_by_id(expiry->rld, key->limit_id);

	if (!limit) {
		put(&expiry->orphan, key);
		return;
	}
	dp_front_add(expiry->rld->dp, key, &limit->abi, now_ns, state);
	if (state->drop_packets)
		topn_offer(&expiry->now.top, state->drop_packets, key, state);
	if (state_blocked_for(state, now_ns))
		expiry->now.blocked[limit->abi.slot % RL_SLOTS_MAX]++;
	if (state_is_idle(state, idle_ns, now_ns))
		put(&expiry->idle, key);
	else if ((state->refused && state->recover_at <= now_ns) ||
		 (state->ban_open && state->banned_until <= now_ns))
		put(&expiry->recover, key);
}

static void sweep(struct expiry *expiry, struct due *due, enum rl_sweep_op op, __u64 cutoff_ns)
{
	size_t deleted;
	int err = due->count
			  ? dp_sweep(expiry->rld->dp, op, due->key, due->count, cutoff_ns, &deleted)
			  : 0;

	if (err)
		log_line("cannot expire sources: %s", strerror(-err));
	due->count = 0;
}

static void take_piece(struct expiry *expiry, const struct rl_key *keys,
		       const struct rl_state *states, size_t count)
{
	__u64 now_ns = time_mono_ns();

	for (size_t i = 0; i < count; i++) {
		struct rl_state state = states[i];

		if (state.fingerprint != RL_DEAD)
			look_at(expiry, &keys[i], &state, now_ns);
	}
	sweep(expiry, &expiry->idle, RL_SWEEP_EXPIRE,
	      now_ns - expiry->rld->conf->options.idle_timeout_ns);
	/* Nothing was last seen before 0: these only recover. */
	sweep(expiry, &expiry->recover, RL_SWEEP_EXPIRE, 0);
	sweep(expiry, &expiry->orphan, RL_SWEEP_CLEAR, 0);
}

/* How long to pause: in proportion to the work, at least a second, at most a tenth of the idle
 * time. */
static __u64 pause_ns(const struct expiry *expiry)
{
	__u64 longest = expiry->rld->conf->options.idle_timeout_ns / 10;
	__u64 pause = expiry->work_ns * PAUSE_PER_WORK;

	if (pause > longest)
		pause = longest;
	return pause < TICK_NS ? TICK_NS : pause;
}

static void end_pass(struct expiry *expiry)
{
	dp_scan_close(expiry->scan);
	expiry->scan = NULL;
	topn_done(&expiry->last.top);
	topn_sort(&expiry->now.top);
	expiry->last = expiry->now;
	expiry->now.top = (struct topn){0};
	expiry->done_ns = time_mono_ns();
	loop_timer_set(expiry->step, pause_ns(expiry));
}

static void step(void *ctx)
{
	struct expiry *expiry = ctx;
	const struct rl_key *keys;
	const struct rl_state *states;
	__u64 start_ns = time_mono_ns();
	int count;

	if (!expiry->scan) {
		topn_done(&expiry->now.top);
		memset(&expiry->now, 0, sizeof(expiry->now));
		expiry->now.top.max = expiry->rld->conf->options.metrics_top;
		expiry->work_ns = 0;
		if (dp_scan_open(expiry->rld->dp, &expiry->scan)) {
			expiry->scan = NULL;
			loop_timer_set(expiry->step, TICK_NS);
			return;
		}
	}
	count = dp_scan_next(expiry->scan, &keys, &states);
	if (count > 0)
		take_piece(expiry, keys, states, (size_t)count);
	expiry->work_ns += time_mono_ns() - start_ns;
	if (count > 0)
		loop_timer_set(expiry->step, count == RL_SWEEP_MAX ? PIECE_PAUSE_NS : 0);
	else
		end_pass(expiry);
}

/* One that ended may be made anew at this moment: it is left alone for a second. */
static bool has_ended(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	const struct expiry *expiry = ctx;

	return ban->until + TIME_NS < time_mono_ns() ||
	       !rld_limit_by_id(expiry->rld, ban->limit_id);
}

static void tick(void *ctx)
{
	struct expiry *expiry = ctx;

	dp_control(expiry->rld->dp)->heartbeat = dp_now_ns();
	lists_expire(expiry->rld);
	dp_bans_lift(expiry->rld->dp, has_ended, expiry);
	loop_timer_set(expiry->tick, TICK_NS);
}

int expiry_new(struct rld *rld, struct expiry **ret)
{
	struct expiry *expiry = calloc(1, sizeof(*expiry));

	if (!expiry)
		return -ENOMEM;
	expiry->rld = rld;
	expiry->tick = loop_timer_add(rld->loop, tick, expiry);
	expiry->step = loop_timer_add(rld->loop, step, expiry);
	if (!expiry->tick || !expiry->step) {
		free(expiry);
		return -ENOMEM;
	}
	loop_timer_set(expiry->tick, 0);
	loop_timer_set(expiry->step, TICK_NS);
	*ret = expiry;
	return 0;
}

void expiry_free(struct expiry *expiry)
{
	if (!expiry)
		return;
	if (expiry->scan)
		dp_scan_close(expiry->scan);
	topn_done(&expiry->now.top);
	topn_done(&expiry->last.top);
	loop_timer_stop(expiry->tick);
	loop_timer_stop(expiry->step);
	free(expiry);
}

__u64 expiry_blocked(const struct expiry *expiry, __u16 slot)
{
	return expiry->last.blocked[slot % RL_SLOTS_MAX];
}

const struct topn *expiry_top(const struct expiry *expiry)
{
	return &expiry->last.top;
}

__u64 expiry_age_ns(const struct expiry *expiry)
{
	return expiry->done_ns ? time_mono_ns() - expiry->done_ns : 0;
}
