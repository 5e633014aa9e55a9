/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that are not simply judged: what is never refused, within its budget; what could not be
 * read to its transport.
 *
 *   1. Where the addresses are known, lists and bans come before whatever is wrong with the packet.
 *   2. What comes from beyond the link (path MTU messages) meets the lists first. Discovery, MLD
 *      and DHCP do not: an address that was banned by mistake must stay one that can be reached.
 *   3. Beyond the budget a packet is judged as any other.
 */
#ifndef RL_ODD_BPF_H
#define RL_ODD_BPF_H

#include "bpf/match/lists.bpf.h"
#include "bpf/parse/exempt.h"
#include "bpf/parse/parse.h"
#include "bpf/report/event.bpf.h"

/* Whether one more of its class may pass now. */
static __always_inline int rl_within_budget(const struct rl_call *call, const struct rl_rules *set,
					    enum rl_reason reason)
{
	__u32 slot = call->slot,
	      class = (reason - RL_REASON_NEIGHBOUR_DISCOVERY) % RL_EXEMPT_CLASSES;
	struct rl_exempt *e = bpf_map_lookup_elem(&exempt, &slot);

	if (!e)
		return 0;
	if (call->now >= e->class[class].until) {
		e->class[class].until = call->now + RL_SECOND_NS;
		e->class[class].spent = 0;
	}
	if (e->class[class].spent >= set->exempt_rate)
		return 0;
	e->class[class].spent++;
	return 1;
}

/* What comes no further than the link is asked for before the lists. */
static __always_inline int rl_is_of_link(enum rl_reason reason)
{
	return rl_is_exempt(reason) && reason != RL_REASON_PATH_MTU;
}

/* Of a frame that was not read to its transport: its end, if limits have nothing to say of it. */
static __always_inline __u32 rl_end_unread(const struct rl_call *call, const struct rl_rules *set,
					   enum rl_reason reason)
{
	if (rl_is_malformed(reason) && set->flags & RL_RULES_MALFORMED_DROP)
		return rl_refuse(call, reason);
	if (!rl_is_deep(reason))
		return rl_end(reason, RL_VERDICT_PASS);
	return set->flags & RL_RULES_DEEP_JUDGE && call->pkt.addressed ? RL_ENDS
								       : rl_refuse(call, reason);
}

/* What becomes of a packet for which rl_parse_frame() has a `reason`. RL_ENDS: limits decide. */
__attribute__((noinline)) int rl_ask_odd(struct rl_call *call, int reason)
{
	enum rl_reason listed = RL_GO;
	struct rl_in_force in;

	if (!call || !rl_find_in_force(call, &in))
		return rl_end(RL_REASON_INTERNAL, RL_VERDICT_PASS);
	if (rl_is_of_link(reason) && rl_within_budget(call, in.set, reason))
		return rl_end(reason, RL_VERDICT_PASS);
	if (call->pkt.addressed && in.set->flags & RL_RULES_SOURCES)
		listed = rl_ask_sources(call, &in);
	if (listed != RL_GO)
		return rl_end_listed(call, listed);
	if (reason == RL_REASON_PATH_MTU && rl_within_budget(call, in.set, reason))
		return rl_end(reason, RL_VERDICT_PASS);
	return rl_is_exempt(reason) ? RL_ENDS : rl_end_unread(call, in.set, reason);
}

#endif
