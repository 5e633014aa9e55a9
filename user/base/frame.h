/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame, built header by header from the outside in:
 *
 *   frame_udp(frame_ip(frame_ethernet(frame_new(&f), to, from), &src, &dst), 1024, 53);
 *   frame_put(&f, query, length);
 *   if (frame_end(&f)) ...
 *
 * Each call appends one header and returns the frame; each header tells the one before it what
 * follows. Lengths and checksums are 0 until frame_end() fills them in. Numbers are in host order.
 * Once something has found no room nothing more is written, and frame_end() says so. Pure.
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stddef.h>

#include "rl/names.h"

#define FRAME_BYTES 72000 /* a driver's frame may be longer than IP can say, in parts */

/* Offsets are from the start of the frame; 0: there is none yet. */
struct frame {
	size_t len;	  /* bytes so far */
	size_t next;	  /* of the field that tells what follows: an EtherType or a protocol */
	size_t ip;	  /* of the IP header, which may be the first one */
	size_t transport; /* of the header of TCP, UDP or ICMP */
	size_t sum;	  /* of its checksum */
	__u32 version;	  /* of IP: 4 or 6; 0: none yet */
	__u32 full;	  /* whether something found no room */
	__u8 data[FRAME_BYTES];
};

struct frame *frame_new(struct frame *f);
struct frame *frame_ethernet(struct frame *f, const __u8 to[static 6], const __u8 from[static 6]);
/* `tpid` is the EtherType of the tag, `tci` its id, and priority if it has one. */
struct frame *frame_vlan(struct frame *f, __u32 tpid, __u32 tci);
/* Without options, hop limit 64. The source says which version of IP it is. */
struct frame *frame_ip(struct frame *f, const union rl_addr *src, const union rl_addr *dst);
/* These follow frame_ip(). */
struct frame *frame_hops(struct frame *f, __u8 limit);
struct frame *frame_tcp(struct frame *f, __u32 sport, __u32 dport, __u8 flags);
struct frame *frame_udp(struct frame *f, __u32 sport, __u32 dport);
/* Eight bytes, of the version that IP has. */
struct frame *frame_icmp(struct frame *f, __u8 type, __u8 code);
/* What is not made by a call of its own; zeros, if `bytes` is NULL. */
struct frame *frame_put(struct frame *f, const void *bytes, size_t len);
/* Says what follows, where no call above has said it, or something else. */
struct frame *frame_next(struct frame *f, __u32 kind);

/* The lengths and checksums of what is there; may be called again when there is more. 0, -ENOBUFS
 * (something found no room), -EMSGSIZE (IP cannot say that it is so long). */
int frame_end(struct frame *f);

#endif
