/* SPDX-License-Identifier: GPL-2.0-only */
/* What a benchmark's program is told before it is loaded, and what it counts: read by both sides.
 */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <linux/types.h>

#define BENCH_CPUS 64
#define BENCH_ZIPF (1u << 20) /* draws that are made beforehand */

/* Which source the next packet has. All but BENCH_NEW stay below plan.mask. */
enum bench_order {
	BENCH_RANDOM, /* each source once, then at random: memory is met out of order */
	BENCH_ZIPFIAN,
	BENCH_NEW,   /* never the same again in 2^32 packets */
	BENCH_MIXED, /* one in BENCH_KNOWN_EVERY from the sources below mask, the others new */
};
#define BENCH_KNOWN_EVERY 16

/* Constants of the program, frozen when it is loaded. */
struct bench_plan {
	__u64 head[2]; /* the frame's first bytes, written each time: the stack takes tags out */
	__u32 order;
	__u32 mask; /* number of sources - 1, a power of two - 1 */
	__u32 ifindex;
	__u32 l3;   /* offset of the IP header */
	__u32 ipv6; /* the source varies in the last half of its /64, otherwise it is IPv4 */
	__u32 sum;  /* of the IPv4 header, unfolded, with neither source nor checksum */
};

/* One CPU's own cache lines. */
struct bench_cpu {
	__u32 packets;
	__u32 random;
	__u32 known; /* BENCH_MIXED: packets of the sources below mask */
	__u32 fresh; /* ... and of new ones */
	__u32 line[28];
};

#endif
