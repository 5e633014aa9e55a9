// SPDX-License-Identifier: GPL-2.0-only
/* One packet at work: the counters before and after it, and the notes of its CPU. */
#include "at_work.h"

#include "bpf/call.h"

#define CPUS_MAX 1024

static bool speaks(const struct at_work *done, const struct rl_limit_counters *before,
		   const struct rl_limit_counters *after)
{
	if (done->verdict == RL_VERDICT_PASS)
		return done->reason == RL_REASON_STATE_FULL && after->full != before->full &&
		       done->index == RL_LIMITS_MAX;
	return after->verdict[RL_VERDICT_DROP].packets !=
		       before->verdict[RL_VERDICT_DROP].packets ||
	       after->verdict[RL_VERDICT_WOULD_DROP].packets !=
		       before->verdict[RL_VERDICT_WOULD_DROP].packets;
}

static void find_decider(struct harness *h, struct at_work *done,
			 const struct rl_limit_counters *before,
			 const struct rl_limit_counters *after)
{
	const struct rl_rules *rules = dp_rules(h->dp);

	done->index = RL_LIMITS_MAX;
	/* `default` judges last, wherever it stands. */
	for (__u32 i = 0; i <= rules->limits; i++) {
		__u32 index = i < rules->limits ? i : rules->default_limit;
		__u32 slot = rules->limit[index % RL_LIMITS_MAX].slot;

		if ((i < rules->limits) == (index != rules->default_limit) &&
		    index < rules->limits && speaks(done, &before[slot], &after[slot]))
			done->index = index;
	}
}

/* Of the limit that judged last; none where it was the front table, which speaks for the first. */
static int window_at_work(struct harness *h, const struct at_work *done)
{
	const struct rl_limit *limit = &dp_rules(h->dp)->limit[done->index % RL_LIMITS_MAX];
	static struct rl_call calls[CPUS_MAX];
	__u32 zero = 0;
	int window = 0;

	if (done->index == RL_LIMITS_MAX || done->reason == RL_REASON_BANNED ||
	    (done->reason == RL_REASON_STATE_FULL && limit->on_full == RL_ON_FULL_DROP))
		return -1;
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(h->dp->skel->maps.calls), &zero, calls),
			 0);
	for (int c = 0; c < h->dp->cpus; c++) {
		if (calls[c].out.refused)
			window = calls[c].out.window;
	}
	return window;
}

static void forget_notes(struct harness *h)
{
	static const struct rl_call calls[CPUS_MAX];
	__u32 zero = 0;

	assert_int_equal(bpf_map_update_elem(bpf_map__fd(h->dp->skel->maps.calls), &zero, calls, 0),
			 0);
}

void at_work_run(struct harness *h, const struct frame *f, struct at_work *ret)
{
	static struct rl_limit_counters before[RL_SLOTS_MAX], after[RL_SLOTS_MAX];

	forget_notes(h);
	assert_int_equal(dp_limit_counters(h->dp, before), 0);
	ret->reason = harness_reason(h, f, &ret->verdict);
	assert_int_equal(dp_limit_counters(h->dp, after), 0);
	find_decider(h, ret, before, after);
	ret->window = window_at_work(h, ret);
}
