/* SPDX-License-Identifier: GPL-2.0-only */
/* The limiter: rl_limit_check() is its one entry. One limit judges one hit of a subject (rl_call)
 * and gives an enum rl_answer. There are four ways, and each answers or leaves it to the next:
 *
 *   rl_limit_fast()       without a lock: the front table, and open fixed windows that have room
 *   rl_limit_locked()     the source's state, under its lock; rl_limit_moving() for moving windows
 *   rl_limit_slow()       makes the state where there is none, and asks again
 *   rl_limit_untracked()  there is no room for a state
 */
#ifndef RL_LIMIT_BPF_H
#define RL_LIMIT_BPF_H

#include <linux/errno.h>

#include "bpf/limit/ban.bpf.h"
#include "bpf/limit/lockless.bpf.h"
#include "bpf/limit/moving.bpf.h"
#include "bpf/limit/sweep.bpf.h"
#include "bpf/limit/untracked.bpf.h"

/* Makes the state that there was not. Returns 0 if there is no room, which the kernel tells
 * from what else may be in the way, another CPU in most cases. */
static __always_inline int rl_track(const struct rl_call *call, const struct rl_lookup *c)
{
	__u32 zero = 0;
	struct rl_state_template *fresh = bpf_map_lookup_elem(&state_template, &zero);
	struct rl_overflow *from = rl_inherit_from(call, c->limit);
	struct rl_state *made = 0;
	__u64 fingerprint = call->fingerprint;
	int err; /* no long: before Linux 6.4 its upper half is not the sign */

	if (!fresh)
		return 0;
	fresh->fingerprint = RL_DEAD;
	rl_make_key(&fresh->key, c->limit, &call->subject);
	fresh->logs = 0;
	if (c->limit->strategy == RL_STRATEGY_MOVING_WINDOW) {
		err = rl_logs_make(c->limit, fingerprint);
		if (err)
			return err != -E2BIG;
		fresh->logs = c->limit->logs;
	}
	err = rl_make_state(fingerprint, fresh, &made);
	if (!err) {
		rl_inherit(made, from, call, c->limit);
		rl_name(made, fingerprint);
		c->counters->created++;
		return 1;
	}
	if (err != -EEXIST && fresh->logs)
		rl_logs_delete(fingerprint, fresh->logs);
	return err != -E2BIG;
}

/* Global functions follow, each with a frame of its own that is gone when it returns, and looked at
 * by the verifier once and not for each limit. */

/* Makes the source's state. Returns 0 if there is no room. */
__attribute__((noinline)) int rl_limit_track(struct rl_call *call, __u32 nth)
{
	struct rl_lookup c = {};

	if (!call || !rl_lookup_again(call, nth, &c))
		return 0;
	return rl_track(call, &c);
}

/* Answers for a source without a state: there is no room, or, if not `full`, the race for an
 * element was lost too often. RL_ASK_STATE: it has one meanwhile. */
__attribute__((noinline)) int rl_limit_untracked(struct rl_call *call, __u32 nth, int full)
{
	struct rl_lookup c = {};

	if (!call || !rl_lookup_again(call, nth, &c))
		return RL_NO_ANSWER;
	return rl_check_untracked(call, &c, full);
}

/* Asks the source's state. */
__attribute__((noinline)) int rl_limit_locked(struct rl_call *call, __u32 nth)
{
	struct rl_lookup c = {};

	if (!call || !rl_lookup_again(call, nth, &c))
		return RL_NO_ANSWER;
	if (c.limit->strategy == RL_STRATEGY_MOVING_WINDOW)
		return RL_ASK_LOGS;
	return rl_check_state(call, &c);
}

/* Makes the state that is not there, RL_ASK_STATE, or answers without. A table that had no room for
 * a packet has none for others at the same time: to find that out costs more than all else, which a
 * flood of new sources would pay for each packet. */
