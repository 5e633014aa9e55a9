/* SPDX-License-Identifier: GPL-2.0-only */
/* What one limit needs to judge a hit, looked up once in each function. */
#ifndef RL_LOOKUP_BPF_H
#define RL_LOOKUP_BPF_H

#include "bpf/quick/clock.bpf.h"
#include "bpf/quick/front.bpf.h"
#include "bpf/state/key.h"

/* Frozen at load: whether more is wanted of limits than their answers. Then no way is taken that
 * does not ask the state, and call->results tells of each limit. */
rl_setting __u8 rl_results = 0;

/* Not handed on, since pointers into maps do not cross into a global function; what took arithmetic
 * is, in rl_call. */
struct rl_lookup {
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
					 __u32 nth, struct rl_lookup *ret)
{
	__u32 slot;

	ret->limit = rl_limit(call, set, nth);
	ret->mark = set->front_mark;
	ret->time = rl_front_time(rl_front_ahead(call, ret->limit));
	slot = ret->limit->slot;
	ret->counters = bpf_map_lookup_elem(&limit_counters, &slot);
	return !!ret->counters;
}

/* Looks up the `nth` matching limit, for a hit that no window has counted yet. Returns 0 if it
 * cannot. */
static __always_inline int rl_lookup_limit(struct rl_call *call, const struct rl_rules *set,
					   __u32 nth, struct rl_lookup *ret)
{
	call->from = 0;
	return rl_find_limit(call, set, nth, ret);
}

static __always_inline int rl_find_bucket(const struct rl_call *call, struct rl_lookup *ret)
{
	ret->bucket = rl_front_bucket(call->fingerprint);
	return !!ret->bucket;
}

/* Looks up what follows from the key of the hit's source. */
static __always_inline int rl_lookup_key(struct rl_call *call, const struct rl_control *ctl,
					 struct rl_lookup *ret)
{
	const struct rl_limit *limit = ret->limit;

	if (limit->key == RL_KEY_SOURCE) {
		call->fingerprint = rl_fingerprint_source(limit, &call->subject, ctl->secret);
	} else {
		struct rl_key key;

		rl_make_key(&key, limit, &call->subject);
		call->fingerprint = rl_fingerprint(&key, ctl->secret);
	}
	return rl_find_bucket(call, ret);
}

/* Looks up limit and key again, in another function. */
static __always_inline int rl_lookup_again(const struct rl_call *call, __u32 nth,
					   struct rl_lookup *ret)
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
