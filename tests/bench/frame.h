/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame that every benchmark sends, and the sources it takes. */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include "tests/bench/plan.h"

struct bench_frame {
	unsigned char data[BENCH_FRAME]; /* 60 bytes of UDP to port 9, tagged and IPv6 64 */
	unsigned len;
};

/* Writes a frame of `kind` (ipv4, ipv6, vlan), and its part of the plan. 0 or -EINVAL. */
int bench_frame(const char *kind, const unsigned char mac[6], struct bench_frame *ret,
		struct bench_plan *plan);
/* Sets plan->order and plan->mask by words: random, zipf, new or mixed, and a power of two. */
int bench_order(const char *order, const char *sources, struct bench_plan *plan);
/* Fills the map of draws: source i with a probability in proportion to 1 / (i + 1). */
int bench_zipf(int map_fd, unsigned sources);

#endif
