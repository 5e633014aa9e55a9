/* SPDX-License-Identifier: GPL-2.0-only */
/* What a limit counts a packet under, and the fingerprint that names a key in its state and in the
 * front table. Pure.
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
	if (limit->key == RL_KEY_SOURCE)
		return;
	if (limit->key & RL_KEY_DESTINATION)
		key->destination = pkt->destination;
	if (limit->key & RL_KEY_DPORT)
		key->dport = pkt->dport;
	if (limit->key & RL_KEY_SPORT)
		key->sport = pkt->sport;
	if (limit->key & RL_KEY_PROTO)
		key->proto = pkt->proto;
}

/* One product of NH. */
rl_inline __u64 rl_nh(__u64 word, const __u32 *secret)
{
	return (__u64)((__u32)word + secret[0]) * ((__u32)(word >> 32) + secret[1]);
}

/* NH over the words of a key. Those that most limits leave at 0 are left out where they are. */
rl_inline __u64 rl_nh_key(const struct rl_key *key, const __u32 *secret)
{
	__u64 rest = (__u64)key->limit_id << 32 | (__u32)key->dport << 16 | key->sport;
	__u64 h = rl_nh(key->source.half[0], secret) + rl_nh(key->source.half[1], secret + 2) +
		  rl_nh(rest, secret + 4);

	if (key->destination.half[0] | key->destination.half[1] | key->proto)
		h += rl_nh(key->destination.half[0], secret + 6) +
		     rl_nh(key->destination.half[1], secret + 8) + rl_nh(key->proto, secret + 10);
	return h;
}

/* 64 bits, the highest always set, so never RL_DEAD nor a free entry's. Two times NH, each with a
 * secret of its own: whoever does not know it finds two keys that collide in both with a chance of
 * 2^-64 (Black et al., "UMAC: Fast and Secure Message Authentication", 1999), so nobody can aim at
 * another's. Then mixed, as the front table takes bits from both ends. */
rl_inline __u64 rl_fingerprint(const struct rl_key *key, const __u32 *secret)
{
	__u64 a = rl_nh_key(key, secret), b = rl_nh_key(key, secret + RL_SECRET_WORDS / 2);
	__u64 h = a ^ (b >> 32 | b << 32);

	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ull;
	h ^= h >> 29;
	return h | 1ull << 63;
}

#endif
