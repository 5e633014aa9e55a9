/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program at work did with a packet, and which limit did it, by its own counters and
 * notes. */
#ifndef TESTS_AT_WORK_H
#define TESTS_AT_WORK_H

#include "harness.h"

struct at_work {
	enum rl_reason reason;
	__u32 verdict;
	__u32 index; /* of the limit that decided, RL_LIMITS_MAX: none */
	int window;  /* that refused, -1: none; meant only where no other limit refused before */
};

/* Runs the frame at h->now. */
void at_work_run(struct harness *h, const struct frame *f, struct at_work *ret);

#endif
