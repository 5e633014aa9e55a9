// SPDX-License-Identifier: GPL-2.0-only
/* One packet at work: the counters before and after it, and the notes of its CPU. */
#include "at_work.h"

#include "bpf/call/call.h"

#define CPUS_MAX 1024

/* What a limit has counted. */
struct counted {
	__u64 full;
	__u64 refused;
};

/* Those of the rule set, by their index. */
static void read_limits(struct harness *h, struct counted ret[static RL_LIMITS_MAX])
{
	static struct rl_limit_counters cpus[CPUS_MAX];
	const struct rl_rules *rules = dp_rules(h->dp);

	for (__u32 i = 0; i < rules->limits; i++) {
		__u32 slot = rules->limit[i].slot;

		assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(h->dp->skel->maps.limit_counters),
						     &slot, cpus),
				 0);
		ret[i] = (struct counted){0};
		for (int c = 0; c < h->dp->cpus; c++) {
			ret[i].full += cpus[c].full;
			ret[i].refused += cpus[c].verdict[RL_VERDICT_DROP].packets +
					  cpus[c].verdict[RL_VERDICT_WOULD_DROP].packets;
		}
	}
}

static bool speaks(const struct at_work *done, const struct counted *before,
		   const struct counted *after)
{
	if (done->verdict == RL_VERDICT_PASS)
		return done->reason == RL_REASON_STATE_FULL && after->full != before->full &&
		       done->index == RL_LIMITS_MAX;
	return after->refused != before->refused;
}

static void find_decider(struct harness *h, struct at_work *done, const struct counted *before,
			 const struct counted *after)
{
	const struct rl_rules *rules = dp_rules(h->dp);
	__u32 last = rules->default_limit;

	done->index = RL_LIMITS_MAX;
	for (__u32 i = 0; i < rules->limits; i++) {
		if (i != last && speaks(done, &before[i], &after[i]))
			done->index = i;
	}
	if (last < rules->limits && speaks(done, &before[last], &after[last]))
		done->index = last;
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
		if (calls[c].result.refused)
			window = calls[c].result.window;
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
	static struct counted before[RL_LIMITS_MAX], after[RL_LIMITS_MAX];

	forget_notes(h);
	read_limits(h, before);
	ret->reason = harness_reason(h, f, &ret->verdict);
	read_limits(h, after);
	find_decider(h, ret, before, after);
	ret->window = window_at_work(h, ret);
}
