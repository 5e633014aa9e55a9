/* SPDX-License-Identifier: GPL-2.0-only */
/* What a limit counts a packet under, and the fingerprint that names a key inside its state. Pure.
 */
#ifndef RL_KEY_H
#define RL_KEY_H

#include "packet.h"

rl_inline void rl_masked(union rl_addr *to, const union rl_addr *addr, const union rl_addr *mask)
{
	to->half[0] = addr->half[0] & mask->half[0];
	to->half[1] = addr->half[1] & mask->half[1];
}

/* `key` is all zero before. */
rl_inline void rl_make_key(struct rl_key *key, const struct rl_limit *limit,
			   const struct rl_packet *pkt)
{
	key->limit_id = limit->id;
	if (limit->key & RL_KEY_SOURCE)
		rl_masked(&key->source, &pkt->source, pkt->ipv4 ? &limit->mask4 : &limit->mask6);
	if (limit->key & RL_KEY_DESTINATION)
		key->destination = pkt->destination;
	if (limit->key & RL_KEY_DPORT)
		key->dport = pkt->dport;
	if (limit->key & RL_KEY_SPORT)
		key->sport = pkt->sport;
	if (limit->key & RL_KEY_PROTO)
		key->proto = pkt->proto;
}

rl_inline __u64 rl_mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ (h >> 32);
}

/* 64 bits, keyed with a secret so that nobody can aim at another's; never RL_DEAD. The
 * multiply-and-fold is that of MurmurHash's finaliser. */
rl_inline __u64 rl_fingerprint(const struct rl_key *key, __u64 secret)
{
	__u64 h = secret;

	h = rl_mix(h, key->source.half[0]);
	h = rl_mix(h, key->source.half[1]);
	h = rl_mix(h, key->destination.half[0]);
	h = rl_mix(h, key->destination.half[1]);
	h = rl_mix(h, (__u64)key->limit_id << 32 | (__u32)key->dport << 16 | key->sport);
	h = rl_mix(h, key->proto);
	return h == RL_DEAD ? 1 : h;
}

#endif
