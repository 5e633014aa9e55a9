// SPDX-License-Identifier: GPL-2.0-only
/* Building frames for tests. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"

static void put16(__u8 *p, __u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static __u8 *grow(struct frame *f, size_t count)
{
	__u8 *p = f->data + f->len;

	if (f->len + count > sizeof(f->data))
		abort();
	memset(p, 0, count);
	f->len += count;
	return p;
}

struct frame *frame_new(struct frame *f, __u16 ethertype)
{
	__u8 *p;

	memset(f, 0, sizeof(*f));
	p = grow(f, 14);
	p[0] = p[6] = 2;
	p[11] = 1;
	put16(p + 12, ethertype);
	return f;
}

struct frame *frame_vlan(struct frame *f, __u16 tpid, __u16 id, __u16 ethertype)
{
	__u8 *p = grow(f, 4);

	put16(p - 2, tpid);
	put16(p, id);
	put16(p + 2, ethertype);
	return f;
}

struct frame *frame_ipv4(struct frame *f, const char *src, const char *dst, __u8 proto)
{
	__u8 *p;

	f->ip = f->len;
	f->family = 4;
	p = grow(f, 20);
	p[0] = 0x45;
	p[8] = 64;
	p[9] = proto;
	if (inet_pton(AF_INET, src, p + 12) != 1 || inet_pton(AF_INET, dst, p + 16) != 1)
		abort();
	return f;
}

struct frame *frame_ipv4_options(struct frame *f, size_t words)
{
	memset(grow(f, words * 4), 1, words * 4); /* no-operation */
	f->data[f->ip] += words;
	return f;
}

struct frame *frame_fragment4(struct frame *f, __u16 offset_units, int more)
{
	put16(f->data + f->ip + 6, offset_units | (more ? 0x2000 : 0));
	return f;
}

struct frame *frame_ipv6(struct frame *f, const char *src, const char *dst, __u8 next)
{
	__u8 *p;

	f->ip = f->len;
	f->family = 6;
	p = grow(f, 40);
	p[0] = 0x60;
	p[6] = next;
	p[7] = 64;
	if (inet_pton(AF_INET6, src, p + 8) != 1 || inet_pton(AF_INET6, dst, p + 24) != 1)
		abort();
	return f;
}

struct frame *frame_extension(struct frame *f, __u8 kind, size_t units, __u8 next)
{
	__u8 *p = grow(f, units * 8);

	p[0] = next;
	p[1] = kind == IPPROTO_AH ? units * 2 - 2 : units - 1;
	return f;
}

struct frame *frame_fragment6(struct frame *f, __u16 offset_units, int more, __u8 next)
{
	__u8 *p = grow(f, 8);

	p[0] = next;
	put16(p + 2, offset_units << 3 | !!more);
	return f;
}

struct frame *frame_tcp(struct frame *f, __u16 sport, __u16 dport, __u8 flags)
{
	__u8 *p = grow(f, 20);

	put16(p, sport);
	put16(p + 2, dport);
	p[12] = 5 << 4;
	p[13] = flags;
	return f;
}

struct frame *frame_udp(struct frame *f, __u16 sport, __u16 dport)
{
	__u8 *p;

	f->udp = f->len;
	p = grow(f, 8);
	put16(p, sport);
	put16(p + 2, dport);
	return f;
}

struct frame *frame_icmp(struct frame *f, __u8 type, __u8 code)
{
	__u8 *p = grow(f, 8);

	p[0] = type;
	p[1] = code;
	return f;
}

struct frame *frame_bytes(struct frame *f, size_t count)
{
	grow(f, count);
	return f;
}

struct frame *frame_end(struct frame *f)
{
	if (f->udp)
		put16(f->data + f->udp + 4, f->len - f->udp);
	if (f->family == 4)
		put16(f->data + f->ip + 2, f->len - f->ip);
	if (f->family == 6)
		put16(f->data + f->ip + 4, f->len - f->ip - 40);
	return f;
}

static struct frame *packet_ip(struct frame *f, const char *src, const char *dst, __u8 proto)
{
	if (strchr(src, ':'))
		return frame_ipv6(frame_new(f, ETH_P_IPV6), src, dst, proto);
	return frame_ipv4(frame_new(f, ETH_P_IP), src, dst, proto);
}

struct frame *packet_udp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport)
{
	return frame_end(frame_udp(packet_ip(f, src, dst, IPPROTO_UDP), sport, dport));
}

struct frame *packet_tcp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport, __u8 flags)
{
	return frame_end(frame_tcp(packet_ip(f, src, dst, IPPROTO_TCP), sport, dport, flags));
}

struct frame *packet_icmp(struct frame *f, const char *src, const char *dst, __u8 type, __u8 code)
{
	return frame_end(frame_icmp(packet_ip(f, src, dst, strchr(src, ':') ? 58 : 1), type, code));
}
