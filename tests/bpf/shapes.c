// SPDX-License-Identifier: GPL-2.0-only
/* The shapes, each built by a few lines. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "shapes.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define SRC6 "2001:db8::1"
#define DST6 "2001:db8::2"

static void arp(struct frame *f)
{
	frame_put(frame_next(packet_ethernet(f), ETH_P_ARP), NULL, 46);
}
static void other(struct frame *f)
{
	frame_put(frame_next(packet_ethernet(f), 0x88cc), NULL, 46);
}
static void udp4(struct frame *f)
{
	packet_udp(f, SRC, DST, 1, 2);
}
static void udp6(struct frame *f)
{
	packet_udp(f, SRC6, DST6, 1, 2);
}
static void tcp4(struct frame *f)
{
	packet_tcp(f, SRC, DST, 1, 2, TCP_SYN);
}
static void icmp4(struct frame *f)
{
	packet_icmp(f, SRC, DST, 8, 0);
}
static void icmp6(struct frame *f)
{
	packet_icmp(f, SRC6, DST6, 128, 0);
}
static void options4(struct frame *f)
{
	packet_end(frame_udp(packet_options(packet_ip(f, SRC, DST), 10), 1, 2));
}
static void padded(struct frame *f)
{
	frame_put(packet_udp(f, SRC, DST, 1, 2), NULL, 18);
}
static void tagged(struct frame *f)
{
	frame_vlan(packet_ethernet(f), ETH_P_8021Q, 7);
	packet_end(frame_udp(packet_between(f, SRC, DST), 1, 2));
}
static void qinq(struct frame *f)
{
	frame_vlan(frame_vlan(packet_ethernet(f), ETH_P_8021AD, 7), ETH_P_8021Q, 8);
	packet_end(frame_udp(packet_between(f, SRC6, DST6), 1, 2));
}
static void three_tags(struct frame *f)
{
	frame_vlan(frame_vlan(packet_ethernet(f), ETH_P_8021AD, 7), ETH_P_8021Q, 8);
	packet_end(frame_udp(packet_between(frame_vlan(f, ETH_P_8021Q, 9), SRC, DST), 1, 2));
}
static void cut_tag(struct frame *f)
{
	frame_put(frame_next(packet_ethernet(f), ETH_P_8021Q), NULL, 2);
}
static void ihl4(struct frame *f)
{
	udp4(f);
	f->data[14] = 0x44;
}
static void version5(struct frame *f)
{
	udp4(f);
	f->data[14] = 0x55;
}
static void long_total(struct frame *f)
{
	udp4(f);
	f->data[17]++;
}
static void short_total(struct frame *f)
{
	udp4(f);
	f->data[17] = 19;
}
static void cut_ipv4(struct frame *f)
{
	udp4(f);
	f->len = 14 + 19;
}
static void cut_ipv4_options(struct frame *f)
{
	udp4(f);
	f->data[14] = 0x4f;
	f->data[17] = 60;
}
static void cut_udp(struct frame *f)
{
	packet_end(frame_put(frame_next(packet_ip(f, SRC, DST), IPPROTO_UDP), NULL, 7));
}
static void udp_in_padding(struct frame *f)
{
	padded(f);
	f->data[17] = 20;
}
static void udp_length(struct frame *f)
{
	udp4(f);
	f->data[14 + 20 + 5] = 9;
}
static void udp_length_7(struct frame *f)
{
	udp4(f);
	f->data[14 + 20 + 5] = 7;
}
static void tcp_doff(struct frame *f)
{
	tcp4(f);
	f->data[14 + 20 + 12] = 4 << 4;
}
static void tcp_doff_long(struct frame *f)
{
	tcp4(f);
	f->data[14 + 20 + 12] = 6 << 4;
}
static void cut_icmp(struct frame *f)
{
	packet_end(frame_put(frame_next(packet_ip(f, SRC, DST), IPPROTO_ICMP), NULL, 7));
}
static void first4(struct frame *f)
{
	packet_end(frame_udp(packet_fragment(packet_ip(f, SRC, DST), 0, true), 1, 2));
	f->data[14 + 20 + 5] = 200; /* of the datagram, not of this fragment */
}
static void later4(struct frame *f)
{
	frame_next(packet_fragment(packet_ip(f, SRC, DST), 100, false), IPPROTO_TCP);
	packet_end(frame_put(f, NULL, 8));
}
static void tiny_first4(struct frame *f)
{
	frame_next(packet_fragment(packet_ip(f, SRC, DST), 0, true), IPPROTO_TCP);
	packet_end(frame_put(f, NULL, 8));
}
static void cut_ipv6(struct frame *f)
{
	udp6(f);
	f->len = 14 + 39;
}
static void long_ipv6(struct frame *f)
{
	udp6(f);
	f->data[14 + 5]++;
}
static void version4_in_6(struct frame *f)
{
	udp6(f);
	f->data[14] = 0x40;
}
static void extensions(struct frame *f)
{
	packet_extension(packet_ip(f, SRC6, DST6), IPPROTO_HOPOPTS, 2);
	packet_extension(packet_extension(f, IPPROTO_ROUTING, 3), IPPROTO_DSTOPTS, 1);
	packet_end(frame_udp(packet_extension(f, IPPROTO_AH, 3), 1, 2));
}
static void cut_extension(struct frame *f)
{
	frame_next(packet_extension(packet_ip(f, SRC6, DST6), IPPROTO_DSTOPTS, 1), IPPROTO_UDP);
	f->data[14 + 41] = 1; /* 16 bytes, of which 8 are there */
	packet_end(f);
}
static void later6(struct frame *f)
{
	frame_next(packet_fragment(packet_ip(f, SRC6, DST6), 10, false), IPPROTO_TCP);
	packet_end(frame_put(f, NULL, 3));
}
static void first6(struct frame *f)
{
	packet_end(frame_udp(packet_fragment(packet_ip(f, SRC6, DST6), 0, true), 1, 2));
}
static void udp6_length_0(struct frame *f)
{
	udp6(f);
	f->data[14 + 40 + 5] = 0;
}
static void esp(struct frame *f)
{
	packet_end(frame_put(frame_next(packet_ip(f, SRC6, DST6), IPPROTO_ESP), NULL, 3));
}
static void hop255(struct frame *f, __u8 type)
{
	packet_icmp(f, "fe80::1", "ff02::1", type, 0);
	f->data[14 + 7] = 255;
}
static void rs(struct frame *f)
{
	hop255(f, 133);
}
static void ns(struct frame *f)
{
	hop255(f, 135);
}
static void redirect(struct frame *f)
{
	hop255(f, 137);
}
static void ns_far(struct frame *f)
{
	hop255(f, 135);
	f->data[14 + 7] = 254;
}
static void mld(struct frame *f)
{
	packet_icmp(f, "fe80::1", "ff02::16", 143, 0);
	f->data[14 + 7] = 1;
}
static void mld_far(struct frame *f)
{
	packet_icmp(f, SRC6, "ff02::16", 143, 0);
	f->data[14 + 7] = 1;
}
static void too_big(struct frame *f)
{
	packet_icmp(f, SRC6, DST6, 2, 0);
}
static void frag_needed(struct frame *f)
{
	packet_icmp(f, SRC, DST, 3, 4);
}
static void unreachable(struct frame *f)
{
	packet_icmp(f, SRC, DST, 3, 3);
}
static void dhcp_discover(struct frame *f)
{
	packet_udp(f, "0.0.0.0", "255.255.255.255", 68, 67);
}
static void dhcp_offer(struct frame *f)
{
	packet_udp(f, SRC, "255.255.255.255", 67, 68);
}
static void dhcp_port_only(struct frame *f)
{
	packet_udp(f, SRC, DST, 67, 53);
}
static void dhcp_unicast(struct frame *f)
{
	packet_udp(f, SRC, DST, 67, 68);
}
static void dhcpv6(struct frame *f)
{
	packet_udp(f, "fe80::1", "ff02::1:2", 546, 547);
}
static void dhcpv6_far(struct frame *f)
{
	packet_udp(f, SRC6, DST6, 547, 546);
}

