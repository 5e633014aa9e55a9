/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that are never refused, within a budget, since a network without them dies slowly:
 * discovery, path MTU, DHCP. Matched narrowly, or they would be a free pass. Sources: RFC 4861
 * (133-137 with hop limit 255), RFC 2710 and RFC 3810 (MLD: hop limit 1, link-local or unspecified
 * source), RFC 4443, RFC 792, RFC 2131, RFC 8415. */
#ifndef RL_EXEMPT_H
#define RL_EXEMPT_H

#include "bpf/parse/packet.h"

rl_inline int rl_is_unspecified(const union rl_addr *a)
{
	return !(a->word[0] | a->word[1] | a->word[2] | a->word[3]);
}

rl_inline int rl_is_link_local(const union rl_addr *a)
{
	return a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80;
}

rl_inline enum rl_reason rl_exempt_icmpv6(const struct rl_packet *pkt)
{
	__u16 type = pkt->icmp_type;

	if (type >= 133 && type <= 137 && pkt->hop_limit == 255)
		return RL_REASON_NEIGHBOUR_DISCOVERY;
	if (((type >= 130 && type <= 132) || type == 143) && pkt->hop_limit == 1 &&
	    (rl_is_link_local(&pkt->subject.source) || rl_is_unspecified(&pkt->subject.source)))
		return RL_REASON_MLD;
	return type == 2 ? RL_REASON_PATH_MTU : RL_GO;
}

/* Broadcast, unspecified, or 169.254/16. */
rl_inline int rl_is_local_ipv4(const union rl_addr *a)
{
	return a->word[3] == 0 || a->word[3] == 0xffffffff ||
	       (a->byte[12] == 169 && a->byte[13] == 254);
}

/* Link-local, unspecified, or link-local multicast. */
rl_inline int rl_is_local_ipv6(const union rl_addr *a)
{
	return rl_is_link_local(a) || rl_is_unspecified(a) ||
	       (a->byte[0] == 0xff && a->byte[1] == 0x02);
}

/* The server's, the client's is the next one; the client's, the server's is the next one. */
#define RL_DHCP_PORT 67
#define RL_DHCP6_PORT 546

rl_inline int rl_is_port_of_dhcp(__be16 port, __u16 first)
{
	return port == rl_ntohs(first) || port == rl_ntohs(first + 1);
}

/* From one of the two ports to the other. */
rl_inline int rl_has_ports_of_dhcp(const struct rl_packet *pkt, __u16 first)
{
	return rl_is_port_of_dhcp(pkt->subject.sport, first) &&
	       rl_is_port_of_dhcp(pkt->subject.dport, first) &&
	       pkt->subject.sport != pkt->subject.dport;
}

rl_inline int rl_is_dhcp(const struct rl_packet *pkt)
{
	if (pkt->subject.ipv4)
		return rl_has_ports_of_dhcp(pkt, RL_DHCP_PORT) &&
		       (rl_is_local_ipv4(&pkt->subject.source) ||
			rl_is_local_ipv4(&pkt->subject.destination));
	return rl_has_ports_of_dhcp(pkt, RL_DHCP6_PORT) &&
	       (rl_is_local_ipv6(&pkt->subject.source) ||
		rl_is_local_ipv6(&pkt->subject.destination));
}

_Static_assert(RL_REASON_NEIGHBOUR_DISCOVERY + RL_EXEMPT_CLASSES - 1 == RL_REASON_DHCP, "classes");

rl_inline int rl_is_exempt(enum rl_reason reason)
{
	return reason >= RL_REASON_NEIGHBOUR_DISCOVERY && reason <= RL_REASON_DHCP;
}

/* The reason why `pkt` must not be refused, or RL_GO. Fragments are never exempt (RFC 6980). */
rl_inline enum rl_reason rl_exempt(const struct rl_packet *pkt)
{
	if (pkt->traits & RL_TRAIT_FRAGMENT)
		return RL_GO;
	if (pkt->icmp_type != RL_ICMP_NONE) {
		if (!pkt->subject.ipv4)
			return rl_exempt_icmpv6(pkt);
		return pkt->icmp_type == 3 && pkt->icmp_code == 4 ? RL_REASON_PATH_MTU : RL_GO;
	}
	if (pkt->subject.proto == 17 && rl_is_dhcp(pkt))
		return RL_REASON_DHCP;
	return RL_GO;
}

#endif
