// SPDX-License-Identifier: GPL-2.0-only
/* rld's program cut short: each of these goes one stage further than the one before and drops the
 * packet there, so that their differences are what the stages cost. On the maps of an rld at work.
 */
#include "bpf/rl.bpf.c"

enum stage { STAGE_ENTER, STAGE_SCENE, STAGE_PARSE, STAGE_KEY };

/* The compiler must not leave out what nobody asks for afterwards. */
static __always_inline void use(const void *what)
{
	asm volatile("" : : "r"(what) : "memory");
}

static __always_inline void go(struct xdp_md *ctx, struct rl_call *call,
			       const struct rl_control *ctl, enum stage last)
{
	struct rl_in_force in = {.ctl = ctl};
	struct rl_lookup first;

	if (last < STAGE_SCENE)
		return;
	call->generation = *(volatile __u32 *)&in.ctl->active;
	in.set = rl_rules(call);
	if (!in.set || !in.set->generation || in.set->mode == RL_MODE_OFF)
		return;
	call->monitor = in.set->mode;
	call->now = rl_now_ticks(call, in.ctl);
	rl_find_sole(call, in.set, &first);
	use(call);
	if (last < STAGE_PARSE || !first.counters || rl_parse_frame(ctx, call) != RL_GO)
		return;
	use(call);
	if (last < STAGE_KEY || (in.set->allow_set | in.set->deny_set) ||
	    !rl_lookup_key(call, in.ctl, &first))
		return;
	use(first.bucket);
}

static __always_inline int stage(struct xdp_md *ctx, enum stage last)
{
	struct rl_arrival arrival;

	if (!rl_arrive(ctx, &arrival))
		return XDP_ABORTED;
	go(ctx, arrival.call, arrival.ctl, last);
	return rl_exit(&arrival, rl_end(RL_REASON_OVER_LIMIT, RL_VERDICT_DROP));
}

#define PROGRAM(name, last)                                                                        \
	SEC("xdp.frags") int name(struct xdp_md *ctx)                                              \
	{                                                                                          \
		return stage(ctx, last);                                                           \
	}
PROGRAM(enter, STAGE_ENTER)
PROGRAM(scene, STAGE_SCENE)
PROGRAM(parse, STAGE_PARSE)
PROGRAM(key, STAGE_KEY)
