// SPDX-License-Identifier: GPL-2.0-only
/* What protocols say of a packet: whether it has ports or a type, and how long its headers are. */
#include <netinet/in.h>

#include "conf/model/conf.h"

#define ETHERNET_BYTES 14
#define VLAN_BYTES 4

bool conf_packet_has_ports(const struct conf_packet *p)
{
	return p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP || p->proto == IPPROTO_UDPLITE ||
	       p->proto == IPPROTO_SCTP || p->proto == IPPROTO_DCCP;
}

bool conf_packet_has_icmp(const struct conf_packet *p)
{
	return p->proto == (addr_is_ipv4(&p->source) ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

__u32 conf_packet_ip(const struct conf_packet *p)
{
	if (p->link == RL_LINK_IP)
		return 0;
	return ETHERNET_BYTES + (p->vlan == RL_VLAN_NONE ? 0 : VLAN_BYTES);
}

__u32 conf_packet_headers(const struct conf_packet *p)
{
	__u32 before = conf_packet_ip(p) + (addr_is_ipv4(&p->source) ? 20 : 40);

	switch (p->proto) {
	case IPPROTO_TCP:
		return before + 20;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return before + 8;
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return before + 12;
	default:
		return before + (conf_packet_has_icmp(p) ? 8 : 0);
	}
}
