/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parser learns of a frame, and the cursor it reads with. Pure: no helper, no map,
 * compiled natively too. */
#ifndef RL_PACKET_H
#define RL_PACKET_H

#include "rl/abi.h"

#define rl_inline static inline __attribute__((always_inline))

/* Of the loop that follows; gcc knows them not, and needs them not. */
#ifdef __clang__
#define rl_no_unroll _Pragma("clang loop unroll(disable)")
#define rl_unroll _Pragma("clang loop unroll(full)")
#else
#define rl_no_unroll
#define rl_unroll
#endif

/* At the end of a branch: clang would join what two have in common, by way of the stack. */
#define rl_keep_apart() asm volatile("" : : : "memory")

/* Hides from clang where a value comes from, and makes it stand in a whole register. */
#define rl_opaque(value) asm volatile("" : "+r"(value))

#define RL_GO RL_REASON_COUNT /* of a stage: nothing decided, go on */

/* The third word of an IPv4 address. */
#define RL_MAPPED 0xffff0000u

/* IPv4 but for its four bytes. */
#define RL_IPV4_0 ((union rl_addr){.word = {[2] = RL_MAPPED}})

struct rl_packet {
	union rl_addr source;
	union rl_addr destination;
	__u32 bytes; /* layer 2, all fragments of a multi-buffer frame */
	union {
		struct {
			__be16 sport;
			__be16 dport;
		};
		__be32 ports; /* as they are in the frame: few packets have them looked at */
	};
	__u16 vlan;	 /* id of the outermost tag, or RL_VLAN_NONE */
	__u16 icmp_type; /* or RL_ICMP_NONE */
	__u8 icmp_code;
	__u8 proto;
	__u8 traits; /* enum rl_trait bits */
	__u8 hop_limit;
	__u8 ipv4;
	__u8 later; /* a fragment other than the first: its payload is no header */
	__u8 link;  /* enum rl_link; given, as `bytes` is */
	__u8 pad;
};

/* All but `bytes` and `link`, and four bytes of each address, which begin as IPv4's. */
rl_inline void rl_packet_init(struct rl_packet *pkt)
{
	pkt->source = RL_IPV4_0;
	pkt->destination = RL_IPV4_0;
	pkt->ports = 0;
	pkt->vlan = RL_VLAN_NONE;
	pkt->icmp_type = RL_ICMP_NONE;
	pkt->icmp_code = 0;
	pkt->proto = 0;
	pkt->traits = 0;
	pkt->hop_limit = 0;
	pkt->ipv4 = 0;
	pkt->later = 0;
}

/* Bounds check, then advance: the only way that the parser touches a frame. */
struct rl_cursor {
	void *pos;
	void *end;
};

rl_inline void *rl_take(struct rl_cursor *c, __u32 size)
{
	void *p = c->pos;

	if (p + size > c->end)
		return 0;
	c->pos = p + size;
	return p;
}

/* Bytes of a frame between two places. Opaque in 64 bits, or clang subtracts just the lower halves,
 * which the verifier does not let pointers have. */
rl_inline __u32 rl_bytes_between(const void *from, const void *to)
{
	long bytes = to - from;

	rl_opaque(bytes);
	return bytes;
}

rl_inline __u16 rl_ntohs(__u16 v)
{
	return __builtin_bswap16(v);
}

rl_inline __u32 rl_ntohl(__u32 v)
{
	return __builtin_bswap32(v);
}

rl_inline int rl_is_mapped(const union rl_addr *a)
{
	return !(a->word[0] | a->word[1]) && a->word[2] == RL_MAPPED;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "big-endian machines are not supported");

#endif
