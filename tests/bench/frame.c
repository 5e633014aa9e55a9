// SPDX-License-Identifier: GPL-2.0-only
/* The frame that every benchmark sends. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <string.h>

#include "tests/bench/frame.h"

static unsigned put_ethernet(struct bench_frame *f, const unsigned char mac[6], bool vlan,
			     unsigned proto)
{
	struct ethhdr *eth = (void *)f->data;
	unsigned short *tag = (void *)(f->data + sizeof(*eth));

	memcpy(eth->h_dest, mac, 6);
	eth->h_source[0] = 2;
	eth->h_proto = htons(vlan ? ETH_P_8021Q : proto);
	if (!vlan)
		return sizeof(*eth);
	tag[0] = htons(10);
	tag[1] = htons(proto);
	return sizeof(*eth) + 4;
}

static void put_udp(unsigned char *at, unsigned len)
{
	struct udphdr *udp = (void *)at;

	udp->source = htons(40000);
	udp->dest = htons(9);
	udp->len = htons(len);
}

static void put_ipv4(struct bench_frame *f, struct bench_plan *plan)
{
	unsigned char *at = f->data + plan->l3;
	struct iphdr *ip = (void *)at;

	f->len = plan->l3 + 46;
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(46);
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	inet_pton(AF_INET, "192.0.2.2", &ip->daddr);
	for (unsigned i = 0; i < sizeof(*ip); i += 2)
		plan->sum += at[i] << 8 | at[i + 1];
	put_udp(at + sizeof(*ip), 46 - sizeof(*ip));
}

static void put_ipv6(struct bench_frame *f, struct bench_plan *plan)
{
	unsigned char *at = f->data + plan->l3;
	struct ipv6hdr *ip = (void *)at;

	f->len = plan->l3 + 50;
	ip->version = 6;
	ip->payload_len = htons(10);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = 64;
	inet_pton(AF_INET6, "2001:db8::1", &ip->saddr);
	inet_pton(AF_INET6, "2001:db8:ffff::2", &ip->daddr);
	put_udp(at + sizeof(*ip), 10);
}

int bench_frame(const char *kind, const unsigned char mac[6], struct bench_frame *ret,
		struct bench_plan *plan)
{
	bool vlan = !strcmp(kind, "vlan");

	plan->ipv6 = !strcmp(kind, "ipv6");
	if (!vlan && !plan->ipv6 && strcmp(kind, "ipv4"))
		return -EINVAL;
	memset(ret, 0, sizeof(*ret));
	plan->sum = 0;
	plan->l3 = put_ethernet(ret, mac, vlan, plan->ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (plan->ipv6)
		put_ipv6(ret, plan);
	else
		put_ipv4(ret, plan);
	memcpy(plan->head, ret->data, sizeof(plan->head));
	return 0;
}
