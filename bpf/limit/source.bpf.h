/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources: one that is known is judged, a new one gets a state, one without room meets the limit's
 * policy. */
#ifndef RL_SOURCE_BPF_H
#define RL_SOURCE_BPF_H

#include "bpf/limit/admit.bpf.h"
#include "bpf/limit/judge_ban.bpf.h"
#include "bpf/limit/judge_logs.bpf.h"
#include "bpf/limit/sweep.bpf.h"

/* The bucket that strangers share. It is the limit's own as long as its fingerprint says so. It has
 * no entry in the front table: what such an entry would say is in two words that a bucket has no
 * other use for, `banned_until` and, as the mark under which that holds, `ban_from`. */
static __always_inline int rl_shared_refuses(const struct rl_state *st, const struct rl_call *call,
					     const struct rl_case *c)
{
	__u64 until = *(volatile __u64 *)&st->banned_until;

	return rl_front_ahead(call, c->limit) < until && st->ban_from == c->mark &&
	       st->fingerprint == c->limit->id;
}

static __always_inline void rl_shared_reset(struct rl_state *st, __u64 fingerprint)
{
	st->fingerprint = fingerprint;
	st->banned_until = 0;
	st->first_seen = 0;
	st->last_seen = 0;
	st->refused = 0;
	rl_no_unroll
	for (int i = 0; i < RL_WINDOWS_MAX; i++) {
		st->window[i].a = 0;
		st->window[i].b = 0;
		st->window[i].c = 0;
	}
}

static __always_inline void rl_judge_shared(struct rl_call *call, const struct rl_case *c,
					    struct rl_outcome *out)
{
	const struct rl_limit *limit = c->limit;
	__u32 slot = limit->slot;
	struct rl_state *st = bpf_map_lookup_elem(&shared, &slot);
	__u64 now;

	if (!st)
		return;
	if (rl_shared_refuses(st, call, c)) {
		out->refused = 1;
		return;
	}
	rl_set_clock(call, limit);
	if (st->fingerprint != limit->id || rl_may_open(st, call, limit))
		rl_read_clock(call);
	bpf_spin_lock(&st->lock);
	if (st->fingerprint != limit->id)
		rl_shared_reset(st, limit->id);
	now = rl_enter(st, limit, call);
	rl_ask_windows(st, call, limit, now, out);
	rl_count_source(st, call, rl_monitored(call, limit), out);
	st->ban_from = c->mark;
	st->banned_until = out->blocked;
	bpf_spin_unlock(&st->lock);
}

/* Makes the state that rl_judge() missed. Returns 0 if there is no room, which the kernel tells
 * from what else may be in the way, another CPU in most cases. */
static __always_inline int rl_create(const struct rl_call *call, const struct rl_case *c)
{
	__u32 zero = 0;
	struct rl_state_template *fresh = bpf_map_lookup_elem(&state_template, &zero);
	__u64 fingerprint = call->fingerprint;
	int err; /* no long: before Linux 6.4 its upper half is not the sign */

	if (!fresh)
		return 0;
	fresh->fingerprint = RL_DEAD;
	rl_make_key(&fresh->key, c->limit, &call->pkt);
	fresh->logs = 0;
	if (c->limit->strategy == RL_STRATEGY_MOVING_WINDOW) {
		err = rl_logs_make(c->limit, fingerprint);
		if (err)
			return err != -E2BIG;
		fresh->logs = c->limit->logs;
	}
	err = rl_make_state(fingerprint, fresh);
	if (!err) {
		c->counters->created++;
		return 1;
	}
	if (err != -EEXIST && fresh->logs)
		rl_logs_delete(fingerprint, fresh->logs);
	return err != -E2BIG;
}

/* By the limit's policy. */
static __always_inline void rl_judge_full(struct rl_call *call, const struct rl_case *c,
					  struct rl_outcome *out)
{
	rl_tell_full(call, c->limit);
	if (c->limit->on_full == RL_ON_FULL_SHARED)
		rl_judge_shared(call, c, out);
	else
		out->refused = c->limit->on_full == RL_ON_FULL_DROP;
}

/* Judges a packet whose source has no state. Where there is room, the source may have one the next
 * moment and count anew: whatever the policy let through beside that could be more than its
 * amount. */
