// SPDX-License-Identifier: GPL-2.0-only
/* The kinds of frame, each built by a few lines. */
#include <linux/if_ether.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "base/addr.h"
#include "tests/lib/packets.h"
#include "tests/tools/lib/kinds.h"

static struct frame *ethernet(struct frame *f, const struct job *job)
{
	frame_ethernet(frame_new(f), job->to, job->from);
	for (int i = 0; i < job->vlans; i++)
		frame_vlan(f, job->vlans == 2 && i == 0 ? ETH_P_8021AD : ETH_P_8021Q, job->vlan[i]);
	return f;
}

static struct frame *ip(struct frame *f, const struct job *job, const union rl_addr *src)
{
	return frame_ip(ethernet(f, job), src, &job->dst);
}

/* Behind what is there. */
static void end_udp(struct frame *f, const struct job *job)
{
	packet_end(frame_put(frame_udp(f, job->sport, job->dport), NULL, job->length));
}

static void make_udp(struct frame *f, const struct job *job, const union rl_addr *src)
{
	end_udp(ip(f, job, src), job);
}

static void make_syn(struct frame *f, const struct job *job, const union rl_addr *src)
{
	packet_end(frame_tcp(ip(f, job, src), job->sport, job->dport, TCP_SYN));
}

static void make_echo(struct frame *f, const struct job *job, const union rl_addr *src)
{
	frame_icmp(ip(f, job, src), addr_is_ipv4(src) ? ICMP_ECHO : ICMP6_ECHO_REQUEST, 0);
	packet_end(frame_put(f, NULL, 8));
}

static void make_arp(struct frame *f, const struct job *job, const union rl_addr *src)
{
	packet_arp(ethernet(f, job), src, &job->dst);
}

static void make_not_ip(struct frame *f, const struct job *job, const union rl_addr *src)
{
	frame_put(frame_next(ethernet(f, job), 0x88b5), NULL, 46);
}

/* Ends within the IP header. */
static void make_short_ip(struct frame *f, const struct job *job, const union rl_addr *src)
{
	make_udp(f, job, src);
	f->len = f->ip + 12;
}

static void make_bad_version(struct frame *f, const struct job *job, const union rl_addr *src)
{
	make_udp(f, job, src);
	f->data[f->ip] = 0x35;
}

/* The IP header promises more than the frame holds. */
static void make_long_ip(struct frame *f, const struct job *job, const union rl_addr *src)
{
	make_udp(f, job, src);
	packet_end(frame_put(f, NULL, 100));
	f->len -= 100;
}

static void make_short_tcp(struct frame *f, const struct job *job, const union rl_addr *src)
{
	packet_end(frame_put(frame_next(ip(f, job, src), IPPROTO_TCP), NULL, 8));
}

static void make_first_fragment(struct frame *f, const struct job *job, const union rl_addr *src)
{
	end_udp(packet_fragment(ip(f, job, src), 0, true), job);
}

static void make_later_fragment(struct frame *f, const struct job *job, const union rl_addr *src)
{
	packet_fragment(ip(f, job, src), 64, false);
	packet_end(frame_put(frame_next(f, IPPROTO_UDP), NULL, 24));
}

/* IPv6 with hop-by-hop, destination options and UDP behind; IPv4 has no such thing and sends UDP.
 */
static void make_extended(struct frame *f, const struct job *job, const union rl_addr *src)
{
	ip(f, job, src);
	if (f->version == 6)
		packet_extension(packet_extension(f, IPPROTO_HOPOPTS, 1), IPPROTO_DSTOPTS, 2);
	end_udp(f, job);
}

static void make_neighbour(struct frame *f, const struct job *job, const union rl_addr *src)
{
	frame_icmp(frame_hops(ip(f, job, src), 255), ND_NEIGHBOR_SOLICIT, 0);
	packet_end(frame_put(f, &job->dst, sizeof(job->dst)));
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
