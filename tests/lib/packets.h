/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames for tests: addresses as text, whole packets, and the headers that only tests send. On top of
 * base/frame.h, of which frames are part by part. What does not fit, and what is no address, ends the
 * test.
 */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <stdbool.h>

#include "base/frame.h"

#define TCP_SYN 2
#define TCP_ACK 16

/* A new frame of an Ethernet header, from 02:00:00:00:00:01 to 02:00:00:00:00:00. */
struct frame *packet_ethernet(struct frame *f);
/* Its IP header, between addresses as text. */
struct frame *packet_between(struct frame *f, const char *src, const char *dst);
/* Both. */
struct frame *packet_ip(struct frame *f, const char *src, const char *dst);
/* Options of IPv4 that do nothing, so many times 4 bytes. */
struct frame *packet_options(struct frame *f, size_t words);
/* An extension header of IPv6, of so many times 8 bytes. */
struct frame *packet_extension(struct frame *f, __u8 kind, size_t units);
/* Makes it a fragment from offset * 8 on: of IPv6 by a header, `more` if it is not the last. */
struct frame *packet_fragment(struct frame *f, unsigned offset, bool more);
/* Behind Ethernet: a reply by ARP that nobody asked for. */
struct frame *packet_arp(struct frame *f, const union rl_addr *src, const union rl_addr *dst);
struct frame *packet_end(struct frame *f);

/* Whole ones. */
struct frame *packet_udp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport);
struct frame *packet_tcp(struct frame *f, const char *src, const char *dst, __u16 sport,
			 __u16 dport, __u8 flags);
struct frame *packet_icmp(struct frame *f, const char *src, const char *dst, __u8 type, __u8 code);

#endif
