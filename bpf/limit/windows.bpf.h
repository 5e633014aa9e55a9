/* SPDX-License-Identifier: GPL-2.0-only */
/* The windows of one limit, under the lock of the source's state, and all that the state counts.
 *
 *   1. State is touched only under its lock, and only after its fingerprint was compared there.
 *   2. Under the lock there is no call of any kind (Linux 6.1 refuses even static functions).
 *   3. The clock of a state never runs backwards: now = max(now, last_seen).
 */
#ifndef RL_WINDOWS_BPF_H
#define RL_WINDOWS_BPF_H

#include "bpf/limit/lookup.bpf.h"
#include "bpf/limit/settle.bpf.h"
#include "bpf/report/tell.bpf.h"
#include "bpf/state/logs.bpf.h"
#include "bpf/strategy/ban.h"
#include "bpf/strategy/strategy.h"

/* The packet may open a fixed window, which needs the exact time: one that began as of the tick
 * before would end too soon by as much. A look without the lock, so it may be mistaken. */
static __always_inline int rl_may_open(const struct rl_window_state *window, __u64 last_seen,
				       const struct rl_call *call, const struct rl_limit *limit)
{
	__u64 now = call->now > last_seen ? call->now : last_seen;

	if (limit->strategy != RL_STRATEGY_FIXED_WINDOW)
		return 0;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		if (now >= window[i].b)
			return 1;
	}
	return 0;
}

/* A fixed window that opened although rl_may_open() found it open: better too long than too
 * short. */
static __always_inline void rl_lengthen(struct rl_window_state *s, const struct rl_call *call,
					const struct rl_limit *limit)
{
	if (!call->exact && limit->strategy == RL_STRATEGY_FIXED_WINDOW)
		s->b += RL_TICK_MAX_NS;
}

/* A window began anew: its next refusal is a breach, but not as long as hits of others that were
 * inherited weigh in it. */
static __always_inline void rl_reopen(struct rl_state *st, __u32 i)
{
	__u32 inherited = RL_INHERITED << i;

	st->breached &= ~(st->breached & inherited ? inherited : 1u << i);
}

static __always_inline __u64 rl_cost(const struct rl_limit *limit, const struct rl_subject *subject)
{
	return limit->unit == RL_UNIT_BYTES ? subject->bytes : 1;
}

static __always_inline __u64 rl_cost_of(const struct rl_call *call, const struct rl_limit *limit)
{
	return call->hit ? call->subject.bytes : rl_cost(limit, &call->subject);
}

static __always_inline void rl_note_refusal(struct rl_state *st, const struct rl_call *call,
					    const struct rl_limit *limit, __u64 now, __u32 window,
					    const struct rl_take *take, struct rl_result *out)
{
	out->refused = 1;
	out->window = window;
	out->count = take->count;
	out->until = take->until;
	out->breach = !(st->breached & (1u << window));
	st->breached |= 1u << window;
	st->blocked_until = take->until;
	st->recover_at = now + limit->window[window].period_ns;
	/* The longer windows' refusals still count in the first one. */
	out->blocked = window ? 0 : take->blocked;
	if (!out->breach || !limit->ban_ns || rl_monitored(call, limit))
		return;
	if (rl_note_breach(st, limit, now))
		out->ban = RL_BAN_DUE;
}

/* A source that is refused for a while goes into the front table, and meets its packets there. Hits
 * want to hear of their window each time. */
static __always_inline void rl_block(struct rl_state *st, const struct rl_call *call,
				     const struct rl_lookup *c, __u64 now, struct rl_result *out)
{
	__u64 mark = c->mark, until = out->blocked;

	if (!out->refused || call->hit || rl_monitored(call, c->limit))
		return;
	if (st->banned_until > now) {
		until = st->banned_until;
		mark |= RL_FRONT_BANNED;
	}
	out->lost = rl_front_put(c->bucket, call->fingerprint, mark, now, until);
}

/* Before any window is asked. A banned source counts nowhere. */
static __always_inline int rl_is_banned(const struct rl_state *st, __u64 now, struct rl_result *out)
{
	if (now >= st->banned_until)
		return 0;
	out->refused = 1;
	out->banned = 1;
	out->until = st->banned_until;
	return 1;
}

/* All windows from the `call->from`th on, shortest first; the first refusal stops, nothing is
 * rolled back. */