static __always_inline int rl_judge_stateless(struct rl_call *call, const struct rl_case *c,
					      int full)
{
	struct rl_losses *l = rl_losses();
	struct rl_outcome *out = rl_outcome(call);

	c->counters->full++;
	if (full)
		rl_judge_full(call, c, out);
	else
		out->refused = 1;
	out->breach = 0; /* nobody's own */
	out->ban = RL_BAN_NONE;
	if (l)
		l->unattributed += out->refused;
	switch (rl_count_limit(call, c->limit, c->counters, out)) {
	case RL_REFUSED:
		return RL_REFUSED_FULL;
	case RL_REFUSED_MONITORED:
		return RL_REFUSED_MONITORED;
	default:
		return RL_ADMITTED_FULL;
	}
}

/* Global functions follow, each with a frame of its own that is gone when it returns, and looked at
 * by the verifier once and not for each limit. */

/* A newcomer is let in: its state is made. Returns 0 if there is no room. */
__attribute__((noinline)) int rl_let_in(struct rl_call *call, __u32 nth)
{
	struct rl_case c = {};

	if (!call || !rl_reopen_case(call, nth, &c))
		return 0;
	return rl_create(call, &c);
}

/* No room, or, if not `full`, the race for an element was lost too often. */
__attribute__((noinline)) int rl_judge_without(struct rl_call *call, __u32 nth, int full)
{
	struct rl_case c = {};

	if (!call || !rl_reopen_case(call, nth, &c))
		return RL_NO_ANSWER;
	return rl_judge_stateless(call, &c, full);
}

/* The case is open, and the front table has no answer. */
__attribute__((noinline)) int rl_judge_once(struct rl_call *call, __u32 nth)
{
	struct rl_case c = {};

	if (!call || !rl_reopen_case(call, nth, &c))
		return RL_NO_ANSWER;
	if (c.limit->strategy == RL_STRATEGY_MOVING_WINDOW)
		return RL_ASK_LOGS;
	return rl_judge_state(call, &c);
}

/* Makes the state where there is none, and judges again. A table that had no room for a packet has
 * none for others at the same time: to find that out costs more than all else, which a flood of
 * new sources would pay for each packet. */
__attribute__((noinline)) int rl_judge_again(struct rl_call *call, __u32 nth, int answer)
{
	if (!call)
		return RL_NO_ANSWER;
	rl_no_unroll
	for (int i = 0; i < RL_RETRIES; i++) {
		if (answer == RL_ASK_STATE)
			answer = rl_judge_once(call, nth);
		if (answer == RL_ASK_LOGS)
			answer = rl_judge_logs(call, nth);
		if (answer == RL_MOVED) {
			answer = RL_ASK_STATE;
			continue;
		}
		/* Without it the loop falls through to its start, which Linux 6.1 refuses. */
		if (__builtin_expect(answer != RL_ABSENT, 1))
			return answer;
		if (call->full_until > call->now)
			return rl_judge_without(call, nth, 1);
		if (!rl_let_in(call, nth) &&
		    (!rl_sweep_alone(call->now) || !rl_let_in(call, nth))) {
			call->full_until = call->now + 1;
			return rl_judge_without(call, nth, 1);
		}
		answer = RL_ASK_STATE;
	}
	return rl_judge_without(call, nth, 0);
}

/* The answer of the limit that was found, without a lock. RL_ASK_STATE, RL_ABSENT: rl_judge_rest()
 * finds it. */
static __always_inline int rl_judge(struct rl_call *call, const struct rl_control *ctl,
				    struct rl_case *c)
{
	struct rl_front_entry *entry;

	if (!rl_open_case(call, ctl, c))
		return RL_NO_ANSWER;
	entry = rl_front_find(c->bucket, call->fingerprint);
	if (entry)
		return rl_judge_front(call, c, entry);
	if (call->full_until > call->now && !rl_may_be_present(call->fingerprint))
		return RL_ABSENT;
	return rl_admit(call, c);
}

/* Apart, for the entry point to call: the stack of all calls in flight is 512 bytes. */
static __always_inline int rl_judge_rest(struct rl_call *call, __u32 nth, int answer)
{
	if (answer < RL_ASK_STATE)
		return answer;
	if (answer == RL_ASK_STATE)
		answer = rl_judge_once(call, nth);
	if (answer == RL_ABSENT && call->full_until > call->now)
		answer = rl_judge_without(call, nth, 1);
	if (answer >= RL_ASK_STATE)
		answer = rl_judge_again(call, nth, answer);
	/* Here, where the fewest frames are on the stack. */
	if (call->edge) {
		if (call->out.ban)
			rl_judge_ban(call, nth);
		rl_tell_outcome(call, nth);
	}
	return answer;
}

#endif
