// SPDX-License-Identifier: GPL-2.0-only
/* The kinds of frame, each built by a few lines. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/tools/lib/kinds.h"

static void put(struct frame *f, const void *bytes, size_t len)
{
	memcpy(f->byte + f->len, bytes, len);
	f->len += len;
}

static void put16(struct frame *f, unsigned value)
{
	unsigned short v = htons((unsigned short)value);

	put(f, &v, 2);
}

static void put_zeros(struct frame *f, size_t len)
{
	memset(f->byte + f->len, 0, len);
	f->len += len;
}

static void put_ethernet(struct frame *f, const struct job *job, unsigned proto)
{
	f->len = 0;
	put(f, job->to, 6);
	put(f, job->from, 6);
	for (int i = 0; i < job->vlans; i++) {
		put16(f, job->vlans == 2 && i == 0 ? 0x88a8 : 0x8100);
		put16(f, job->vlan[i]);
	}
	put16(f, proto);
}

/* Ones' complement sum of RFC 1071, not yet folded. */
static unsigned sum(const void *bytes, size_t len, unsigned start)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		start += i % 2 ? at[i] : (unsigned)at[i] << 8;
	return start;
}

static unsigned short fold(unsigned total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons((unsigned short)~total);
}

/* The headers up to the transport, which will have `left` bytes. `fragment`: the IPv4 field in host
 * order. */
static void put_ipv4(struct frame *f, const struct job *job, const unsigned char *src,
		     unsigned proto, size_t left, unsigned fragment)
{
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = (unsigned char)proto};

	ip.tot_len = htons((unsigned short)(sizeof(ip) + left));
	ip.frag_off = htons((unsigned short)fragment);
	memcpy(&ip.saddr, src, 4);
	memcpy(&ip.daddr, job->dst, 4);
	ip.check = fold(sum(&ip, sizeof(ip), 0));
	put_ethernet(f, job, ETHERTYPE_IP);
	put(f, &ip, sizeof(ip));
}

static void put_ipv6(struct frame *f, const struct job *job, const unsigned char *src,
		     unsigned next, size_t left, unsigned hops)
{
	struct ip6_hdr ip = {0};

	ip.ip6_vfc = 0x60;
	ip.ip6_plen = htons((unsigned short)left);
	ip.ip6_nxt = (unsigned char)next;
	ip.ip6_hlim = (unsigned char)hops;
	memcpy(&ip.ip6_src, src, 16);
	memcpy(&ip.ip6_dst, job->dst, 16);
	put_ethernet(f, job, ETHERTYPE_IPV6);
	put(f, &ip, sizeof(ip));
}

static void put_ip(struct frame *f, const struct job *job, const unsigned char *src, unsigned proto,
		   size_t left)
{
	if (job->family == AF_INET)
		put_ipv4(f, job, src, proto, left, 0);
	else
		put_ipv6(f, job, src, proto, left, 64);
}

static unsigned pseudo(const struct job *job, const unsigned char *src, unsigned proto, size_t len)
{
	size_t size = job->family == AF_INET ? 4 : 16;

	return sum(job->dst, size, sum(src, size, proto + (unsigned)len));
}

static void put_udp(struct frame *f, const struct job *job, const unsigned char *src)
{
	size_t len = sizeof(struct udphdr) + job->length;
	struct udphdr *udp = (struct udphdr *)(f->byte + f->len);

	put16(f, job->sport);
	put16(f, job->dport);
	put16(f, (unsigned)len);
	put16(f, 0);
	put_zeros(f, job->length);
	udp->check = fold(sum(udp, len, pseudo(job, src, IPPROTO_UDP, len)));
}

static void make_udp(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ip(f, job, src, IPPROTO_UDP, sizeof(struct udphdr) + job->length);
	put_udp(f, job, src);
}

static void make_syn(struct frame *f, const struct job *job, const unsigned char *src)
{
	struct tcphdr tcp = {.source = htons((unsigned short)job->sport),
			     .dest = htons((unsigned short)job->dport),
			     .doff = 5,
			     .syn = 1,
			     .window = htons(1024)};

	put_ip(f, job, src, IPPROTO_TCP, sizeof(tcp));
	tcp.check = fold(sum(&tcp, sizeof(tcp), pseudo(job, src, IPPROTO_TCP, sizeof(tcp))));
	put(f, &tcp, sizeof(tcp));
}

