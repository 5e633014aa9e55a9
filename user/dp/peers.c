// SPDX-License-Identifier: GPL-2.0-only
/* Peers of protected ports, for the program to spare. */
#include <string.h>

#include "dp/internal.h"

void dp_peers_set(struct dp *dp, const union rl_addr *v, size_t count)
{
	struct rl_peers *peers = dp->peers;
	__u32 free = !peers->active;

	if (count > RL_PEERS_MAX)
		count = RL_PEERS_MAX;
	memcpy(peers->list[free].addr, v, count * sizeof(*v));
	peers->list[free].count = (__u32)count;
	__atomic_store_n(&peers->active, free, __ATOMIC_RELEASE);
}
