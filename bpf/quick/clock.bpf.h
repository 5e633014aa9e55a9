/* SPDX-License-Identifier: GPL-2.0-only */
/* The time of a packet. */
#ifndef RL_CLOCK_BPF_H
#define RL_CLOCK_BPF_H

#include "bpf/quick/hot.bpf.h"

/* Frozen at load: the verifier removes what is switched off. */
rl_setting __u8 rl_test_clock = 0;

/* Exact. On most machines as dear as all else that a refused packet costs. */
static __always_inline __u64 rl_now(const struct rl_control *ctl)
{
	return rl_test_clock ? ctl->test_now : bpf_ktime_get_ns();
}

/* The same clock, read once a tick: late by less than RL_TICK_MAX_NS, never early. */
static __always_inline __u64 rl_now_ticks(struct rl_call *call, const struct rl_control *ctl)
{
	__u64 jiffies = bpf_jiffies64(), tick = call->tick;

	if (call->jiffies != jiffies) {
		if (rl_test_clock)
			return ctl->test_now;
		call->tick = tick = bpf_ktime_get_ns();
		call->jiffies = jiffies;
		rl_hot_choose(call);
	}
	return tick;
}

#endif
