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
	struct rl_scene scene = {.ctl = ctl};
	struct rl_lookup first;

	if (last < STAGE_SCENE)
		return;
	call->generation = *(volatile __u32 *)&scene.ctl->active;
	scene.set = rl_rules(call);
	if (!scene.set || !scene.set->generation || scene.set->mode == RL_MODE_OFF)
		return;
	call->monitor = scene.set->mode;
	call->now = rl_now_ticks(call, scene.ctl);
	rl_find_sole(call, scene.set, &first);
	use(call);
	if (last < STAGE_PARSE || !first.counters || rl_parse_frame(ctx, call) != RL_GO)
		return;
	use(call);
	if (last < STAGE_KEY || (scene.set->allow_set | scene.set->deny_set) ||
	    !rl_lookup_key(call, scene.ctl, &first))
		return;
	use(first.bucket);
}

static __always_inline int stage(struct xdp_md *ctx, enum stage last)
{
	struct rl_door door;

	if (!rl_come_in(ctx, &door))
		return XDP_ABORTED;
	go(ctx, door.call, door.ctl, last);
	return rl_leave(&door, rl_end(RL_REASON_OVER_LIMIT, RL_VERDICT_DROP));
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
