// SPDX-License-Identifier: GPL-2.0-only
/* Building a frame. */
#include "rld/explain/explain_frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

/* As those who send it must: RFC 4861 asks for 255 in neighbour discovery, RFC 3810 for 1 in MLD.
 */
static __u8 hop_limit(const struct conf_packet *packet)
{
	if (packet->proto != IPPROTO_ICMPV6)
		return 64;
	if (packet->icmp_type >= 133 && packet->icmp_type <= 137)
		return 255;
	return (packet->icmp_type >= 130 && packet->icmp_type <= 132) || packet->icmp_type == 143
		       ? 1
		       : 64;
}

static void put_transport(const struct conf_packet *p, struct frame *f)
{
	__u8 ports[] = {(__u8)(p->sport >> 8), (__u8)p->sport, (__u8)(p->dport >> 8),
			(__u8)p->dport};

	if (p->proto == IPPROTO_TCP)
		frame_tcp(f, p->sport, p->dport, (__u8)p->flags);
	else if (p->proto == IPPROTO_UDP || p->proto == IPPROTO_UDPLITE)
		frame_udp(f, p->sport, p->dport);
	else if (conf_packet_has_ports(p))
		frame_put(f, ports, sizeof(ports));
	else if (conf_packet_has_icmp(p))
		frame_icmp(f, p->icmp_type, 0);
	frame_next(f, p->proto);
}

int explain_frame(const struct conf_packet *p, struct frame *f)
{
	static const __u8 nobody[6];

	frame_new(f);
	if (p->link == RL_LINK_ETHERNET)
		frame_ethernet(f, nobody, nobody);
	if (p->vlan != RL_VLAN_NONE)
		frame_vlan(f, ETH_P_8021Q, p->vlan);
	frame_hops(frame_ip(f, &p->source, &p->destination), hop_limit(p));
	put_transport(p, f);
	frame_put(f, NULL, p->bytes - f->len);
	return frame_end(f);
}