static __always_inline int rl_check_absent(struct rl_call *call, __u32 nth)
{
	if (call->full_until <= call->now) {
		if (rl_limit_track(call, nth) ||
		    (rl_self_sweep(call->now) && rl_limit_track(call, nth)))
			return RL_ASK_STATE;
		call->full_until = call->now + 1;
	}
	return rl_limit_untracked(call, nth, 1);
}

/* Makes the state where there is none, and judges again. */
__attribute__((noinline)) int rl_limit_slow(struct rl_call *call, __u32 nth, int answer)
{
	if (!call)
		return RL_NO_ANSWER;
	rl_no_unroll
	for (int i = 0; i < RL_RETRIES; i++) {
		if (answer == RL_ASK_STATE)
			answer = rl_limit_locked(call, nth);
		if (answer == RL_ASK_LOGS)
			answer = rl_limit_moving(call, nth);
		if (answer == RL_MOVED) {
			answer = RL_ASK_STATE;
			continue;
		}
		/* Without it the loop falls through to its start, which Linux 6.1 refuses. */
		if (__builtin_expect(answer != RL_ABSENT, 1))
			return answer;
		answer = rl_check_absent(call, nth);
		if (answer != RL_ASK_STATE)
			return answer;
	}
	return rl_limit_untracked(call, nth, 0);
}

/* Answers without a lock, of a limit that is looked up. RL_ASK_STATE, RL_ABSENT: it has no
 * answer. */
static __always_inline int rl_limit_fast(struct rl_call *call, const struct rl_control *ctl,
					 struct rl_lookup *c)
{
	struct rl_front_entry *entry;

	if (!rl_lookup_key(call, ctl, c))
		return RL_NO_ANSWER;
	if (rl_results)
		return RL_ASK_STATE;
	entry = rl_front_find(c->bucket, call->fingerprint);
	if (entry)
		return rl_check_front(call, c, entry);
	if (call->full_until > call->now && !rl_may_be_present(call->fingerprint))
		return RL_ABSENT;
	return rl_check_lockless(call, c);
}

/* The same of the nth limit that matches. */
__attribute__((noinline)) int rl_limit_fast_nth(struct rl_call *call, __u32 nth)
{
	struct rl_lookup c = {};
	struct rl_in_force in;

	if (!call || !rl_find_in_force(call, &in) || !rl_lookup_limit(call, in.set, nth, &c))
		return RL_NO_ANSWER;
	return rl_limit_fast(call, in.ctl, &c);
}

/* Does what an answer brings with it: a ban, events, the note of what it was. */
static __always_inline void rl_limit_follow(struct rl_call *call, __u32 nth, int answer)
{
	if (call->edge) {
		if (call->result.ban)
			rl_limit_ban(call, nth);
		rl_tell_outcome(call, nth);
	}
	if (!rl_results)
		return;
	call->results[nth & (RL_JUDGE_MAX - 1)] = call->result;
	call->results[nth & (RL_JUDGE_MAX - 1)].answer = answer;
}

/* Goes on where an answer without a lock was none. In line, since it runs where the fewest frames
 * are on the stack: all calls in flight have 512 bytes. */
static __always_inline int rl_limit_ask(struct rl_call *call, __u32 nth, int answer)
{
	if (answer == RL_ASK_STATE)
		answer = rl_limit_locked(call, nth);
	if (answer == RL_ABSENT && call->full_until > call->now)
		answer = rl_limit_untracked(call, nth, 1);
	if (answer >= RL_ANSWERS)
		answer = rl_limit_slow(call, nth, answer);
	rl_limit_follow(call, nth, answer);
	return answer;
}

/* The one entry of packets: the nth limit that matches judges the hit. `first`: that limit, where
 * it is looked up already. */
static __always_inline int rl_limit_check(struct rl_call *call, const struct rl_control *ctl,
					  __u32 nth, struct rl_lookup *first)
{
	int answer = first ? rl_limit_fast(call, ctl, first) : rl_limit_fast_nth(call, nth);

	return answer < RL_ANSWERS ? answer : rl_limit_ask(call, nth, answer);
}

#endif
