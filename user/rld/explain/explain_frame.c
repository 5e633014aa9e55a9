// SPDX-License-Identifier: GPL-2.0-only
/* Building a frame. Nobody looks at checksums, so they stay 0. */
#include "rld/explain/explain_frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

static void put16(__u8 *to, __u32 value)
{
	to[0] = (__u8)(value >> 8);
	to[1] = (__u8)value;
}

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

static void put_ipv4(const struct conf_packet *packet, __u8 *ip, __u32 len)
{
	ip[0] = 0x45;
	put16(ip + 2, len);
	ip[8] = 64;
	ip[9] = packet->proto;
	memcpy(ip + 12, &packet->source.byte[12], 4);
	memcpy(ip + 16, &packet->destination.byte[12], 4);
}

static void put_ipv6(const struct conf_packet *packet, __u8 *ip, __u32 len)
{
	ip[0] = 0x60;
	put16(ip + 4, len - 40);
	ip[6] = packet->proto;
	ip[7] = hop_limit(packet);
	memcpy(ip + 8, packet->source.byte, 16);
	memcpy(ip + 24, packet->destination.byte, 16);
}

static void put_transport(const struct conf_packet *packet, __u8 *at, __u32 len)
{
	if (conf_packet_has_ports(packet)) {
		put16(at, packet->sport);
		put16(at + 2, packet->dport);
	}
	if (packet->proto == IPPROTO_TCP) {
		at[12] = 5 << 4;
		at[13] = (__u8)packet->flags;
	} else if (packet->proto == IPPROTO_UDP || packet->proto == IPPROTO_UDPLITE) {
		put16(at + 4, len);
	} else if (packet->proto == IPPROTO_ICMP || packet->proto == IPPROTO_ICMPV6) {
		at[0] = packet->icmp_type;
	}
}

void explain_frame(const struct conf_packet *packet, __u8 *frame)
{
	bool ipv4 = addr_is_ipv4(&packet->source);
	__u32 ip = conf_packet_ip(packet), transport = conf_packet_transport(packet);

	if (packet->vlan != RL_VLAN_NONE) {
		put16(frame + 12, ETH_P_8021Q);
		put16(frame + 14, packet->vlan);
	}
	if (packet->link == RL_LINK_ETHERNET)
		put16(frame + ip - 2, ipv4 ? ETH_P_IP : ETH_P_IPV6);
	if (ipv4)
		put_ipv4(packet, frame + ip, packet->bytes - ip);
	else
		put_ipv6(packet, frame + ip, packet->bytes - ip);
	put_transport(packet, frame + transport, packet->bytes - transport);
}
