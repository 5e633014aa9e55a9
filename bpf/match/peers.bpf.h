/* SPDX-License-Identifier: GPL-2.0-only */
/* Peers of protected ports: asked about where a ban is due, and nowhere else. */
#ifndef RL_PEERS_BPF_H
#define RL_PEERS_BPF_H

#include "bpf/call/call.bpf.h"

/* True if one of them is among those whom a ban by this limit would hit: who is as the packet's
 * source under the limit's prefix. */
static __always_inline int rl_hits_a_peer(const struct rl_call *call, const struct rl_limit *limit)
{
	const union rl_addr *mask = call->subject.ipv4 ? &limit->mask4 : &limit->mask6;
	__u64 upper = call->subject.source.half[0], lower = call->subject.source.half[1];
	__u32 zero = 0;
	struct rl_peers *all = bpf_map_lookup_elem(&peers, &zero);
	const struct rl_peer_list *list;

	if (!all)
		return 0;
	list = &all->list[*(volatile __u32 *)&all->active & 1];
	rl_no_unroll
	for (__u32 i = 0; i < RL_PEERS_MAX; i++) {
		if (i >= list->count)
			break;
		if (!(((list->addr[i].half[0] ^ upper) & mask->half[0]) |
		      ((list->addr[i].half[1] ^ lower) & mask->half[1])))
			return 1;
	}
	return 0;
}

#endif