static void make_echo(struct frame *f, const struct job *job, const unsigned char *src)
{
	bool v4 = job->family == AF_INET;
	unsigned char icmp[16] = {v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST};
	unsigned short check = fold(
		sum(icmp, sizeof(icmp), v4 ? 0 : pseudo(job, src, IPPROTO_ICMPV6, sizeof(icmp))));

	memcpy(icmp + 2, &check, 2);
	put_ip(f, job, src, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, sizeof(icmp));
	put(f, icmp, sizeof(icmp));
}

static void make_arp(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ethernet(f, job, ETHERTYPE_ARP);
	put16(f, 1);
	put16(f, ETHERTYPE_IP);
	put16(f, 0x0604);
	put16(f, 2); /* a reply nobody asked for */
	put(f, job->from, 6);
	put(f, src, 4);
	put(f, job->to, 6);
	put(f, job->dst, 4);
}

static void make_not_ip(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ethernet(f, job, 0x88b5);
	put_zeros(f, 46);
}

/* Ends within the IP header. */
static void make_short_ip(struct frame *f, const struct job *job, const unsigned char *src)
{
	make_udp(f, job, src);
	f->len = 14 + 4 * (size_t)job->vlans + 12;
}

static void make_bad_version(struct frame *f, const struct job *job, const unsigned char *src)
{
	make_udp(f, job, src);
	f->byte[14 + 4 * job->vlans] = 0x35;
}

/* The IP header promises more than the frame holds. */
static void make_long_ip(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ip(f, job, src, IPPROTO_UDP, 1000);
	put_udp(f, job, src);
}

static void make_short_tcp(struct frame *f, const struct job *job, const unsigned char *src)
{
	put_ip(f, job, src, IPPROTO_TCP, 8);
	put_zeros(f, 8);
}

static void make_first_fragment(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char ext[8] = {IPPROTO_UDP, 0, 0, 1, 0, 0, 0, 7};
	size_t len = sizeof(struct udphdr) + job->length;

	if (job->family == AF_INET) {
		put_ipv4(f, job, src, IPPROTO_UDP, len, 0x2000);
	} else {
		put_ipv6(f, job, src, IPPROTO_FRAGMENT, len + 8, 64);
		put(f, ext, sizeof(ext));
	}
	put_udp(f, job, src);
}

static void make_later_fragment(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char ext[8] = {IPPROTO_UDP, 0, 0, 64 << 1, 0, 0, 0, 7};

	if (job->family == AF_INET) {
		put_ipv4(f, job, src, IPPROTO_UDP, 24, 64);
	} else {
		put_ipv6(f, job, src, IPPROTO_FRAGMENT, 32, 64);
		put(f, ext, sizeof(ext));
	}
	put_zeros(f, 24);
}

/* IPv6 with hop-by-hop, destination options and UDP behind; IPv4 has no such thing and sends UDP.
 */
static void make_extended(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char hop[8] = {IPPROTO_DSTOPTS, 0, 1, 4};
	unsigned char options[16] = {IPPROTO_UDP, 1, 1, 12};

	if (job->family == AF_INET) {
		make_udp(f, job, src);
		return;
	}
	put_ipv6(f, job, src, IPPROTO_HOPOPTS,
		 sizeof(hop) + sizeof(options) + sizeof(struct udphdr) + job->length, 64);
	put(f, hop, sizeof(hop));
	put(f, options, sizeof(options));
	put_udp(f, job, src);
}

static void make_neighbour(struct frame *f, const struct job *job, const unsigned char *src)
{
	unsigned char icmp[24] = {ND_NEIGHBOR_SOLICIT};
	unsigned short check;

	memcpy(icmp + 8, job->dst, 16);
	check = fold(sum(icmp, sizeof(icmp), pseudo(job, src, IPPROTO_ICMPV6, sizeof(icmp))));
	memcpy(icmp + 2, &check, 2);
	put_ipv6(f, job, src, IPPROTO_ICMPV6, sizeof(icmp), 255);
	put(f, icmp, sizeof(icmp));
}
const struct kind kinds[] = {
	{"udp", make_udp},
	{"syn", make_syn},
	{"echo", make_echo},
	{"arp", make_arp},
	{"not-ip", make_not_ip},
	{"short-ip", make_short_ip},
	{"bad-version", make_bad_version},
	{"long-ip", make_long_ip},
	{"short-tcp", make_short_tcp},
	{"first-fragment", make_first_fragment},
	{"later-fragment", make_later_fragment},
	{"extended", make_extended},
	{"neighbour", make_neighbour},
};
const size_t kinds_count = sizeof(kinds) / sizeof(*kinds);
