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

/* Whom and what a limit counts: all that it reads of a packet, so that who has no packet can be
 * counted, too. */
struct rl_subject {
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
	__u8 proto;
	__u8 ipv4;
	__u8 pad[2];
};

struct rl_packet {
	struct rl_subject subject;
	__u16 vlan;	 /* id of the first tag that has one, 0: none has, or RL_VLAN_NONE */
	__u16 icmp_type; /* or RL_ICMP_NONE */
	__u16 flags;	 /* of TCP, or RL_FLAGS_NONE, or RL_FLAGS_ANY */
	__u8 icmp_code;
	__u8 traits;	/* enum rl_trait bits */
	__u32 ip_bytes; /* of the IP packet, as its header says */
	__u8 hop_limit;
	__u8 later;	/* a fragment other than the first: its payload is no header */
	__u8 link;	/* enum rl_link; given, as `bytes` is */
	__u8 addressed; /* source and destination are known */
	__u32 ip_at;	/* where the IP header begins, in bytes of the frame */
	__u32 vlan_ids; /* tags that have one */
};

/* All but `bytes` and `link`, and four bytes of each address, which begin as IPv4's. */
rl_inline void rl_packet_init(struct rl_packet *pkt)
{
	pkt->subject.source = RL_IPV4_0;
	pkt->subject.destination = RL_IPV4_0;
	pkt->subject.ports = 0;
	pkt->vlan = RL_VLAN_NONE;
	pkt->icmp_type = RL_ICMP_NONE;
	pkt->icmp_code = 0;
	pkt->subject.proto = 0;
	pkt->traits = 0;
	pkt->flags = RL_FLAGS_NONE;
	pkt->ip_bytes = 0;
	pkt->hop_limit = 0;
	pkt->subject.ipv4 = 0;
	pkt->later = 0;
	pkt->addressed = 0;
}

/* Where a frame is read: bounds check, then advance, the only way that the parser touches one. By
 * pointers into its linear part, or, for headers that lie in the fragments of a multi-buffer frame,
 * by copies. Which of the two is known where it is compiled. */
struct rl_cursor {
	void *pos;
	void *end;
	__u32 at;    /* bytes from the start of the frame */
	__u32 bytes; /* of the frame: where copies end */
	/* Copies `size` bytes from `at` of `frame`, which has them; not 0: they cannot be read.
	 * 0: pointers. */
	int (*copy)(void *frame, __u32 at, void *to, __u32 size);
	void *frame;
	void *to; /* RL_COPY_BYTES; overwritten by the next copy */
	int unreadable;
};
#define RL_COPY_BYTES 40 /* the longest header that is looked at as a whole, that of IPv6 */

rl_inline void *rl_copied(struct rl_cursor *c, __u32 size)
{
	if (c->at + size > c->bytes)
		return 0;
	if (!c->copy(c->frame, c->at, c->to, size))
		return c->to;
	c->unreadable = 1;
	return 0;
}

/* Looks at what comes next. 0: there is less. */
rl_inline void *rl_peek(struct rl_cursor *c, __u32 size)
{
	if (c->copy)
		return rl_copied(c, size);
	return c->pos + size > c->end ? 0 : c->pos;
}

/* Goes on without looking. Returns 0 if there is less. */
rl_inline int rl_skip(struct rl_cursor *c, __u32 size)
{
	if (c->copy ? c->at + size > c->bytes : c->pos + size > c->end)
		return 0;
	if (!c->copy)
		c->pos += size;
	c->at += size;
	return 1;
}

rl_inline void *rl_take(struct rl_cursor *c, __u32 size)
{
	void *p = rl_peek(c, size);

	if (p && !c->copy)
		c->pos += size;
	c->at += size;
	return p;
}

/* Goes to a place that the verifier does not know, as it was read from memory: it looks at what
 * follows once, and not for each way that leads here. */
rl_inline void rl_go_to(struct rl_cursor *c, void *start, __u32 at)
{
	c->at = at;
	if (!c->copy)
		c->pos = start + at;
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
