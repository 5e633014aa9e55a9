// SPDX-License-Identifier: GPL-2.0-only
/* Expiry: the table piece by piece, each followed by a pause in proportion to what it took. */
#include "rld/sources/expiry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "rld/loop/log.h"
#include "rld/sources/lift.h"
#include "rld/sources/pressure.h"
#include "rld/sources/state.h"
#include "rld/sources/totals.h"

#define TICK_NS TIME_NS
#define LOOK_EVERY 10 /* ticks, when no packets come */
#define PIECE_PAUSE_NS (10 * 1000000ULL)
/* A pass takes 1/2000 of a CPU at rest, and 1/100 while packets are refused, the table fills up or
 * holds what nobody counts any more: then it matters who is blocked, and that there is room. A tenth
 * is for a table that is nearly full while newcomers come: each that finds no room is one whom the
 * flood that fills it has hit. */
#define REST_PER_WORK 2000
#define BUSY_PER_WORK 100
#define URGENT_PER_WORK 9

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
	__u64 done_ns;	/* when the last pass ended */
	__u64 piece_ns; /* CPU time that the last piece took ... */
	__u64 ended_ns; /* ... and when it ended */
	struct pressure pressure;
	unsigned ticks;
	__u64 packets; /* so far */
	__u64 refused; /* of them, or without room */
	__u64 full;    /* of them, without room */
	bool refusing;
	bool no_room;  /* some found none */
	bool clearing; /* the last piece had sources of limits that are gone */
	struct lift lift;
	struct due idle;
	struct due spent;
	struct due recover;
	struct due orphan;
};

static void put(struct due *due, const struct rl_key *key)
{
	if (due->count < RL_SWEEP_MAX)
		due->key[due->count++] = *key;
}

static bool is_over(const struct rl_state *state, __u64 now_ns)
{
	return (state->refused && state->recover_at <= now_ns) ||
	       (state->ban_open && state->banned_until <= now_ns);
}

static void look_at(struct expiry *expiry, const struct rl_key *key, const struct rl_state *state,
		    __u64 now_ns)
{
	const struct conf_limit *limit = rld_limit_by_id(expiry->rld, key->limit_id);
	__u64 idle_ns = expiry->rld->conf->options.idle_timeout_ns;

	if (!limit) {
		put(&expiry->orphan, key);
		return;
	}
	if (state->drop_packets)
		topn_offer(&expiry->now.top, state->drop_packets, key, state);
	if (state_blocked_for(state, now_ns))
		expiry->now.blocked[limit->abi.slot % RL_SLOTS_MAX]++;
	if (state_is_idle(&limit->abi, state, idle_ns, now_ns))
		put(&expiry->idle, key);
	else if (expiry->pressure.tight && state_is_spent(&limit->abi, state, now_ns))
		put(&expiry->spent, key);
	else if (is_over(state, now_ns))
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
		if (states[i].fingerprint != RL_DEAD)
			look_at(expiry, &keys[i], &states[i], now_ns);
	}
	sweep(expiry, &expiry->idle, RL_SWEEP_EXPIRE,
	      now_ns - expiry->rld->conf->options.idle_timeout_ns);
	sweep(expiry, &expiry->spent, RL_SWEEP_EXPIRE, now_ns);
	/* Nothing was last seen before 0: these only recover. */
	sweep(expiry, &expiry->recover, RL_SWEEP_EXPIRE, 0);
	expiry->clearing = expiry->orphan.count > 0;
	sweep(expiry, &expiry->orphan, RL_SWEEP_CLEAR, 0);
}

static bool is_urgent(const struct expiry *expiry)
{
	return expiry->pressure.urgent && (expiry->pressure.filling || expiry->no_room);
}

static __u64 pause_ns(const struct expiry *expiry)
{
	bool busy = expiry->refusing || expiry->pressure.filling || expiry->clearing;
	__u64 least = expiry->scan ? PIECE_PAUSE_NS : TICK_NS;
	__u64 pause = expiry->piece_ns * (busy ? BUSY_PER_WORK : REST_PER_WORK);

	if (is_urgent(expiry))
		return expiry->piece_ns * URGENT_PER_WORK;
	return pause < least ? least : pause;
}

