/* SPDX-License-Identifier: GPL-2.0-only */
/* Frame -> struct rl_packet: Ethernet with its VLAN tags, or no header of the link, IPv4 and IPv6
 * with their extension headers, transport.
 *
 *   1. Nothing is read before the cursor has checked it against the end of the frame.
 *   2. Lengths are believed only where they agree: a header must fit the frame and what its parent
 *      says it holds.
 *   3. What follows a later fragment is never read as a transport header; such a packet is judged
 *      without ports, or it would be a way past every limit.
 *   4. Linux takes off any number of tags and extension headers. Those beyond the bounds below are
 *      said to be too deep, and never taken for anything else.
 *
 * Formats: IEEE 802.1Q, RFC 791, RFC 8200, RFC 2675, RFC 9293, RFC 768.
 */
#ifndef RL_PARSE_H
#define RL_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "bpf/parse/transport.h"

#define RL_VLAN_TAGS_MAX 8 /* priority tags (VID 0) among them */
#define RL_VLAN_IDS_MAX 2
#define RL_EXTENSIONS_MAX 8

#define RL_PROTO_MOBILITY 135
#define RL_PROTO_HIP 139
#define RL_PROTO_SHIM6 140

struct rl_vlan_header {
	__be16 tci;
	__be16 proto;
};

struct rl_extension_header {
	__u8 next;
	__u8 len;
	__be16 offset; /* of a fragment header: 13 bits, 2 reserved, "more" */
};

/* Addresses are written in words of four bytes, as most packets have them read: a processor waits
 * for stores that it must put together for a load. The rest is as rl_packet_init() left it. */
rl_inline void rl_set_ipv4(union rl_addr *addr, __be32 v4)
{
	addr->word[3] = v4;
}

rl_inline void rl_set_ipv6(union rl_addr *addr, const struct in6_addr *v6)
{
	const __be32 *w = v6->in6_u.u6_addr32;

	rl_unroll
	for (int i = 0; i < 4; i++)
		addr->word[i] = w[i];
}

/* More than the header can say, as the kernel itself puts TCP segments together (BIG TCP). */
rl_inline int rl_is_big_tcp(__u8 proto, __u32 frame_left)
{
	return proto == IPPROTO_TCP && frame_left > 0xffff;
}

rl_inline __u32 rl_ipv4_total(const struct iphdr *ip, __u32 frame_left)
{
	__u32 total = rl_ntohs(ip->tot_len);

	return !total && rl_is_big_tcp(ip->protocol, frame_left) ? frame_left : total;
}

rl_inline enum rl_reason rl_parse_ipv4(struct rl_cursor *c, struct rl_packet *pkt, __u32 frame_left)
{
	struct iphdr *ip = rl_take(c, sizeof(*ip));
	__u32 header, total, fragment;

	if (!ip || ip->version != 4 || ip->ihl < 5)
		return RL_REASON_MALFORMED_IPV4;
	header = ip->ihl * 4;
	total = rl_ipv4_total(ip, frame_left);
	pkt->subject.ipv4 = 1;
	pkt->addressed = 1;
	pkt->subject.proto = ip->protocol;
	pkt->hop_limit = ip->ttl;
	pkt->ip_bytes = total;
	rl_set_ipv4(&pkt->subject.source, ip->saddr);
	rl_set_ipv4(&pkt->subject.destination, ip->daddr);
	fragment = rl_ntohs(ip->frag_off);
	if (total < header || total > frame_left || !rl_skip(c, header - sizeof(*ip)))
		return RL_REASON_MALFORMED_IPV4;
	if (fragment & 0x3fff)
		pkt->traits |= RL_TRAIT_FRAGMENT;
	pkt->later = !!(fragment & 0x1fff);
	if (pkt->later)
		return RL_GO;
	return rl_parse_transport(c, pkt, total - header);
}

