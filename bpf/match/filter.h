/* SPDX-License-Identifier: GPL-2.0-only */
/* A bitmap in front of the prefix trie, which costs more than all else together: where no bit is
 * set, no set has a prefix of the address. Pure.
 *
 *   1. A bit is set before its prefix goes into the trie, and stays when that goes: bits too many
 *      cost time, a bit too few would let somebody by.
 */
#ifndef RL_FILTER_H
#define RL_FILTER_H

#include "bpf/parse/packet.h"

/* IPv4: one bit for each /24. IPv6: one for the hash of each /48, and of each /32 for shorter
 * ones. */
rl_inline __u32 rl_filter_bit4(const union rl_addr *addr)
{
	return rl_ntohl(addr->word[3]) >> 8;
}

rl_inline __u32 rl_filter_hash6(__u64 bits)
{
	return (bits * 0x9e3779b97f4a7c15ull) >> (64 - RL_FILTER_BITS6_LOG);
}

rl_inline __u32 rl_filter_bit48(const union rl_addr *addr)
{
	return rl_filter_hash6(addr->half[0] & 0xffffffffffffull);
}

rl_inline __u32 rl_filter_bit32(const union rl_addr *addr)
{
	return rl_filter_hash6(~(__u64)addr->word[0]);
}

rl_inline int rl_filter_has(const __u64 *word, __u32 bit)
{
	return word[bit / 64] >> (bit % 64) & 1;
}

/* False only if no prefix covers the address. */
rl_inline int rl_filter_may(const struct rl_filter *f, const union rl_addr *addr)
{
	if (rl_is_mapped(addr))
		return rl_filter_has(f->ipv4, rl_filter_bit4(addr)) || f->all & RL_FILTER_ALL4;
	return rl_filter_has(f->ipv6, rl_filter_bit48(addr)) ||
	       rl_filter_has(f->ipv6, rl_filter_bit32(addr)) || f->all & RL_FILTER_ALL6;
}

#endif