static __always_inline void rl_ask_windows(struct rl_state *st, const struct rl_call *call,
					   const struct rl_limit *limit, __u64 now,
					   struct rl_result *out)
{
	__u64 cost = rl_cost_of(call, limit);
	struct rl_take take;

	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		if (i < call->from)
			continue;
		rl_take_window(&st->window[i], limit, i, now, cost, rl_tag(st->fingerprint), &take);
		if (take.opened) {
			rl_reopen(st, i);
			rl_lengthen(&st->window[i], call, limit);
		}
		if (take.admitted)
			continue;
		rl_note_refusal(st, call, limit, now, i, &take, out);
		return;
	}
}

static __always_inline void rl_count_source(struct rl_state *st, const struct rl_call *call,
					    int monitor, struct rl_result *out)
{
	if (!out->refused) {
		__sync_fetch_and_add(&st->pass_packets, 1);
		__sync_fetch_and_add(&st->pass_bytes, call->subject.bytes);
		if (st->refused && st->last_seen >= st->recover_at) {
			out->recovered = 1;
			out->refused_before = st->refused;
			st->refused = 0;
		}
		return;
	}
	st->refused++;
	if (monitor) {
		st->would_packets++;
		return;
	}
	st->drop_packets++;
	st->drop_bytes += call->subject.bytes;
}

/* Under the lock, the fingerprint compared. Returns the state's clock, which never runs
 * backwards. */
static __always_inline __u64 rl_enter(struct rl_state *st, const struct rl_limit *limit,
				      const struct rl_call *call)
{
	__u64 now = call->now;

	if (!st->first_seen)
		st->first_seen = now;
	if (now < st->last_seen)
		now = st->last_seen;
	st->last_seen = now;
	if (st->keep_until < now + limit->keep_ns)
		st->keep_until = now + limit->keep_ns;
	return now;
}

/* Under the lock. */
static __always_inline void rl_note_hit(struct rl_call *call, const struct rl_window_state *window)
{
	if (call->hit)
		call->decided = window[call->result.window & (RL_WINDOWS_MAX - 1)];
}

static __always_inline void rl_check_locked(struct rl_state *st, struct rl_call *call,
					    const struct rl_lookup *c, struct rl_result *out)
{
	__u64 now;

	if (st->fingerprint != call->fingerprint)
		return;
	out->found = 1;
	rl_settle_entry(st, c->bucket, c->limit, call->now);
	now = rl_enter(st, c->limit, call);
	if (!rl_is_banned(st, now, out))
		rl_ask_windows(st, call, c->limit, now, out);
	rl_count_source(st, call, rl_monitored(call, c->limit), out);
	rl_block(st, call, c, now, out);
	rl_note_hit(call, st->window);
}

static __always_inline enum rl_answer rl_count_limit(const struct rl_call *call,
						     const struct rl_limit *limit,
						     struct rl_limit_counters *counters,
						     struct rl_result *out)
{
	__u32 verdict = RL_VERDICT_PASS;

	if (out->refused)
		verdict = rl_monitored(call, limit) ? RL_VERDICT_WOULD_DROP : RL_VERDICT_DROP;
	out->verdict = verdict;
	counters->verdict[verdict].packets++;
	counters->verdict[verdict].bytes += call->subject.bytes;
	counters->breaches += out->breach;
	if (!out->refused)
		return RL_ADMITTED;
	if (limit->flags & RL_LIMIT_MONITOR)
		return RL_REFUSED_MONITORED;
	return out->banned ? RL_REFUSED_BANNED : RL_REFUSED;
}

/* By the source's state. RL_ABSENT: it has none. */
static __always_inline int rl_check_state(struct rl_call *call, const struct rl_lookup *c)
{
	struct rl_result *out = rl_result(call);
	struct rl_state *st = rl_state(call);

	if (!st)
		return RL_ABSENT;
	rl_set_clock(call, c->limit);
	rl_settle_cpus(st, call->fingerprint, call->now);
	if (rl_may_open(st->window, st->last_seen, call, c->limit))
		rl_read_clock(call);
	bpf_spin_lock(&st->lock);
	rl_check_locked(st, call, c, out);
	bpf_spin_unlock(&st->lock);
	if (!out->found)
		return rl_moves ? RL_MOVED : RL_ABSENT;
	call->edge = rl_is_edge(out);
	return rl_count_limit(call, c->limit, c->counters, out);
}

#endif