/* How long an extension header is: ((len & len_mask) + add) * unit. A table and not a switch, since
 * each branch in the walk multiplies what the verifier has to look at. Encrypted or ended (50, 59)
 * is no extension: add == 0. */
struct rl_extension_kind {
	__u8 len_mask;
	__u8 add;
	__u8 unit;
	__u8 is_fragment;
};

static const struct rl_extension_kind rl_extension_kinds[256] = {
	[IPPROTO_HOPOPTS] = {0xff, 1, 8, 0}, [IPPROTO_ROUTING] = {0xff, 1, 8, 0},
	[IPPROTO_DSTOPTS] = {0xff, 1, 8, 0}, [RL_PROTO_MOBILITY] = {0xff, 1, 8, 0},
	[RL_PROTO_HIP] = {0xff, 1, 8, 0},    [RL_PROTO_SHIM6] = {0xff, 1, 8, 0},
	[IPPROTO_AH] = {0xff, 2, 4, 0},	     [IPPROTO_FRAGMENT] = {0, 1, 8, 1},
};

/* Walks to the transport; pkt->subject.proto is what comes next at every step. *left: bytes that
 * the IP header says are left from the cursor on. */
rl_inline enum rl_reason rl_walk_extensions(struct rl_cursor *c, struct rl_packet *pkt, __u32 *left)
{
	const struct rl_extension_kind *kind;
	struct rl_extension_header *ext;
	__u32 size, fragment;

	rl_no_unroll
	for (int i = 0; i < RL_EXTENSIONS_MAX; i++) {
		kind = &rl_extension_kinds[pkt->subject.proto];
		if (!kind->add)
			return RL_GO;
		ext = rl_peek(c, sizeof(*ext));
		if (!ext)
			return RL_REASON_MALFORMED_IPV6;
		/* At most 2048; the mask tells the verifier. */
		size = (((__u32)(ext->len & kind->len_mask) + kind->add) * kind->unit) & 0xfff;
		if (size > *left || !rl_skip(c, size))
			return RL_REASON_MALFORMED_IPV6;
		*left -= size;
		fragment = rl_ntohs(ext->offset) & (0 - (__u32)kind->is_fragment);
		pkt->subject.proto = ext->next;
		pkt->traits |= fragment & 0xfff9 ? RL_TRAIT_FRAGMENT : 0;
		pkt->later |= fragment & 0xfff8 ? 1 : 0;
		if (pkt->later)
			return RL_GO;
	}
	return rl_extension_kinds[pkt->subject.proto].add ? RL_REASON_HEADER_DEPTH : RL_GO;
}

rl_inline enum rl_reason rl_parse_extensions(struct rl_cursor *c, struct rl_packet *pkt, __u32 left)
{
	enum rl_reason reason = rl_walk_extensions(c, pkt, &left);

	if (reason != RL_GO || pkt->later)
		return reason;
	return rl_parse_transport(c, pkt, left);
}

rl_inline enum rl_reason rl_parse_ipv6(struct rl_cursor *c, struct rl_packet *pkt, __u32 frame_left)
{
	struct ipv6hdr *ip = rl_take(c, sizeof(*ip));
	__u32 left;

	if (!ip || ip->version != 6)
		return RL_REASON_MALFORMED_IPV6;
	left = rl_ntohs(ip->payload_len);
	pkt->addressed = 1;
	pkt->subject.proto = ip->nexthdr;
	pkt->hop_limit = ip->hop_limit;
	rl_set_ipv6(&pkt->subject.source, &ip->saddr);
	rl_set_ipv6(&pkt->subject.destination, &ip->daddr);
	/* A jumbogram (RFC 2675) leaves the length to a hop-by-hop option. */
	if (!left && (pkt->subject.proto == IPPROTO_HOPOPTS ||
		      rl_is_big_tcp(pkt->subject.proto, frame_left)))
		left = frame_left - sizeof(*ip);
	pkt->ip_bytes = left + sizeof(*ip);
	if (pkt->ip_bytes > frame_left)
		return RL_REASON_MALFORMED_IPV6;
	return rl_parse_extensions(c, pkt, left);
}