static void arm(struct expiry *expiry)
{
	__u64 due_ns = expiry->ended_ns + pause_ns(expiry), now_ns = time_mono_ns();

	loop_timer_set(expiry->step, due_ns > now_ns ? due_ns - now_ns : 0);
}

static void begin_pass(struct expiry *expiry)
{
	topn_done(&expiry->now.top);
	memset(&expiry->now, 0, sizeof(expiry->now));
	expiry->now.top.max = expiry->rld->conf->options.metrics_top;
	if (dp_scan_open(expiry->rld->dp, &expiry->scan))
		expiry->scan = NULL;
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
}

static void step(void *ctx)
{
	struct expiry *expiry = ctx;
	const struct rl_key *keys;
	const struct rl_state *states;
	__u64 start_ns = time_thread_ns();
	int count;

	if (!expiry->scan && !dp_moving(expiry->rld->dp) && !expiry->rld->held)
		begin_pass(expiry);
	if (expiry->scan) {
		count = dp_scan_next(expiry->scan, &keys, &states);
		if (count > 0)
			take_piece(expiry, keys, states, (size_t)count);
		else
			end_pass(expiry);
	}
	expiry->ended_ns = time_mono_ns();
	expiry->piece_ns = time_thread_ns() - start_ns;
	arm(expiry);
}

static void count_packets(struct expiry *expiry)
{
	struct rl_counter verdict[RL_VERDICT_COUNT];
	struct rl_iface_counters sum;

	totals_of_ifaces(expiry->rld, &sum);
	expiry->packets = 0;
	totals_by_verdict(&sum, verdict);
	for (unsigned i = 0; i < RL_VERDICT_COUNT; i++)
		expiry->packets += verdict[i].packets;
	expiry->refused = expiry->packets - verdict[RL_VERDICT_PASS].packets +
			  sum.reason[RL_REASON_STATE_FULL][RL_VERDICT_PASS].packets;
	expiry->full = totals_of_reason(&sum, RL_REASON_STATE_FULL);
}

/* Whether the pass has reason to hurry. No packet, no newcomer. */
static void look_around(struct expiry *expiry)
{
	__u64 packets = expiry->packets;
	__u64 refused = expiry->refused;
	__u64 full = expiry->full;

	count_packets(expiry);
	expiry->refusing = refused != expiry->refused;
	expiry->no_room = full != expiry->full;
	expiry->pressure.filling = false;
	if (packets != expiry->packets || expiry->ticks % LOOK_EVERY == 0)
		pressure_look(&expiry->pressure, expiry->rld);
}

static void tick(void *ctx)
{
	struct expiry *expiry = ctx;

	log_retry();
	if (!expiry->rld->held) { /* else the program keeps its table itself */
		dp_control(expiry->rld->dp)->heartbeat = time_mono_ns();
		lift_tick(&expiry->lift);
	}
	look_around(expiry);
	expiry->ticks++;
	arm(expiry);
	loop_timer_set(expiry->tick, TICK_NS);
}

int expiry_new(struct rld *rld, struct expiry **ret)
{
	struct expiry *expiry = calloc(1, sizeof(*expiry));

	if (!expiry)
		return -ENOMEM;
	expiry->rld = rld;
	expiry->lift.rld = rld;
	expiry->tick = loop_timer_add(rld->loop, tick, expiry);
	expiry->step = loop_timer_add(rld->loop, step, expiry);
	if (!expiry->tick || !expiry->step) {
		free(expiry);
		return -ENOMEM;
	}
	count_packets(expiry);
	expiry->ended_ns = time_mono_ns();
	loop_timer_set(expiry->tick, 0);
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

__u64 expiry_packets(const struct expiry *expiry)
{
	return expiry->packets;
}

double expiry_pressure(const struct expiry *expiry)
{
	return (double)expiry->pressure.tracked / dp_sources_max(expiry->rld->dp);
}
