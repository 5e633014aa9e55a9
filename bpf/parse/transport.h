/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport header, as far as conditions look at it. The rules are those of parse.h. */
#ifndef RL_TRANSPORT_H
#define RL_TRANSPORT_H

#include <linux/in.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "bpf/parse/packet.h"

#define RL_PROTO_DCCP 33
#define RL_PROTO_ICMPV6 58

/* RFC 9293, in the 14th byte of the header. */
#define RL_TCP_SYN 2
#define RL_TCP_ACK 16

struct rl_icmp_header {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest;
};

/* Both are in front of each header that has them. */
rl_inline void rl_set_ports(struct rl_packet *pkt, const void *header)
{
	pkt->subject.ports = *(const __be32 *)header;
	pkt->traits |= RL_TRAIT_PORTS;
}

/* A first fragment that ends inside the transport header: Linux joins it to the next one, so it
 * must not pass as malformed. */
rl_inline int rl_is_tiny(const struct rl_packet *pkt, __u32 left, __u32 header)
{
	return left < header && pkt->traits & RL_TRAIT_FRAGMENT;
}

rl_inline enum rl_reason rl_parse_tiny(struct rl_cursor *c, struct rl_packet *pkt, __u32 left)
{
	__be32 *ports = rl_take(c, sizeof(*ports));

	if (left >= sizeof(*ports)) {
		/* They are in the frame: it is the part that is read which ends before. */
		if (!ports)
			return RL_REASON_MALFORMED_TRANSPORT;
		rl_set_ports(pkt, ports);
	}
	/* The flags are in the next one: it may open a connection. */
	if (pkt->subject.proto == IPPROTO_TCP) {
		pkt->traits |= RL_TRAIT_SYN;
		pkt->flags = RL_FLAGS_ANY;
	}
	return RL_GO;
}

rl_inline enum rl_reason rl_parse_tcp(struct rl_cursor *c, struct rl_packet *pkt, __u32 left)
{
	struct tcphdr *tcp;

	if (rl_is_tiny(pkt, left, sizeof(*tcp)))
		return rl_parse_tiny(c, pkt, left);
	tcp = rl_take(c, sizeof(*tcp));
	if (!tcp || left < sizeof(*tcp) || tcp->doff < 5)
		return RL_REASON_MALFORMED_TRANSPORT;
	if (!(pkt->traits & RL_TRAIT_FRAGMENT) && tcp->doff * 4u > left)
		return RL_REASON_MALFORMED_TRANSPORT;
	rl_set_ports(pkt, tcp);
	pkt->flags = ((const __u8 *)tcp)[13];
	if ((pkt->flags & (RL_TCP_SYN | RL_TCP_ACK)) == RL_TCP_SYN)
		pkt->traits |= RL_TRAIT_SYN;
	return RL_GO;
}

rl_inline enum rl_reason rl_parse_udp(struct rl_cursor *c, struct rl_packet *pkt, __u32 left)
{
	struct udphdr *udp = rl_take(c, sizeof(*udp));
	__u32 len;

	if (!udp || left < sizeof(*udp))
		return RL_REASON_MALFORMED_TRANSPORT;
	len = rl_ntohs(udp->len);
	/* RFC 2675: 0 is "all that is left", which Linux takes in any IPv6 datagram. */
	if (!len && !pkt->subject.ipv4)
		len = left;
	/* A fragment holds less than the datagram; UDP-Lite has the checksum's coverage there. */
	if (pkt->subject.proto == IPPROTO_UDP &&
	    (len < sizeof(*udp) || (!(pkt->traits & RL_TRAIT_FRAGMENT) && len > left)))
		return RL_REASON_MALFORMED_TRANSPORT;
	rl_set_ports(pkt, udp);
	return RL_GO;
}

rl_inline enum rl_reason rl_parse_icmp(struct rl_cursor *c, struct rl_packet *pkt, __u32 left)
{
	struct rl_icmp_header *icmp = rl_take(c, sizeof(*icmp));

	if (!icmp || left < sizeof(*icmp))
		return RL_REASON_MALFORMED_TRANSPORT;
	pkt->icmp_type = icmp->type;
	pkt->icmp_code = icmp->code;
	return RL_GO;
}

/* SCTP and DCCP: 12 bytes at least, and the ports where TCP has them. */
rl_inline enum rl_reason rl_parse_other_ports(struct rl_cursor *c, struct rl_packet *pkt,
					      __u32 left)
{
	void *header;

	if (rl_is_tiny(pkt, left, 12))
		return rl_parse_tiny(c, pkt, left);
	header = rl_take(c, 12);
	if (!header || left < 12)
		return RL_REASON_MALFORMED_TRANSPORT;
	rl_set_ports(pkt, header);
	return RL_GO;
}

/* `left`: bytes that the IP header says are left from the cursor on. */
rl_inline enum rl_reason rl_parse_transport(struct rl_cursor *c, struct rl_packet *pkt, __u32 left)
{
	switch (pkt->subject.proto) {
	case IPPROTO_TCP:
		return rl_parse_tcp(c, pkt, left);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return rl_parse_udp(c, pkt, left);
	case IPPROTO_SCTP:
	case RL_PROTO_DCCP:
		return rl_parse_other_ports(c, pkt, left);
	case IPPROTO_ICMP:
		return pkt->subject.ipv4 ? rl_parse_icmp(c, pkt, left) : RL_GO;
	case RL_PROTO_ICMPV6:
		return pkt->subject.ipv4 ? RL_GO : rl_parse_icmp(c, pkt, left);
	}
	return RL_GO;
}

#endif