rl_inline int rl_is_vlan(__be16 proto)
{
	return proto == rl_ntohs(ETH_P_8021Q) || proto == rl_ntohs(ETH_P_8021AD);
}

/* Takes the Ethernet header and the tags. RL_GO: *ret_proto is the type of what follows. */
rl_inline enum rl_reason rl_parse_ethernet(struct rl_cursor *c, struct rl_packet *pkt,
					   __be16 *ret_proto)
{
	struct ethhdr *eth = rl_take(c, sizeof(*eth));
	struct rl_vlan_header *tag;
	__u32 id;

	if (!eth)
		return RL_REASON_MALFORMED_ETHERNET;
	*ret_proto = eth->h_proto;
	rl_no_unroll
	for (int i = 0; i < RL_VLAN_TAGS_MAX; i++) {
		if (!rl_is_vlan(*ret_proto))
			return RL_GO;
		tag = rl_take(c, sizeof(*tag));
		if (!tag)
			return RL_REASON_MALFORMED_ETHERNET;
		id = rl_ntohs(tag->tci) & 0xfff;
		if (!pkt->vlan_ids)
			pkt->vlan = id;
		pkt->vlan_ids += !!id;
		*ret_proto = tag->proto;
	}
	return rl_is_vlan(*ret_proto) ? RL_REASON_VLAN_DEPTH : RL_GO;
}

/* Without a header of the link, the first four bits tell. */
rl_inline __be16 rl_proto_of_version(struct rl_cursor *c)
{
	__u8 *first = rl_peek(c, 1);

	if (!first)
		return 0;
	if (*first >> 4 == 4)
		return rl_ntohs(ETH_P_IP);
	return *first >> 4 == 6 ? rl_ntohs(ETH_P_IPV6) : 0;
}

rl_inline enum rl_reason rl_parse_network(struct rl_cursor *c, struct rl_packet *pkt, __be16 proto)
{
	if (proto == rl_ntohs(ETH_P_IP))
		return rl_parse_ipv4(c, pkt, pkt->subject.bytes - c->at);
	if (proto == rl_ntohs(ETH_P_IPV6))
		return rl_parse_ipv6(c, pkt, pkt->subject.bytes - c->at);
	return proto == rl_ntohs(ETH_P_ARP) ? RL_REASON_ARP : RL_REASON_NOT_IP;
}

/* Fills in all of `pkt` but `bytes` and `link`, which are read; no addresses, if there are none.
 * Returns RL_GO for a packet to be judged, else why it is not. */
rl_inline enum rl_reason rl_parse(struct rl_cursor *c, struct rl_packet *pkt)
{
	void *start = c->pos;
	__be16 proto = 0;
	enum rl_reason reason = RL_GO;

	rl_packet_init(pkt);
	pkt->vlan_ids = 0;
	if (pkt->link == RL_LINK_IP)
		proto = rl_proto_of_version(c);
	else
		reason = rl_parse_ethernet(c, pkt, &proto);
	pkt->ip_at = c->at;
	rl_go_to(c, start, *(volatile __u32 *)&pkt->ip_at & 63);
	if (reason == RL_GO)
		reason = rl_parse_network(c, pkt, proto);
	return reason == RL_GO && pkt->vlan_ids > RL_VLAN_IDS_MAX ? RL_REASON_VLAN_DEPTH : reason;
}

rl_inline int rl_is_deep(enum rl_reason reason)
{
	return reason == RL_REASON_VLAN_DEPTH || reason == RL_REASON_HEADER_DEPTH;
}

rl_inline int rl_is_malformed(enum rl_reason reason)
{
	return reason >= RL_REASON_MALFORMED_ETHERNET && reason <= RL_REASON_MALFORMED_TRANSPORT;
}

#endif
