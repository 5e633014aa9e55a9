/* SPDX-License-Identifier: GPL-2.0-only */
/* Bans from everything: made by a limit with `ban … everywhere`, asked before all limits. */
#ifndef RL_BANS_BPF_H
#define RL_BANS_BPF_H

#include "bpf/call/call.bpf.h"
#include "bpf/state/key.h"

static __always_inline int rl_is_banned_by(const struct rl_call *call,
					   const struct rl_ban_prefix *prefix)
{
	struct rl_ban_key key = {.prefix4 = prefix->prefix4, .prefix6 = prefix->prefix6};
	struct rl_ban *ban;

	rl_masked(&key.source, &call->subject.source,
		  call->subject.ipv4 ? &prefix->mask4 : &prefix->mask6);
	ban = bpf_map_lookup_elem(&bans, &key);
	return ban && call->now < *(volatile __u64 *)&ban->until;
}

/* Global, verified once; asked only while somebody is banned. */
__attribute__((noinline)) int rl_ask_bans(const struct rl_call *call)
{
	struct rl_rules *set;

	if (!call)
		return 0;
	set = rl_rules(call);
	if (!set)
		return 0;
	rl_no_unroll
	for (__u32 i = 0; i < RL_BAN_PREFIXES; i++) {
		if (i >= set->ban_prefixes)
			break;
		if (rl_is_banned_by(call, &set->ban_prefix[i]))
			return 1;
	}
	return 0;
}

/* A ban that is there is made longer. Without room the ban holds for the limit alone. */
static __always_inline void rl_ban_everywhere(const struct rl_call *call,
					      const struct rl_limit *limit, __u64 until)
{
	struct rl_ban_key key = {.prefix4 = limit->prefix4, .prefix6 = limit->prefix6};
	struct rl_ban ban = {.until = until, .limit_id = limit->id};
	struct rl_control *ctl = rl_control();
	struct rl_losses *l = rl_losses();
	struct rl_ban *old;

	if (!ctl)
		return;
	rl_masked(&key.source, &call->subject.source,
		  call->subject.ipv4 ? &limit->mask4 : &limit->mask6);
	if (!bpf_map_update_elem(&bans, &key, &ban, BPF_NOEXIST)) {
		__sync_fetch_and_add(&ctl->bans, 1);
		return;
	}
	old = bpf_map_lookup_elem(&bans, &key);
	if (!old && l)
		l->bans_lost++;
	else if (old && old->until < until)
		*old = ban;
}

#endif
