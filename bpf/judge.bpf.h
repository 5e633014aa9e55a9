/* SPDX-License-Identifier: GPL-2.0-only */
/* One limit judges one packet: key, state, windows under the lock, counters, events.
 *
 *   1. State is touched only under its lock, and only after its fingerprint was compared there.
 *   2. Under the lock there is no call of any kind (Linux 6.1 refuses even static functions).
 *   3. The clock of a state never runs backwards: now = max(now, last_seen).
 */
#ifndef RL_JUDGE_BPF_H
#define RL_JUDGE_BPF_H

#include <linux/errno.h>

#include "ban.h"
#include "call.bpf.h"
#include "key.h"
#include "logs.bpf.h"
#include "strategy.h"

enum rl_answer {
	RL_ADMITTED,
	RL_REFUSED,
	RL_REFUSED_BANNED,
	RL_REFUSED_MONITORED, /* by a limit in monitor: would drop */
	RL_REFUSED_FULL,
	RL_ADMITTED_FULL,
	RL_ASK_LOGS,  /* not for rl_judge() */
	RL_ABSENT,    /* no state of the source */
	RL_NO_ANSWER, /* internal */
};

static __always_inline __u64 rl_cost(const struct rl_limit *limit, const struct rl_packet *pkt)
{
	return limit->unit == RL_UNIT_BYTES ? pkt->bytes : 1;
}

static __always_inline void rl_note_refusal(struct rl_state *st, const struct rl_call *call,
					    const struct rl_limit *limit, __u64 now, __u32 window,
					    const struct rl_take *take, struct rl_outcome *out)
{
	out->refused = 1;
	out->window = window;
	out->count = take->count;
	out->until = take->until;
	out->breach = !(st->breached & (1u << window));
	st->breached |= 1u << window;
	st->blocked_until = take->until;
	st->recover_at = now + limit->window[window].period_ns;
	if (!out->breach || !limit->ban_ns || rl_monitored(call, limit))
		return;
	out->ban = rl_note_breach(st, limit, now);
	out->ban_until = st->banned_until;
}

/* Before any window is asked. A banned source counts nowhere. */
static __always_inline int rl_is_banned(const struct rl_state *st, __u64 now,
					struct rl_outcome *out)
{
	if (now >= st->banned_until)
		return 0;
	out->refused = 1;
	out->banned = 1;
	return 1;
}

/* All windows, shortest first; the first refusal stops, nothing is rolled back. */
static __always_inline void rl_ask_windows(struct rl_state *st, const struct rl_call *call,
					   const struct rl_limit *limit, __u64 now,
					   struct rl_outcome *out)
{
	__u64 cost = rl_cost(limit, &call->pkt);
	struct rl_take take;

	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		rl_take_window(&st->window[i], limit, &limit->window[i], now, cost, &take);
		if (take.opened)
			st->breached &= ~(1u << i);
		if (take.admitted)
			continue;
		rl_note_refusal(st, call, limit, now, i, &take, out);
		return;
	}
}

static __always_inline void rl_count_source(struct rl_state *st, const struct rl_call *call,
					    int monitor, struct rl_outcome *out)
{
	if (!out->refused) {
		st->pass_packets++;
		st->pass_bytes += call->pkt.bytes;
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
	st->drop_bytes += call->pkt.bytes;
}

/* Under the lock, first of all. `fingerprint` must match, or the element is another key's by now.
 * *ret_now: the state's clock, which never runs backwards. */
static __always_inline int rl_enter(struct rl_state *st, const struct rl_limit *limit,
				    const struct rl_call *call, __u64 fingerprint, __u64 *ret_now)
{
	__u64 now = call->now;

	if (st->fingerprint != fingerprint)
		return 0;
	if (!st->first_seen)
		st->first_seen = now;
	if (now < st->last_seen)
		now = st->last_seen;
	st->last_seen = now;
	if (st->keep_until < now + limit->keep_ns)
		st->keep_until = now + limit->keep_ns;
	*ret_now = now;
	return 1;
}

static __always_inline void rl_judge_locked(struct rl_state *st, const struct rl_limit *limit,
					    const struct rl_call *call, __u64 fingerprint,
					    struct rl_outcome *out)
{
	__u64 now;

	if (!rl_enter(st, limit, call, fingerprint, &now))
		return;
	out->found = 1;
	if (!rl_is_banned(st, now, out))
		rl_ask_windows(st, call, limit, now, out);
	rl_count_source(st, call, rl_monitored(call, limit), out);
}

static __always_inline enum rl_answer rl_count_limit(const struct rl_call *call,
						     const struct rl_limit *limit,
						     struct rl_limit_counters *counters,
						     const struct rl_outcome *out)
{
	__u32 verdict = RL_VERDICT_PASS;

	if (out->refused)
		verdict = rl_monitored(call, limit) ? RL_VERDICT_WOULD_DROP : RL_VERDICT_DROP;
	counters->verdict[verdict].packets++;
	counters->verdict[verdict].bytes += call->pkt.bytes;
	counters->breaches += out->breach;
	counters->bans += out->ban;
	if (!out->refused)
		return RL_ADMITTED;
	if (limit->flags & RL_LIMIT_MONITOR)
		return RL_REFUSED_MONITORED;
	return out->banned ? RL_REFUSED_BANNED : RL_REFUSED;
}

/* What the three entry points below look up first. */
struct rl_case {
	const struct rl_limit *limit;
	struct rl_limit_counters *counters;
	struct rl_key key;
};

static __always_inline __u64 rl_secret(void)
{
	__u32 zero = 0;
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);

	return ctl ? ctl->secret : 0;
}

static __always_inline int rl_open_case(const struct rl_call *call, __u32 nth, struct rl_case *ret)
{
	__u32 generation = call->generation, slot;
	struct rl_rules *set = bpf_map_lookup_elem(&rules, &generation);

	if (!set)
		return 0;
	ret->limit = &set->limit[call->index[nth & (RL_JUDGE_MAX - 1)] & (RL_LIMITS_MAX - 1)];
	slot = ret->limit->slot;
	ret->counters = bpf_map_lookup_elem(&limit_counters, &slot);
	rl_make_key(&ret->key, ret->limit, &call->pkt);
	return ret->counters != 0;
}

/* Global functions, each with a frame of its own: the stack of all calls in flight is 512 bytes,
 * and the verifier looks at each once instead of once a limit. */

/* The `nth` matching limit judges. RL_ABSENT: its source has no state yet. */
__attribute__((noinline)) int rl_judge(struct rl_call *call, __u32 nth)
{
	struct rl_outcome out = {};
	struct rl_case c = {};
	struct rl_state *st;
	__u64 fingerprint;

	if (!call || !rl_open_case(call, nth, &c))
		return RL_NO_ANSWER;
	if (c.limit->strategy == RL_STRATEGY_MOVING_WINDOW)
		return RL_ASK_LOGS;
	st = bpf_map_lookup_elem(&states, &c.key);
	if (!st)
		return RL_ABSENT;
	fingerprint = rl_fingerprint(&c.key, rl_secret());
	bpf_spin_lock(&st->lock);
	rl_judge_locked(st, c.limit, call, fingerprint, &out);
	bpf_spin_unlock(&st->lock);
	if (!out.found)
		return RL_ABSENT;
	rl_tell_outcome(call, c.limit, &c.key, &out);
	return rl_count_limit(call, c.limit, c.counters, &out);
}

#endif
