// SPDX-License-Identifier: GPL-2.0-only
/* The one object: the pipeline of a packet, and the program that forgets sources. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "rl/abi.h"

#include "bpf/frame.bpf.h"
#include "bpf/hit.bpf.h"
#include "bpf/limit/move.bpf.h"
#include "bpf/limit/limit.bpf.h"
#include "bpf/odd.bpf.h"

/* Its slot, and above 16 bits its link. */
static __always_inline __u32 rl_iface_place(const struct rl_control *ctl, __u32 ifindex)
{
	rl_unroll
	for (__u32 i = 0; i < RL_IFACE_PROBES; i++) {
		__u32 place = (ifindex + i) & (RL_IFACE_TABLE - 1);
		union rl_iface iface = {.both = *(volatile __u64 *)&ctl->iface[place].both};

		if (iface.ifindex == ifindex)
			return iface.both >> 32;
	}
	return 0;
}

/* Takes a limit's answer into account. Returns 1 if it decides. */
static __always_inline int rl_conclude(const struct rl_call *call, int answer, __u32 *end)
{
	switch (answer) {
	case RL_ADMITTED:
		return 0;
	case RL_REFUSED:
		*end = rl_refuse(call, RL_REASON_OVER_LIMIT);
		return 1;
	case RL_REFUSED_BANNED:
		*end = rl_refuse(call, RL_REASON_BANNED);
		return 1;
	case RL_REFUSED_FULL:
		*end = rl_refuse(call, RL_REASON_STATE_FULL);
		return 1;
	case RL_REFUSED_MONITORED:
		*end = rl_end(RL_REASON_OVER_LIMIT, RL_VERDICT_WOULD_DROP);
		return 0;
	case RL_ADMITTED_FULL:
		if (*end == rl_end(RL_REASON_UNDER_LIMIT, RL_VERDICT_PASS))
			*end = rl_end(RL_REASON_STATE_FULL, RL_VERDICT_PASS);
		return 0;
	default:
		*end = rl_end(RL_REASON_INTERNAL, RL_VERDICT_PASS);
		return 1;
	}
}

/* Of the one limit that judges every packet, what can be found before a packet is read: a header
 * comes late, and a processor does not wait for it with what does not depend on it. */
static __always_inline void rl_find_sole(struct rl_call *call, const struct rl_rules *set,
					 struct rl_lookup *first)
{
	first->counters = 0;
	if (set->sole >= RL_LIMITS_MAX)
		return;
	call->index[0] = set->sole;
	call->count = 1;
	rl_find_limit(call, set, 0, first);
}

static __always_inline __u32 rl_ask_limits(struct rl_call *call, const struct rl_in_force *in,
					   struct rl_lookup *first)
{
	const struct rl_rules *set = in->set;
	__u32 end = rl_end(RL_REASON_UNDER_LIMIT, RL_VERDICT_PASS);

	if (!first->counters) {
		rl_match(call, set);
		if (!call->count)
			return rl_end(RL_REASON_NO_LIMIT, RL_VERDICT_PASS);
		if (!rl_lookup_limit(call, set, 0, first))
			return rl_end(RL_REASON_INTERNAL, RL_VERDICT_PASS);
	}
	if (rl_conclude(call, rl_limit_check(call, in->ctl, 0, first), &end))
		return end;
	rl_no_unroll
	for (__u32 i = 1; i < RL_JUDGE_MAX; i++) {
		if (i >= call->count ||
		    rl_conclude(call, rl_limit_check(call, in->ctl, i, 0), &end))
			break;
	}
	return end;
}

static __always_inline __u32 rl_ask_rules(struct xdp_md *ctx, struct rl_call *call,
					  const struct rl_in_force *in)
{
	const struct rl_rules *set = in->set;
	__u32 asked = set->flags & RL_RULES_SOURCES, end;
	struct rl_lookup first;
	enum rl_reason reason;

	rl_opaque(asked);
	rl_find_sole(call, set, &first);
	reason = rl_parse_frame(ctx, call);
	if (reason != RL_GO) {
		end = rl_ask_odd(call, reason);
		if (end != RL_ENDS)
			return end;
	} else if (asked) {
		reason = rl_ask_sources(call, in);
		if (reason != RL_GO)
			return rl_end_listed(call, reason);
	}
	return rl_ask_limits(call, in, &first);
}

static __always_inline __u32 rl_pipeline(struct xdp_md *ctx, struct rl_call *call,
					 const struct rl_control *ctl)
{
	struct rl_in_force in = {.ctl = ctl};

	call->generation = *(volatile __u32 *)&ctl->active;
	in.set = rl_rules(call);
	if (!in.set || !in.set->generation)
		return rl_end(RL_REASON_NO_RULES, RL_VERDICT_PASS);
	if (in.set->mode == RL_MODE_OFF)
		return rl_end(RL_REASON_MODE_OFF, RL_VERDICT_PASS);
	_Static_assert(RL_MODE_ENFORCE == 0, "else it would monitor");
	call->monitor = in.set->mode;
	call->now = rl_now_ticks(call, ctl);
	return rl_ask_rules(ctx, call, &in);
}

