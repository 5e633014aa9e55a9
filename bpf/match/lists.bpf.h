/* SPDX-License-Identifier: GPL-2.0-only */
/* What lists and bans say of a source, before any limit is asked. */
#ifndef RL_LISTS_BPF_H
#define RL_LISTS_BPF_H

#include "bpf/match/bans.bpf.h"
#include "bpf/match/match.bpf.h"

__attribute__((noinline)) int rl_ask_lists(const struct rl_call *call)
{
	struct rl_rules *set;
	int denied;

	if (!call)
		return RL_GO;
	set = rl_rules(call);
	if (!set)
		return RL_GO;
	if (rl_in_set(set->allow_set, &call->subject.source, call->now))
		return RL_REASON_ALLOW_LIST;
	denied = rl_in_set(set->deny_set, &call->subject.source, call->now);
	if (!denied)
		return RL_GO;
	return denied == RL_IN_SET_BAN ? RL_REASON_BANNED : RL_REASON_DENY_LIST;
}

/* RL_GO, or what lists and bans say of the source. */
static __always_inline enum rl_reason rl_ask_sources(struct rl_call *call,
						     const struct rl_in_force *in)
{
	const struct rl_rules *set = in->set;
	enum rl_reason reason = RL_GO;

	if ((set->allow_set | set->deny_set) && rl_may_have(set, &call->subject.source))
		reason = rl_ask_lists(call);
	if (reason == RL_GO && set->ban_prefixes && in->ctl->bans && rl_ask_bans(call))
		reason = RL_REASON_BANNED;
	return reason;
}

static __always_inline __u32 rl_end_listed(const struct rl_call *call, enum rl_reason reason)
{
	return reason == RL_REASON_ALLOW_LIST ? rl_end(reason, RL_VERDICT_PASS)
					      : rl_refuse(call, reason);
}

#endif
