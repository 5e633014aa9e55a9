/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame that every benchmark sends. */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include "base/frame.h"
#include "tests/bench/plan.h"

/* Makes a frame of `kind` (ipv4, ipv6, vlan), and its part of the plan: UDP to port 9 of 60 bytes, or
 * 64 of IPv6 or tagged. 0 or -EINVAL. */
int bench_frame(const char *kind, const unsigned char mac[6], struct frame *ret,
		struct bench_plan *plan);

#endif
