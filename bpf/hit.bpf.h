/* SPDX-License-Identifier: GPL-2.0-only */
/* Hits that no packet brings: an application names a limit per app and a key, of which we get a
 * digest, and the limit judges it as it judges packets, in the same states. Always by the state
 * itself, under its lock: whoever asks wants to hear what is left, too.
 *
 * While hits are judged the CPU runs no packet, since the kernel holds softirqs off for both, so
 * they may use the packets' rl_call; what outlives a packet there is left alone. */
#ifndef RL_HIT_BPF_H
#define RL_HIT_BPF_H

#include "bpf/limit/limit.bpf.h"

static __always_inline int rl_is_limit_of(const struct rl_limit *limit, const struct rl_hit *hit)
{
	return limit->id == hit->limit_id && limit->key & RL_KEY_APP &&
	       !(limit->flags & RL_LIMIT_DISABLED);
}

static __always_inline void rl_hit_subject(struct rl_subject *subject, const struct rl_hit *hit)
{
	*subject = (struct rl_subject){};
	rl_copy(&subject->source, &hit->key);
	subject->bytes = hit->cost;
}

static __always_inline void rl_hit_answer(struct rl_hit *hit, const struct rl_call *call,
					  int answer)
{
	hit->answer = answer;
	hit->window = call->result.window;
	hit->untracked = call->result.untracked;
	hit->now = call->now;
	hit->until = call->result.until;
	hit->state = call->decided;
}

/* The limit's answer, RL_NO_ANSWER if it is not there. */
static __always_inline int rl_hit_judge(struct rl_call *call, struct rl_hit *hit)
{
	struct rl_lookup c = {};
	struct rl_in_force in;

	if (!rl_find_in_force(call, &in) || !in.set->generation)
		return RL_NO_ANSWER;
	hit->mode = in.set->mode;
	call->monitor = in.set->mode;
	call->now = rl_now(in.ctl);
	call->index[0] = hit->index;
	rl_hit_subject(&call->subject, hit);
	call->decided = (struct rl_window_state){};
	rl_result(call);
	if (hit->index >= in.set->limits || !rl_lookup_limit(call, in.set, 0, &c) ||
	    !rl_is_limit_of(c.limit, hit))
		return RL_NO_ANSWER;
	if (in.set->mode == RL_MODE_OFF)
		return RL_ADMITTED;
	if (!rl_lookup_key(call, in.ctl, &c))
		return RL_NO_ANSWER;
	return rl_limit_ask(call, 0, RL_ASK_STATE);
}

static __always_inline int rl_hit_one(struct xdp_md *ctx, struct rl_call *call, __u32 at)
{
	struct rl_hit hit;
	int answer;

	if (bpf_xdp_load_bytes(ctx, at, &hit, sizeof(hit)))
		return 0;
	answer = rl_hit_judge(call, &hit);
	rl_hit_answer(&hit, call, answer);
	return !bpf_xdp_store_bytes(ctx, at, &hit, sizeof(hit));
}

static long rl_hit_nth(__u32 nth, struct xdp_md **frame)
{
	__u32 zero = 0;
	struct rl_call *call = bpf_map_lookup_elem(&calls, &zero);

	return !call || !rl_hit_one(*frame, call, nth * sizeof(struct rl_hit));
}

static __always_inline int rl_hits(struct xdp_md *ctx, struct rl_call *call)
{
	struct rl_control *ctl = rl_control();

	if (!ctl)
		return 0;
	call->generation = *(volatile __u32 *)&ctl->active;
	call->ifindex = 0;
	call->count = 1;
	call->exact = 1;
	call->hit = 1;
	bpf_loop(RL_HITS_MAX, rl_hit_nth, &ctx, 0);
	call->hit = 0;
	return 1;
}

#endif
