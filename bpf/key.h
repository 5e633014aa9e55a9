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

rl_inline void rl_make_key(struct rl_key *key, const struct rl_limit *limit,
			   const struct rl_packet *pkt)
{
	*key = (struct rl_key){};
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

/* What most keys consist of: a source and a limit. `rest`: as below. */
rl_inline __u64 rl_nh_source(__u64 half0, __u64 half1, __u64 rest, const __u32 *secret)
{
	return rl_nh(half0, secret) + rl_nh(half1, secret + 2) + rl_nh(rest, secret + 4);
}

/* Mixes two times NH, as the front table takes bits from both ends. The highest is always set. */
rl_inline __u64 rl_mix(__u64 a, __u64 b)
{
	__u64 h = a ^ (b >> 32 | b << 32);

	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ull;
	h ^= h >> 29;
	return h | 1ull << 63;
}

/* 64 bits, never RL_DEAD nor a free entry's. Two times NH, each with a secret of its own: whoever
 * does not know it finds two keys that collide in both with a chance of 2^-64 (Black et al., "UMAC:
 * Fast and Secure Message Authentication", 1999), so nobody can aim at another's. Words that most
 * limits leave at 0 are left out where they are. */
rl_inline __u64 rl_fingerprint(const struct rl_key *key, const __u32 *secret)
{
	const __u32 *other = secret + RL_SECRET_WORDS / 2;
	__u64 rest = (__u64)key->limit_id << 32 | (__u32)key->dport << 16 | key->sport;
	__u64 a = rl_nh_source(key->source.half[0], key->source.half[1], rest, secret);
	__u64 b = rl_nh_source(key->source.half[0], key->source.half[1], rest, other);

	if (key->destination.half[0] | key->destination.half[1] | key->proto) {
		a += rl_nh_source(key->destination.half[0], key->destination.half[1], key->proto,
				  secret + 6);
		b += rl_nh_source(key->destination.half[0], key->destination.half[1], key->proto,
				  other + 6);
	}
	return rl_mix(a, b);
}

/* Key and owner of a moving window's log. */
rl_inline __u64 rl_log_owner(__u64 fingerprint, __u32 window)
{
	return fingerprint + window + 1;
}

/* Completes a limit that is to be judged by: what of an IPv4 source's fingerprint is the same for
 * all of them, half 0 of the address and the rest of the key. */
rl_inline void rl_seal(struct rl_limit *limit, const __u32 *secret)
{
	__u64 rest = (__u64)limit->id << 32;

	for (int i = 0; i < 2; i++, secret += RL_SECRET_WORDS / 2)
		limit->nh4[i] = rl_nh(0, secret) + rl_nh(rest, secret + 4);
}

/* That of the key which rl_make_key() would make, for a limit that counts per source alone: without
 * a way through memory, which costs more than all the rest. */
rl_inline __u64 rl_fingerprint_source(const struct rl_limit *limit, const struct rl_packet *pkt,
				      const __u32 *secret)
{
	const __u32 *other = secret + RL_SECRET_WORDS / 2;
	__u64 half0, half1, rest;

	if (pkt->ipv4) {
		half1 = pkt->source.half[1] & limit->mask4.half[1];
		return rl_mix(limit->nh4[0] + rl_nh(half1, secret + 2),
			      limit->nh4[1] + rl_nh(half1, other + 2));
	}
	half0 = pkt->source.half[0] & limit->mask6.half[0];
	half1 = pkt->source.half[1] & limit->mask6.half[1];
	rest = (__u64)limit->id << 32;
	return rl_mix(rl_nh_source(half0, half1, rest, secret),
		      rl_nh_source(half0, half1, rest, other));
}

#endif