#define SHAPE(build, reason)                                                                       \
	{                                                                                          \
#build, build, RL_REASON_##reason                                                  \
	}
const struct shape shapes[] = {
	SHAPE(arp, ARP),
	SHAPE(other, NOT_IP),
	SHAPE(udp4, OVER_LIMIT),
	SHAPE(udp6, OVER_LIMIT),
	SHAPE(tcp4, OVER_LIMIT),
	SHAPE(icmp4, OVER_LIMIT),
	SHAPE(icmp6, OVER_LIMIT),
	SHAPE(options4, OVER_LIMIT),
	SHAPE(padded, OVER_LIMIT),
	SHAPE(tagged, OVER_LIMIT),
	SHAPE(qinq, OVER_LIMIT),
	SHAPE(three_tags, VLAN_DEPTH),
	SHAPE(priority_tags, OVER_LIMIT),
	SHAPE(eight_tags, OVER_LIMIT),
	SHAPE(nine_tags, VLAN_DEPTH),
	SHAPE(cut_tag, MALFORMED_ETHERNET),
	SHAPE(ihl4, MALFORMED_IPV4),
	SHAPE(version5, MALFORMED_IPV4),
	SHAPE(long_total, MALFORMED_IPV4),
	SHAPE(short_total, MALFORMED_IPV4),
	SHAPE(cut_ipv4, MALFORMED_IPV4),
	SHAPE(cut_ipv4_options, MALFORMED_IPV4),
	SHAPE(cut_udp, MALFORMED_TRANSPORT),
	SHAPE(udp_in_padding, MALFORMED_TRANSPORT),
	SHAPE(udp_length, MALFORMED_TRANSPORT),
	SHAPE(udp_length_7, MALFORMED_TRANSPORT),
	SHAPE(tcp_doff, MALFORMED_TRANSPORT),
	SHAPE(tcp_doff_long, MALFORMED_TRANSPORT),
	SHAPE(cut_icmp, MALFORMED_TRANSPORT),
	SHAPE(first4, OVER_LIMIT),
	SHAPE(later4, OVER_LIMIT),
	SHAPE(tiny_first4, OVER_LIMIT),
	SHAPE(cut_ipv6, MALFORMED_IPV6),
	SHAPE(long_ipv6, MALFORMED_IPV6),
	SHAPE(version4_in_6, MALFORMED_IPV6),
	SHAPE(extensions, OVER_LIMIT),
	SHAPE(eight_extensions, OVER_LIMIT),
	SHAPE(nine_extensions, HEADER_DEPTH),
	SHAPE(parted_tcp, OVER_LIMIT),
	SHAPE(parted_cut_tcp, MALFORMED_TRANSPORT),
	SHAPE(parted_discovery, NEIGHBOUR_DISCOVERY),
	SHAPE(parted_nine, HEADER_DEPTH),
	SHAPE(parted_cut, MALFORMED_IPV6),
	SHAPE(big_tcp4, OVER_LIMIT),
	SHAPE(big_other4, MALFORMED_IPV4),
	SHAPE(small_tcp4_length_0, MALFORMED_IPV4),
	SHAPE(big_tcp6, OVER_LIMIT),
	SHAPE(jumbo_tcp6, OVER_LIMIT),
	SHAPE(cut_extension, MALFORMED_IPV6),
	SHAPE(later6, OVER_LIMIT),
	SHAPE(first6, OVER_LIMIT),
	SHAPE(udp6_length_0, OVER_LIMIT),
	SHAPE(esp, OVER_LIMIT),
	SHAPE(rs, NEIGHBOUR_DISCOVERY),
	SHAPE(ns, NEIGHBOUR_DISCOVERY),
	SHAPE(redirect, NEIGHBOUR_DISCOVERY),
	SHAPE(ns_far, OVER_LIMIT),
	SHAPE(mld, MLD),
	SHAPE(mld_far, OVER_LIMIT),
	SHAPE(too_big, PATH_MTU),
	SHAPE(frag_needed, PATH_MTU),
	SHAPE(unreachable, OVER_LIMIT),
	SHAPE(dhcp_discover, DHCP),
	SHAPE(dhcp_offer, DHCP),
	SHAPE(dhcp_port_only, OVER_LIMIT),
	SHAPE(dhcp_unicast, OVER_LIMIT),
	SHAPE(dhcpv6, DHCP),
	SHAPE(dhcpv6_far, OVER_LIMIT),
};

const size_t shapes_count = sizeof(shapes) / sizeof(shapes[0]);
