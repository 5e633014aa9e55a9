/* SPDX-License-Identifier: GPL-2.0-only */
/* What parse.h says of most frames, in a fraction of its code: untagged, IPv4 without options or
 * IPv6 without extension headers, whole, TCP or UDP, and nothing that is exempt. Small enough to be
 * in line with what follows; a call costs as much as all of it. Leaves out the hop limit, which
 * only ICMPv6 is asked for. */
#ifndef RL_PARSE_PLAIN_H
#define RL_PARSE_PLAIN_H

#include "bpf/parse/exempt.h"
#include "bpf/parse/parse.h"

/* From the Ethernet header to the end of the UDP header. */
#define RL_PLAIN4_BYTES (sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr))
#define RL_PLAIN6_BYTES (sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* Finds how many bytes are left behind the header. */
rl_inline int rl_plain_ipv4(const struct iphdr *ip, struct rl_packet *pkt, __u32 *left)
{
	/* What is too short is very long here. */
	*left = rl_ntohs(ip->tot_len) - (__u32)sizeof(*ip);
	if (*(__u8 *)ip != 0x45 || ip->frag_off & rl_ntohs(0x3fff) ||
	    *left > pkt->subject.bytes - (__u32)(sizeof(struct ethhdr) + sizeof(*ip)))
		return 0;
	pkt->subject.ipv4 = 1;
	pkt->ip_bytes = *left + (__u32)sizeof(*ip);
	pkt->subject.proto = ip->protocol;
	rl_set_ipv4(&pkt->subject.source, ip->saddr);
	rl_set_ipv4(&pkt->subject.destination, ip->daddr);
	rl_keep_apart();
	return 1;
}

rl_inline int rl_plain_ipv6(const struct ipv6hdr *ip, struct rl_packet *pkt, __u32 *left)
{
	*left = rl_ntohs(ip->payload_len);
	if (ip->version != 6 ||
	    *left > pkt->subject.bytes - (__u32)(sizeof(struct ethhdr) + sizeof(*ip)))
		return 0;
	pkt->subject.proto = ip->nexthdr;
	pkt->ip_bytes = *left + (__u32)sizeof(*ip);
	rl_set_ipv6(&pkt->subject.source, &ip->saddr);
	rl_set_ipv6(&pkt->subject.destination, &ip->daddr);
	rl_keep_apart();
	return 1;
}

/* `dhcp`: the first of the two ports of DHCP, which may be exempt. */
rl_inline int rl_plain_udp(const struct udphdr *udp, struct rl_packet *pkt, __u32 left, __u16 dhcp)
{
	__u32 len = rl_ntohs(udp->len);

	if (len < sizeof(*udp) || len > left)
		return 0;
	rl_set_ports(pkt, udp);
	return !rl_is_port_of_dhcp(pkt->subject.sport, dhcp);
}

rl_inline int rl_plain_transport(struct rl_cursor *c, struct rl_packet *pkt, __u32 left, __u16 dhcp)
{
	if (pkt->subject.proto == IPPROTO_UDP)
		return rl_plain_udp(c->pos, pkt, left, dhcp);
	return pkt->subject.proto == IPPROTO_TCP && rl_parse_tcp(c, pkt, left) == RL_GO;
}

/* True if that is all; of any other frame ask rl_parse(). One check of bounds for all headers: each
 * that is not needed counts here. */
rl_inline int rl_parse_plain(struct rl_cursor *c, struct rl_packet *pkt)
{
	void *frame = c->pos, *ip = frame + sizeof(struct ethhdr);
	__u32 left;
	__be16 proto;

	rl_packet_init(pkt);
	if (frame + RL_PLAIN4_BYTES > c->end)
		return 0;
	proto = *(__be16 *)(frame + __builtin_offsetof(struct ethhdr, h_proto));
	if (proto == rl_ntohs(ETH_P_IP)) {
		c->pos = ip + sizeof(struct iphdr);
		return rl_plain_ipv4(ip, pkt, &left) &&
		       rl_plain_transport(c, pkt, left, RL_DHCP_PORT);
	}
	if (proto != rl_ntohs(ETH_P_IPV6) || frame + RL_PLAIN6_BYTES > c->end)
		return 0;
	c->pos = ip + sizeof(struct ipv6hdr);
	return rl_plain_ipv6(ip, pkt, &left) && rl_plain_transport(c, pkt, left, RL_DHCP6_PORT);
}

#endif
