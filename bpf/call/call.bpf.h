/* SPDX-License-Identifier: GPL-2.0-only */
/* What the stages of a packet hand on to each other, at work. */
#ifndef RL_CALL_BPF_H
#define RL_CALL_BPF_H

#include "bpf/call/call.h"
#include "bpf/state/maps.bpf.h"
#include "bpf/state/states.bpf.h"

/* One a CPU and program, since the stack has 512 bytes for all calls in flight and this would take
 * a third of it. Packets of a CPU come one after the other: the kernel runs XDP with its softirqs
 * held off. Never pinned. */
RL_ARRAY(calls, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_call, 1, 0);

/* Empty, for the judge that begins. */
static __always_inline struct rl_result *rl_result(struct rl_call *call)
{
	call->result = (struct rl_result){};
	return &call->result;
}

static __always_inline int rl_monitored(const struct rl_call *call, const struct rl_limit *limit)
{
	return call->monitor | (limit->flags & RL_LIMIT_MONITOR);
}

static __always_inline struct rl_control *rl_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline struct rl_rules *rl_rules(const struct rl_call *call)
{
	__u32 generation = call->generation;

	return bpf_map_lookup_elem(&rules, &generation);
}

/* Looked up from the stack: before Linux 6.2 a key may not lie in what a global function was
 * given. */
static __always_inline struct rl_state *rl_state(const struct rl_call *call)
{
	return rl_find_state(call->fingerprint);
}

/* What a packet is judged by, found once in each function. */
struct rl_in_force {
	const struct rl_control *ctl;
	const struct rl_rules *set;
};

static __always_inline int rl_find_in_force(const struct rl_call *call, struct rl_in_force *ret)
{
	ret->ctl = rl_control();
	ret->set = rl_rules(call);
	return ret->ctl && ret->set;
}

static __always_inline const struct rl_limit *rl_limit(const struct rl_call *call,
						       const struct rl_rules *set, __u32 nth)
{
	__u32 index = call->index[nth & (RL_JUDGE_MAX - 1)] & (RL_LIMITS_MAX - 1);
	const struct rl_limit *limit = &set->limit[index];

	/* Or clang adds it up anew for each field. */
	rl_opaque(limit);
	return limit;
}

/* How a packet leaves: its reason and its verdict in one number, which is that of their counter. */
static __always_inline __u32 rl_end(enum rl_reason reason, enum rl_verdict verdict)
{
	return reason * RL_VERDICT_COUNT + verdict;
}
#define RL_ENDS (RL_REASON_COUNT * RL_VERDICT_COUNT)

/* A refusal, as the rule set's mode lets it be. */
static __always_inline __u32 rl_refuse(const struct rl_call *call, enum rl_reason reason)
{
	return rl_end(reason, call->monitor ? RL_VERDICT_WOULD_DROP : RL_VERDICT_DROP);
}

#endif
