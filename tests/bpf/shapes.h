/* SPDX-License-Identifier: GPL-2.0-only */
/* Every shape of frame that the parser tells apart. */
#ifndef TESTS_SHAPES_H
#define TESTS_SHAPES_H

#include "packets.h"
#include "rl/abi.h"

struct shape {
	const char *name;
	void (*build)(struct frame *f);
	enum rl_reason reason; /* under `set-limit 0/minute`: RL_REASON_OVER_LIMIT says "judged" */
};

extern const struct shape shapes[];
extern const size_t shapes_count;

#endif
