/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames, built layer by layer. Lengths of IP and UDP are filled in by frame_end(). */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <linux/types.h>
#include <stddef.h>

struct frame {
	__u8 data[72000]; /* a driver's frame may be as long, in parts */
	size_t len;
	size_t ip;  /* offset of the IP header, 0: none */
	size_t udp; /* offset of a UDP header, 0: none */
	int family; /* 4 or 6 */
};

#define TCP_SYN 2
#define TCP_ACK 16

struct frame *frame_new(struct frame *f, __u16 ethertype);
struct frame *frame_vlan(struct frame *f, __u16 tpid, __u16 id, __u16 ethertype);
struct frame *frame_ipv4(struct frame *f, const char *src, const char *dst, __u8 proto);
struct frame *frame_ipv4_options(struct frame *f, size_t words);
struct frame *frame_fragment4(struct frame *f, __u16 offset_units, int more);
struct frame *frame_ipv6(struct frame *f, const char *src, const char *dst, __u8 next);
/* Changes the last next-header field to `kind` and adds that extension header of `len` * 8 bytes
 * before `next`. */
struct frame *frame_extension(struct frame *f, __u8 kind, size_t units, __u8 next);
struct frame *frame_fragment6(struct frame *f, __u16 offset_units, int more, __u8 next);
struct frame *frame_tcp(struct frame *f, __u16 sport, __u16 dport, __u8 flags);
struct frame *frame_udp(struct frame *f, __u16 sport, __u16 dport);
struct frame *frame_icmp(struct frame *f, __u8 type, __u8 code);
struct frame *frame_bytes(struct frame *f, size_t count);
struct frame *frame_end(struct frame *f);

/* Whole frames. Addresses with a colon are IPv6. */
struct frame *packet_udp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport);
struct frame *packet_tcp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport, __u8 flags);
struct frame *packet_icmp(struct frame *f, const char *src, const char *dst, __u8 type, __u8 code);

#endif
