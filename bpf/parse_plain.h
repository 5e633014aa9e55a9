/* SPDX-License-Identifier: GPL-2.0-only */
/* What parse.h says of most frames, in a fraction of its code: untagged, IPv4 without options or
 * IPv6 without extension headers, whole, TCP or UDP. Small enough to be in line with what follows;
 * a call costs as much as all of it.
 */
#ifndef RL_PARSE_PLAIN_H
#define RL_PARSE_PLAIN_H

#include "parse.h"

/* Of any other frame: ask rl_parse(). */
#define RL_NOT_PLAIN (RL_REASON_COUNT + 1)

/* From the Ethernet header to the end of the UDP header. */
#define RL_PLAIN4_BYTES (sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr))
#define RL_PLAIN6_BYTES (sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* Where the transport header is, or 0. */
rl_inline void *rl_plain_ipv4(struct iphdr *ip, struct rl_packet *pkt, __u32 *left)
{
	if (*(__u8 *)ip != 0x45 || ip->frag_off & rl_ntohs(0x3fff))
		return 0;
	*left = rl_ntohs(ip->tot_len) - sizeof(*ip);
	pkt->ipv4 = 1;
	pkt->proto = ip->protocol;
	pkt->hop_limit = ip->ttl;
	rl_set_ipv4(&pkt->source, ip->saddr);
	rl_set_ipv4(&pkt->destination, ip->daddr);
	return ip + 1;
}

rl_inline void *rl_plain_ipv6(struct ipv6hdr *ip, struct rl_packet *pkt, __u32 *left)
{
	if (ip->version != 6)
		return 0;
	*left = rl_ntohs(ip->payload_len);
	pkt->proto = ip->nexthdr;
	pkt->hop_limit = ip->hop_limit;
	rl_set_ipv6(&pkt->source, &ip->saddr);
	rl_set_ipv6(&pkt->destination, &ip->daddr);
	return ip + 1;
}

rl_inline int rl_plain_udp(struct udphdr *udp, struct rl_packet *pkt, __u32 left)
{
	__u32 len = rl_ntohs(udp->len);

	if (len < sizeof(*udp) || len > left)
		return RL_NOT_PLAIN;
	rl_set_ports(pkt, udp);
	return RL_GO;
}

/* One check of bounds for all headers: each that is not needed counts here. */
rl_inline int rl_parse_plain(struct rl_cursor *c, struct rl_packet *pkt)
{
	void *frame = c->pos, *transport = 0;
	__u32 left = 0;
	__be16 proto;

	rl_packet_init(pkt);
	if (frame + RL_PLAIN4_BYTES > c->end)
		return RL_NOT_PLAIN;
	proto = *(__be16 *)(frame + __builtin_offsetof(struct ethhdr, h_proto));
	if (proto == rl_ntohs(ETH_P_IP))
		transport = rl_plain_ipv4(frame + sizeof(struct ethhdr), pkt, &left);
	else if (proto == rl_ntohs(ETH_P_IPV6) && frame + RL_PLAIN6_BYTES <= c->end)
		transport = rl_plain_ipv6(frame + sizeof(struct ethhdr), pkt, &left);
	if (!transport || left > pkt->bytes - (__u32)(transport - frame))
		return RL_NOT_PLAIN;
	if (pkt->proto == IPPROTO_UDP)
		return rl_plain_udp(transport, pkt, left);
	if (pkt->proto != IPPROTO_TCP)
		return RL_NOT_PLAIN;
	c->pos = transport;
	return rl_parse_tcp(c, pkt, left) == RL_GO ? RL_GO : RL_NOT_PLAIN;
}

#endif
