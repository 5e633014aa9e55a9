// SPDX-License-Identifier: GPL-2.0-only
/* rld's program cut short: each of these goes one stage further than the one before and drops the
 * packet there, so that their differences are what the stages cost. On the maps of an rld at work.
 */
#include "bpf/rl.bpf.c"

enum stage { STAGE_ENTER, STAGE_SCENE, STAGE_PARSE, STAGE_MATCH, STAGE_KEY };

/* The compiler must not leave out what nobody asks for afterwards. */
static __always_inline void use(const struct rl_call *call)
{
	asm volatile("" : : "r"(call) : "memory");
}

static __always_inline void go(struct xdp_md *ctx, struct rl_call *call, enum stage last)
{
	struct rl_scene scene = {.ctl = rl_control()};
	struct rl_case c = {};

	if (last < STAGE_SCENE || !scene.ctl)
		return;
	call->generation = *(volatile __u32 *)&scene.ctl->active;
	scene.set = rl_rules(call);
	if (!scene.set || !scene.set->generation || scene.set->mode == RL_MODE_OFF)
		return;
	call->monitor = scene.set->mode == RL_MODE_MONITOR;
	call->now = rl_now_ticks(call, scene.ctl);
	use(call);
	if (last < STAGE_PARSE || rl_parse_frame(ctx, call) != RL_GO ||
	    rl_exempt(&call->pkt) != RL_GO)
		return;
	use(call);
	if (last < STAGE_MATCH || (scene.set->allow_set | scene.set->deny_set))
		return;
	rl_match(call, scene.set);
	use(call);
	if (last < STAGE_KEY || !call->count || !rl_open_case(call, &scene, 0, &c))
		return;
	use(call);
}

static __always_inline int stage(struct xdp_md *ctx, enum stage last)
{
	__u32 zero = 0;
	struct rl_call *call = bpf_map_lookup_elem(&calls, &zero);

	if (!call)
		return XDP_ABORTED;
	call->pkt.bytes = rl_frame_bytes(ctx);
	call->exact = 0;
	call->ifindex = ctx->ingress_ifindex;
	call->slot = rl_iface_slot(call->ifindex);
	go(ctx, call, last);
	return rl_leave(call, rl_end(RL_REASON_OVER_LIMIT, RL_VERDICT_DROP));
}

#define PROGRAM(name, last)                                                                        \
	SEC("xdp.frags") int name(struct xdp_md *ctx)                                              \
	{                                                                                          \
		return stage(ctx, last);                                                           \
	}
PROGRAM(enter, STAGE_ENTER)
PROGRAM(scene, STAGE_SCENE)
PROGRAM(parse, STAGE_PARSE)
PROGRAM(match, STAGE_MATCH)
PROGRAM(key, STAGE_KEY)
