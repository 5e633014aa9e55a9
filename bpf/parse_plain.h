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

rl_inline int rl_parse_plain_ipv4(struct rl_cursor *c, struct rl_packet *pkt, __u32 *left)
{
	struct iphdr *ip = rl_take(c, sizeof(*ip));

	if (!ip || *(__u8 *)ip != 0x45 || ip->frag_off & rl_ntohs(0x3fff))
		return 0;
	*left = rl_ntohs(ip->tot_len) - sizeof(*ip);
	pkt->ipv4 = 1;
	pkt->proto = ip->protocol;
	pkt->hop_limit = ip->ttl;
	rl_set_ipv4(&pkt->source, ip->saddr);
	rl_set_ipv4(&pkt->destination, ip->daddr);
	return 1;
}

rl_inline int rl_parse_plain_ipv6(struct rl_cursor *c, struct rl_packet *pkt, __u32 *left)
{
	struct ipv6hdr *ip = rl_take(c, sizeof(*ip));

	if (!ip || ip->version != 6)
		return 0;
	*left = rl_ntohs(ip->payload_len);
	pkt->proto = ip->nexthdr;
	pkt->hop_limit = ip->hop_limit;
	rl_set_ipv6(&pkt->source, &ip->saddr);
	rl_set_ipv6(&pkt->destination, &ip->daddr);
	return 1;
}

rl_inline int rl_parse_plain(struct rl_cursor *c, struct rl_packet *pkt)
{
	void *start = c->pos;
	struct ethhdr *eth = rl_take(c, sizeof(*eth));
	enum rl_reason reason = RL_NOT_PLAIN;
	__u32 left = 0;
	int ip = 0;

	rl_packet_init(pkt);
	if (eth && eth->h_proto == rl_ntohs(ETH_P_IP))
		ip = rl_parse_plain_ipv4(c, pkt, &left);
	else if (eth && eth->h_proto == rl_ntohs(ETH_P_IPV6))
		ip = rl_parse_plain_ipv6(c, pkt, &left);
	if (!ip || left > pkt->bytes - (__u32)(c->pos - start))
		return RL_NOT_PLAIN;
	if (pkt->proto == IPPROTO_UDP)
		reason = rl_parse_udp(c, pkt, left);
	else if (pkt->proto == IPPROTO_TCP)
		reason = rl_parse_tcp(c, pkt, left);
	return reason == RL_GO ? RL_GO : RL_NOT_PLAIN;
}

#endif
