/* SPDX-License-Identifier: GPL-2.0-only */
/* One limit on its way through judgement: what is looked up for it first, and what it may answer. */
#ifndef RL_CASE_BPF_H
#define RL_CASE_BPF_H

#include "bpf/quick/clock.bpf.h"
#include "bpf/quick/front.bpf.h"
#include "bpf/state/key.h"

enum rl_answer {
	RL_NO_ANSWER, /* internal */
	RL_ADMITTED,
	RL_REFUSED,
	RL_REFUSED_BANNED,
	RL_REFUSED_MONITORED, /* by a limit in monitor: would drop */
	RL_REFUSED_FULL,
	RL_ADMITTED_FULL,
	RL_ASK_STATE, /* not for rl_admit() */
	RL_ASK_LOGS,  /* not for rl_judge_once() */
	RL_ABSENT,    /* no state of the source */
	RL_MOVED,     /* it was moved under the packet: rl_judge_again() asks where it is now */
};

/* What judging looks up first. It is not handed on, since pointers into maps do not cross into a
 * global function; what took arithmetic is, in rl_call. */
struct rl_case {
	const struct rl_limit *limit;
	struct rl_limit_counters *counters; /* 0: no limit is found yet */
	struct rl_front_bucket *bucket;
	__u64 mark; /* of the rule set, for the front table */
	__u64 time; /* the front table's, see rl_front_ahead() */
};

/* A time that no limit's clock has come to yet: what ends later has not ended for any. */
static __always_inline __u64 rl_front_ahead(const struct rl_call *call,
					    const struct rl_limit *limit)
{
	__u64 ahead = limit->flags & RL_LIMIT_FINE_CLOCK && !rl_test_clock ? RL_TICK_MAX_NS : 0;

	return call->now + ahead;
}

/* Looks up what depends only on the limit. */
static __always_inline int rl_find_limit(const struct rl_call *call, const struct rl_rules *set,
					 __u32 nth, struct rl_case *ret)
{
	__u32 slot;

	ret->limit = rl_limit(call, set, nth);
	ret->mark = set->front_mark;
	ret->time = rl_front_time(rl_front_ahead(call, ret->limit));
	slot = ret->limit->slot;
	ret->counters = bpf_map_lookup_elem(&limit_counters, &slot);
	return !!ret->counters;
}

/* The `nth` matching limit is to judge. Returns 0 if it cannot. */
static __always_inline int rl_open_limit(struct rl_call *call, const struct rl_rules *set,
					 __u32 nth, struct rl_case *ret)
{
	call->from = 0;
	return rl_find_limit(call, set, nth, ret);
}

static __always_inline int rl_find_bucket(const struct rl_call *call, struct rl_case *ret)
{
	ret->bucket = rl_front_bucket(call->fingerprint);
	return !!ret->bucket;
}

/* Looks up what follows from the packet's key. */
static __always_inline int rl_open_case(struct rl_call *call, const struct rl_control *ctl,
					struct rl_case *ret)
{
	const struct rl_limit *limit = ret->limit;

	if (limit->key == RL_KEY_SOURCE) {
		call->fingerprint = rl_fingerprint_source(limit, &call->pkt, ctl->secret);
	} else {
		struct rl_key key;

		rl_make_key(&key, limit, &call->pkt);
		call->fingerprint = rl_fingerprint(&key, ctl->secret);
	}
	return rl_find_bucket(call, ret);
}

/* Looks up the same again, in another function. */
static __always_inline int rl_reopen_case(const struct rl_call *call, __u32 nth,
					  struct rl_case *ret)
{
	struct rl_rules *set = rl_rules(call);

	return set && rl_find_limit(call, set, nth, ret) && rl_find_bucket(call, ret);
}

static __always_inline void rl_read_clock(struct rl_call *call)
{
	struct rl_control *ctl;

	if (call->exact)
		return;
	ctl = rl_control();
	if (!ctl)
		return;
	call->now = rl_now(ctl);
	call->exact = 1;
}

/* The time that the limit needs: exact, if its windows are short. */
static __always_inline void rl_set_clock(struct rl_call *call, const struct rl_limit *limit)
{
	if (limit->flags & RL_LIMIT_FINE_CLOCK)
		rl_read_clock(call);
}

#endif