/* What a packet finds when it comes in. */
struct rl_arrival {
	struct rl_call *call;
	struct rl_control *ctl;
	struct rl_iface_counters *counters;
};

static __always_inline int rl_arrive(struct xdp_md *ctx, struct rl_arrival *arrival)
{
	__u32 zero = 0, place, slot;
	struct rl_call *call = bpf_map_lookup_elem(&calls, &zero);

	arrival->call = call;
	arrival->ctl = rl_control();
	if (!call || !arrival->ctl)
		return 0;
	call->subject.bytes = rl_frame_bytes(ctx);
	call->exact = 0;
	call->from = 0;
	call->ifindex = ctx->ingress_ifindex;
	place = rl_iface_place(arrival->ctl, call->ifindex);
	call->pkt.link = place >> 16;
	slot = place & 0xffff;
	call->slot = slot;
	arrival->counters = bpf_map_lookup_elem(&iface_counters, &slot);
	return !!arrival->counters;
}

/* The one exit: each packet adds one to exactly one counter of its interface. */
static __always_inline int rl_exit(const struct rl_arrival *arrival, __u32 end)
{
	struct rl_counter *counter = &arrival->counters->reason[0][0];

	/* It is; clang checks what it does not know, and the verifier knows only what is
	 * checked. */
	rl_opaque(end);
	if (end < RL_ENDS) {
		counter[end].packets++;
		counter[end].bytes += arrival->call->subject.bytes;
	}
	return end % RL_VERDICT_COUNT == RL_VERDICT_DROP ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int rld(struct xdp_md *ctx)
{
	struct rl_arrival arrival;

	if (!rl_arrive(ctx, &arrival)) /* never: the maps have what it looks up */
		return XDP_ABORTED;
	return rl_exit(&arrival, rl_pipeline(ctx, arrival.call, arrival.ctl));
}

/* Out of the old table, while there is one. Returns 1 if that was all that is to be done. */
static __always_inline int rl_sweep_move(struct rl_sweep *work, __u32 i)
{
	__u32 op = work->op, slot = work->item[i].slot;
	int drop = op == RL_SWEEP_DROP || op == RL_SWEEP_CLEAR;
	int moved = rl_move_nth(i, drop);
	struct rl_limit_counters *counters;

	if (moved != RL_MOVED_NO_ROOM) {
		work->deleted += op >= RL_SWEEP_MOVE && moved == RL_MOVED_IN;
		return op >= RL_SWEEP_MOVE;
	}
	work->deleted += op == RL_SWEEP_CLEAR;
	work->recovered += op >= RL_SWEEP_MOVE;
	counters = drop ? bpf_map_lookup_elem(&limit_counters, &slot) : 0;
	if (counters)
		counters->expired++;
	return 1;
}

static __always_inline void rl_sweep_item(struct rl_sweep *work, __u32 i,
					  const struct rl_control *ctl)
{
	const struct rl_key *key = &work->item[i].key;
	struct rl_place place = {.fingerprint = rl_fingerprint(key, ctl->secret)};
	struct rl_state *st = bpf_map_lookup_elem(&states, &place.fingerprint);
	struct rl_limit_counters *counters;
	__u64 now = rl_now(ctl);
	struct rl_expired fate = {};
	__u32 slot = work->item[i].slot;

	place.bucket = rl_front_bucket(place.fingerprint);
	if (!st || !place.bucket)
		return;
	rl_expire(st, &place, work->cutoff, now, work->op == RL_SWEEP_CLEAR, &fate);
	if (fate.refused)
		rl_tell_quiet(key, slot, fate.refused, now, RL_EVENT_RECOVERED);
	if (fate.unbanned)
		rl_tell_quiet(key, slot, fate.refused, now, RL_EVENT_UNBANNED);
	work->recovered += fate.refused || fate.unbanned;
	if (!fate.dead)
		return;
	rl_state_delete(place.fingerprint, fate.logs);
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
	if (!rl_moves || !rl_sweep_move(work, i))
		rl_sweep_item(work, i, ctl);
	return 0;
}

/* Works through struct rl_sweep; run by the daemon, never attached. */
SEC("xdp")
int rld_sweep(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct rl_sweep *work = bpf_map_lookup_elem(&sweep, &zero);
	struct rl_control *ctl = rl_control();

	if (!work || !ctl)
		return XDP_ABORTED;
	if (work->op == RL_SWEEP_GATHER)
		rl_hot_gather(0, rl_now(ctl));
	work->deleted = 0;
	work->recovered = 0;
	bpf_loop(RL_SWEEP_MAX, rl_sweep_nth, 0, 0);
	return XDP_PASS;
}

/* Judges an array of struct rl_hit; run by the daemon, never attached. */
SEC("xdp")
int rld_hit(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct rl_call *call = bpf_map_lookup_elem(&calls, &zero);

	return call && rl_hits(ctx, call) ? XDP_PASS : XDP_ABORTED;
}

char LICENSE[] SEC("license") = "GPL";
