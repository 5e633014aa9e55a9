// SPDX-License-Identifier: GPL-2.0-only
/* Frames for tests. */
#include "tests/lib/packets.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"

struct frame *packet_ethernet(struct frame *f)
{
	static const __u8 from[6] = {2, [5] = 1}, to[6] = {2};

	return frame_ethernet(frame_new(f), to, from);
}

struct frame *packet_between(struct frame *f, const char *src, const char *dst)
{
	union rl_addr from, to;

	if (addr_parse(src, strlen(src), &from) || addr_parse(dst, strlen(dst), &to))
		abort();
	return frame_ip(f, &from, &to);
}

struct frame *packet_ip(struct frame *f, const char *src, const char *dst)
{
	return packet_between(packet_ethernet(f), src, dst);
}

struct frame *packet_options(struct frame *f, size_t words)
{
	__u8 no_operation[40];

	memset(no_operation, 1, sizeof(no_operation));
	f->data[f->ip] += words;
	return frame_put(f, no_operation, words * 4);
}

struct frame *packet_extension(struct frame *f, __u8 kind, size_t units)
{
	__u8 head[2] = {0, (__u8)(kind == IPPROTO_AH ? units * 2 - 2 : units - 1)};

	frame_next(f, kind);
	f->next = f->len;
	return frame_put(frame_put(f, head, sizeof(head)), NULL, units * 8 - sizeof(head));
}

struct frame *packet_fragment(struct frame *f, unsigned offset, bool more)
{
	unsigned field = f->version == 4 ? offset | more << 13 : offset << 3 | more;
	__u8 *at = f->data + f->ip + 6;

	if (f->version == 6) {
		at = f->data + f->len + 2;
		packet_extension(f, IPPROTO_FRAGMENT, 1);
	}
	at[0] = (__u8)(field >> 8);
	at[1] = (__u8)field;
	return f;
}

struct frame *packet_arp(struct frame *f, const union rl_addr *src, const union rl_addr *dst)
{
	static const __u8 reply[8] = {0, 1, ETH_P_IP >> 8, 0, 6, 4, 0, 2};

	frame_put(frame_next(f, ETH_P_ARP), reply, sizeof(reply));
	frame_put(frame_put(f, f->data + 6, 6), src->byte + 12, 4);
	return frame_put(frame_put(f, f->data, 6), dst->byte + 12, 4);
}

struct frame *packet_end(struct frame *f)
{
	if (frame_end(f))
		abort();
	return f;
}

struct frame *packet_udp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport)
{
	return packet_end(frame_udp(packet_ip(f, src, dst), sport, dport));
}

struct frame *packet_tcp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport, __u8 flags)
{
	return packet_end(frame_tcp(packet_ip(f, src, dst), sport, dport, flags));
}

struct frame *packet_icmp(struct frame *f, const char *src, const char *dst, __u8 type, __u8 code)
{
	return packet_end(frame_icmp(packet_ip(f, src, dst), type, code));
}
