// SPDX-License-Identifier: GPL-2.0-only
/* Frames. Headers are put together apart and appended as bytes: only frame_put() asks for room, and
 * what writes to a header that stands already asks whether it found some. */
#include "base/frame.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"

/* Where headers have their checksums. */
#define IPV4_SUM 10
#define TCP_SUM 16
#define UDP_SUM 6
#define ICMP_SUM 2

static void put16(__u8 *to, size_t value)
{
	to[0] = (__u8)(value >> 8);
	to[1] = (__u8)value;
}

struct frame *frame_new(struct frame *f)
{
	memset(f, 0, offsetof(struct frame, data));
	return f;
}

struct frame *frame_put(struct frame *f, const void *bytes, size_t len)
{
	f->full |= len > sizeof(f->data) - f->len;
	if (f->full)
		return f;
	if (bytes)
		memcpy(f->data + f->len, bytes, len);
	else
		memset(f->data + f->len, 0, len);
	f->len += len;
	return f;
}

struct frame *frame_next(struct frame *f, __u32 kind)
{
	if (f->full || !f->next)
		return f;
	if (f->version)
		f->data[f->next] = (__u8)kind;
	else
		put16(f->data + f->next, kind);
	return f;
}

struct frame *frame_ethernet(struct frame *f, const __u8 to[static 6], const __u8 from[static 6])
{
	__u8 ethernet[14] = {0};

	memcpy(ethernet, to, 6);
	memcpy(ethernet + 6, from, 6);
	f->next = f->len + 12;
	return frame_put(f, ethernet, sizeof(ethernet));
}

struct frame *frame_vlan(struct frame *f, __u32 tpid, __u32 tci)
{
	__u8 tag[4] = {(__u8)(tci >> 8), (__u8)tci};

	frame_next(f, tpid);
	f->next = f->len + 2;
	return frame_put(f, tag, sizeof(tag));
}

struct frame *frame_ip(struct frame *f, const union rl_addr *src, const union rl_addr *dst)
{
	bool ipv4 = addr_is_ipv4(src);
	__u8 ip[40] = {0};

	frame_next(f, ipv4 ? ETH_P_IP : ETH_P_IPV6);
	if (ipv4) {
		ip[0] = 0x45;
		ip[8] = 64;
		memcpy(ip + 12, src->byte + 12, 4);
		memcpy(ip + 16, dst->byte + 12, 4);
	} else {
		ip[0] = 0x60;
		ip[7] = 64;
		memcpy(ip + 8, src->byte, 16);
		memcpy(ip + 24, dst->byte, 16);
	}
	f->version = ipv4 ? 4 : 6;
	f->ip = f->len;
	f->next = f->len + (ipv4 ? 9 : 6);
	return frame_put(f, ip, ipv4 ? 20 : 40);
}

struct frame *frame_hops(struct frame *f, __u8 limit)
{
	if (!f->full)
		f->data[f->ip + (f->version == 4 ? 8 : 7)] = limit;
	return f;
}

static struct frame *put_transport(struct frame *f, __u32 proto, size_t sum, const __u8 *header,
				   size_t len)
{
	frame_next(f, proto);
	f->transport = f->len;
	f->sum = f->len + sum;
	return frame_put(f, header, len);
}

struct frame *frame_tcp(struct frame *f, __u32 sport, __u32 dport, __u8 flags)
{
	__u8 tcp[20] = {[12] = 5 << 4, [13] = flags};

	put16(tcp, sport);
	put16(tcp + 2, dport);
	return put_transport(f, IPPROTO_TCP, TCP_SUM, tcp, sizeof(tcp));
}

struct frame *frame_udp(struct frame *f, __u32 sport, __u32 dport)
{
	__u8 udp[8] = {0};

	put16(udp, sport);
	put16(udp + 2, dport);
	return put_transport(f, IPPROTO_UDP, UDP_SUM, udp, sizeof(udp));
}

struct frame *frame_icmp(struct frame *f, __u8 type, __u8 code)
{
	__u8 icmp[8] = {type, code};

	return put_transport(f, f->version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, ICMP_SUM, icmp,
			     sizeof(icmp));
}

/* The checksum of RFC 1071, of which `start` is a part already. */
static __u32 checksum(const __u8 *at, size_t len, __u32 start)
{
	for (size_t i = 0; i < len; i++)
		start += i % 2 ? at[i] : (__u32)at[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return ~start & 0xffff;
}

/* Addresses, protocol and length are summed up with it, but for ICMP of IPv4. UDP says by 0 that it
 * has no checksum. */
static void end_transport(struct frame *f)
{
	__u8 *at = f->data + f->transport, *addresses = f->data + f->ip;
	bool udp = f->sum - f->transport == UDP_SUM;
	size_t len = f->len - f->transport;
	__u32 proto = f->data[f->next], sum = 0;

	if (udp)
		put16(at + 4, len);
	put16(f->data + f->sum, 0);
	if (proto != IPPROTO_ICMP)
		sum = ~checksum(f->version == 4 ? addresses + 12 : addresses + 8,
				f->version == 4 ? 8 : 32, proto + (__u32)len) &
		      0xffff;
	sum = checksum(at, len, sum);
	put16(f->data + f->sum, udp && !sum ? 0xffff : sum);
}

int frame_end(struct frame *f)
{
	__u8 *ip = f->data + f->ip;
	size_t len;

	if (f->full)
		return -ENOBUFS;
	if (!f->version)
		return 0;
	len = f->len - f->ip - (f->version == 4 ? 0 : 40);
	if (len > 0xffff)
		return -EMSGSIZE;
	put16(ip + (f->version == 4 ? 2 : 4), len);
	if (f->transport)
		end_transport(f);
	if (f->version == 4) {
		put16(ip + IPV4_SUM, 0);
		put16(ip + IPV4_SUM, checksum(ip, (ip[0] & 15) * 4u, 0));
	}
	return 0;
}
