/* SPDX-License-Identifier: GPL-2.0-only */
/* What a limit counts a hit under, and the fingerprint that names a key in its state and in the
 * front table. Pure. */
#ifndef RL_KEY_H
#define RL_KEY_H

#include "bpf/parse/packet.h"

/* In words, see rl_set_ipv4(). */
rl_inline void rl_copy(union rl_addr *to, const union rl_addr *addr)
{
	rl_unroll
	for (int i = 0; i < 4; i++)
		to->word[i] = addr->word[i];
}

rl_inline void rl_masked(union rl_addr *to, const union rl_addr *addr, const union rl_addr *mask)
{
	rl_unroll
	for (int i = 0; i < 4; i++)
		to->word[i] = addr->word[i] & mask->word[i];
}

rl_inline void rl_make_key(struct rl_key *key, const struct rl_limit *limit,
			   const struct rl_subject *subject)
{
	*key = (struct rl_key){};
	key->limit_id = limit->id;
	if (limit->key & RL_KEY_SOURCE)
		rl_masked(&key->source, &subject->source,
			  subject->ipv4 ? &limit->mask4 : &limit->mask6);
	if (limit->key == RL_KEY_SOURCE)
		return;
	if (limit->key & RL_KEY_DESTINATION)
		rl_copy(&key->destination, &subject->destination);
	if (limit->key & RL_KEY_DPORT)
		key->dport = rl_ntohs(subject->dport);
	if (limit->key & RL_KEY_SPORT)
		key->sport = rl_ntohs(subject->sport);
	if (limit->key & RL_KEY_PROTO)
		key->proto = subject->proto;
}

/* One product of NH. */
rl_inline __u64 rl_nh(__u32 word0, __u32 word1, const __u32 *secret)
{
	return (__u64)(word0 + secret[0]) * (word1 + secret[1]);
}

rl_inline __u64 rl_nh_addr(const union rl_addr *addr, const __u32 *secret)
{
	return rl_nh(addr->word[0], addr->word[1], secret) +
	       rl_nh(addr->word[2], addr->word[3], secret + 2);
}

/* All that a key consists of. Words that most limits leave at 0 are left out where they are. */
rl_inline __u64 rl_nh_key(const struct rl_key *key, const __u32 *secret)
{
	const union rl_addr *to = &key->destination;
	__u64 sum = rl_nh_addr(&key->source, secret) +
		    rl_nh((__u32)key->dport << 16 | key->sport, key->limit_id, secret + 4);

	if (to->word[0] | to->word[1] | to->word[2] | to->word[3] | key->proto)
		sum += rl_nh_addr(to, secret + 6) + rl_nh(key->proto, 0, secret + 10);
	return sum;
}

/* Mixes two times NH, whose upper bits are the better ones, as the front table takes bits from both
 * ends. The highest is always set. */
rl_inline __u64 rl_mix(__u64 a, __u64 b)
{
	__u64 h = (a ^ __builtin_bswap64(b)) * 0x9e3779b97f4a7c15ull;

	h ^= h >> 29;
	return h | 1ull << 63;
}

/* 64 bits, never RL_DEAD nor a free entry's. Two times NH, each with a secret of its own: whoever
 * does not know it finds two keys that collide in both with a chance of 2^-64 (Black et al., "UMAC:
 * Fast and Secure Message Authentication", 1999), so nobody can aim at another's. */
rl_inline __u64 rl_fingerprint(const struct rl_key *key, const __u32 *secret)
{
	return rl_mix(rl_nh_key(key, secret), rl_nh_key(key, secret + RL_SECRET_WORDS / 2));
}

/* Key and owner of a moving window's log. */
rl_inline __u64 rl_log_owner(__u64 fingerprint, __u32 window)
{
	return fingerprint + window + 1;
}

/* Of a limit's overflow buckets, that of a source. By bits that place it nowhere else. */
rl_inline __u32 rl_spread_place(const struct rl_limit *limit, __u64 fingerprint)
{
	return limit->spread_first + ((__u32)(fingerprint >> 24) & limit->spread_mask);
}

/* Up to here the second half of an IPv6 address says nothing. */
#define RL_HALF_PREFIX 64

/* Completes a limit that is to be judged by: what of a source's fingerprint is the same for all
 * of them, which of an IPv4 source is all but its four bytes, and of most IPv6 sources all but
 * half. */
rl_inline void rl_seal(struct rl_limit *limit, const __u32 *secret)
{
	for (int i = 0; i < 2; i++, secret += RL_SECRET_WORDS / 2) {
		__u64 rest = rl_nh(0, limit->id, secret + 4);

		limit->nh[i].rest4 = rest + rl_nh(0, 0, secret);
		limit->nh[i].rest6 =
			rest + (limit->prefix6 > RL_HALF_PREFIX ? 0 : rl_nh(0, 0, secret + 2));
		limit->nh[i].factor4 = RL_MAPPED + secret[2];
		limit->nh[i].plus4 = secret[3];
	}
}

/* rl_nh_key() of an IPv4 source and the limit. */
rl_inline __u64 rl_nh_ipv4(__u32 addr, const struct rl_limit_nh *nh)
{
	return nh->rest4 + (__u64)nh->factor4 * (addr + nh->plus4);
}

/* One half of an IPv6 address. */
rl_inline __u64 rl_nh_half(const union rl_addr *addr, const union rl_addr *mask, int half,
			   const __u32 *secret)
{
	return rl_nh(addr->word[2 * half] & mask->word[2 * half],
		     addr->word[2 * half + 1] & mask->word[2 * half + 1], secret + 2 * half);
}

/* That of the key which rl_make_key() would make, for a limit that counts per source alone: without
 * a way through memory, which costs more than all the rest. */
rl_inline __u64 rl_fingerprint_source(const struct rl_limit *limit,
				      const struct rl_subject *subject, const __u32 *secret)
{
	const __u32 *other = secret + RL_SECRET_WORDS / 2;
	const union rl_addr *addr = &subject->source;
	__u32 four = addr->word[3] & limit->mask4.word[3];
	__u64 a, b;

	if (subject->ipv4) {
		a = rl_mix(rl_nh_ipv4(four, &limit->nh[0]), rl_nh_ipv4(four, &limit->nh[1]));
		rl_keep_apart();
		return a;
	}
	a = limit->nh[0].rest6 + rl_nh_half(addr, &limit->mask6, 0, secret);
	b = limit->nh[1].rest6 + rl_nh_half(addr, &limit->mask6, 0, other);
	if (limit->prefix6 > RL_HALF_PREFIX) {
		a += rl_nh_half(addr, &limit->mask6, 1, secret);
		b += rl_nh_half(addr, &limit->mask6, 1, other);
	}
	return rl_mix(a, b);
}

#endif
