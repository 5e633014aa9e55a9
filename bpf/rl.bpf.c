// SPDX-License-Identifier: GPL-2.0-only
/* The one object: the pipeline of a packet, and the program that forgets sources. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "rl/abi.h"

#include "exempt.h"
#include "match.bpf.h"
#include "parse.h"
#include "source.bpf.h"

/* Frozen at load: the verifier removes what is switched off. */
const volatile __u8 rl_test_clock = 0;

static __always_inline __u64 rl_now(const struct rl_control *ctl)
{
	return rl_test_clock ? ctl->test_now : bpf_ktime_get_ns();
}

static __always_inline __u32 rl_iface_slot(__u32 ifindex)
{
	rl_unroll
	for (__u32 i = 0; i < RL_IFACE_PROBES; i++) {
		__u32 place = (ifindex + i) & (RL_IFACE_TABLE - 1);
		struct rl_iface *iface = bpf_map_lookup_elem(&ifaces, &place);

		if (iface && iface->ifindex == ifindex)
			return iface->slot;
	}
	return 0;
}

struct rl_end {
	enum rl_reason reason;
	enum rl_verdict verdict;
};

static __always_inline struct rl_end rl_end(enum rl_reason reason, enum rl_verdict verdict)
{
	return (struct rl_end){reason, verdict};
}

/* A refusal, as the rule set's mode lets it be. */
static __always_inline struct rl_end rl_refuse(const struct rl_rules *set, enum rl_reason reason)
{
	return rl_end(reason,
		      set->mode == RL_MODE_ENFORCE ? RL_VERDICT_DROP : RL_VERDICT_WOULD_DROP);
}

static __always_inline struct rl_end rl_ask_limits(struct rl_call *call, const struct rl_rules *set)
{
	struct rl_end end = rl_end(RL_REASON_UNDER_LIMIT, RL_VERDICT_PASS);

	if (rl_match(call))
		return rl_end(RL_REASON_INTERNAL, RL_VERDICT_PASS);
	if (!call->count)
		return rl_end(RL_REASON_NO_LIMIT, RL_VERDICT_PASS);
	rl_no_unroll
	for (__u32 i = 0; i < RL_JUDGE_MAX; i++) {
		if (i >= call->count)
			break;
		switch (rl_judge_nth(call, i)) {
		case RL_ADMITTED:
			break;
		case RL_REFUSED:
			return rl_refuse(set, RL_REASON_OVER_LIMIT);
		case RL_REFUSED_FULL:
			return rl_refuse(set, RL_REASON_STATE_FULL);
		case RL_REFUSED_MONITORED:
			end = rl_end(RL_REASON_OVER_LIMIT, RL_VERDICT_WOULD_DROP);
			break;
		case RL_ADMITTED_FULL:
			if (end.reason == RL_REASON_UNDER_LIMIT)
				end.reason = RL_REASON_STATE_FULL;
			break;
		default:
			return rl_end(RL_REASON_INTERNAL, RL_VERDICT_PASS);
		}
	}
	return end;
}

/* Global, so that what follows is not verified once for each way through the parser. */
__attribute__((noinline)) int rl_parse_frame(struct xdp_md *ctx, struct rl_call *call)
{
	struct rl_cursor c = {(void *)(long)ctx->data, (void *)(long)ctx->data_end};

	if (!call)
		return RL_REASON_INTERNAL;
	return rl_parse(&c, &call->pkt);
}

static __always_inline struct rl_end rl_ask_rules(struct xdp_md *ctx, struct rl_call *call,
						  const struct rl_rules *set)
{
	enum rl_reason reason = rl_parse_frame(ctx, call);

	if (rl_is_malformed(reason) && set->flags & RL_RULES_MALFORMED_DROP)
		return rl_refuse(set, reason);
	if (reason == RL_GO)
		reason = rl_exempt(&call->pkt);
	if (reason != RL_GO)
		return rl_end(reason, RL_VERDICT_PASS);
	if (rl_in_set(set->allow_set, &call->pkt.source, call->now))
		return rl_end(RL_REASON_ALLOW_LIST, RL_VERDICT_PASS);
	if (rl_in_set(set->deny_set, &call->pkt.source, call->now))
		return rl_refuse(set, RL_REASON_DENY_LIST);
	return rl_ask_limits(call, set);
}

static __always_inline struct rl_end rl_pipeline(struct xdp_md *ctx, struct rl_call *call)
{
	__u32 zero = 0;
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);
	struct rl_rules *set;

	if (!ctl)
		return rl_end(RL_REASON_INTERNAL, RL_VERDICT_PASS);
	call->generation = *(volatile __u32 *)&ctl->active;
	set = bpf_map_lookup_elem(&rules, &call->generation);
	if (!set || !set->generation)
		return rl_end(RL_REASON_NO_RULES, RL_VERDICT_PASS);
	if (set->mode == RL_MODE_OFF)
		return rl_end(RL_REASON_MODE_OFF, RL_VERDICT_PASS);
	call->monitor = set->mode == RL_MODE_MONITOR;
	call->now = rl_now(ctl);
	return rl_ask_rules(ctx, call, set);
}

/* The one exit: each packet adds one to exactly one counter of its interface. */
static __always_inline int rl_leave(const struct rl_call *call, struct rl_end end)
{
	__u32 slot = call->slot;
	struct rl_iface_counters *counters = bpf_map_lookup_elem(&iface_counters, &slot);

	if (counters && end.reason < RL_REASON_COUNT && end.verdict < RL_VERDICT_COUNT) {
		counters->reason[end.reason][end.verdict].packets++;
		counters->reason[end.reason][end.verdict].bytes += call->pkt.bytes;
	}
	return end.verdict == RL_VERDICT_DROP ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int rld(struct xdp_md *ctx)
{
	struct rl_call call = {};

	call.ifindex = ctx->ingress_ifindex;
	call.slot = rl_iface_slot(call.ifindex);
	call.pkt.bytes = bpf_xdp_get_buff_len(ctx);
	return rl_leave(&call, rl_pipeline(ctx, &call));
}

static __always_inline void rl_sweep_item(struct rl_sweep *work, __u32 i, __u64 now)
{
	struct rl_key key = work->item[i].key;
	struct rl_state *st = bpf_map_lookup_elem(&states, &key);
	struct rl_limit_counters *counters;
	struct rl_fate fate = {};
	__u32 slot = work->item[i].slot;

	if (!st)
		return;
	rl_look(st, work->cutoff, now, work->op == RL_SWEEP_CLEAR, &fate);
	if (fate.refused) {
		rl_tell_recovery(&key, slot, fate.refused, now);
		work->recovered++;
	}
	if (!fate.dead)
		return;
	rl_bury(&key, fate.logs);
	work->deleted++;
	counters = bpf_map_lookup_elem(&limit_counters, &slot);
	if (counters)
		counters->expired++;
}

static long rl_sweep_nth(__u32 i, void *unused)
{
	__u32 zero = 0;
	struct rl_sweep *work = bpf_map_lookup_elem(&sweep, &zero);
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);

	if (!work || !ctl || i >= work->count || i >= RL_SWEEP_MAX)
		return 1;
	rl_sweep_item(work, i, rl_now(ctl));
	return 0;
}

/* Works through struct rl_sweep; run by the daemon, never attached. */
SEC("xdp")
int rld_sweep(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct rl_sweep *work = bpf_map_lookup_elem(&sweep, &zero);

	if (!work)
		return XDP_ABORTED;
	work->deleted = 0;
	work->recovered = 0;
	bpf_loop(RL_SWEEP_MAX, rl_sweep_nth, 0, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
