/* SPDX-License-Identifier: GPL-2.0-only */
/* Every shape of frame that the parser tells apart. */
#ifndef TESTS_SHAPES_H
#define TESTS_SHAPES_H

#include "rl/names.h"
#include "tests/lib/packets.h"

struct shape {
	const char *name;
	void (*build)(struct frame *f);
	enum rl_reason reason; /* under `set-limit 0/minute`: RL_REASON_OVER_LIMIT says "judged" */
};

extern const struct shape shapes[];
extern const size_t shapes_count;

/* Of shapes_deep.c. */
void priority_tags(struct frame *f);
void eight_tags(struct frame *f);
void nine_tags(struct frame *f);
void parted_tcp(struct frame *f);
void parted_cut_tcp(struct frame *f);
void parted_discovery(struct frame *f);
void parted_nine(struct frame *f);
void parted_cut(struct frame *f);
void big_tcp4(struct frame *f);
void big_other4(struct frame *f);
void small_tcp4_length_0(struct frame *f);
void big_tcp6(struct frame *f);
void jumbo_tcp6(struct frame *f);
void nine_extensions(struct frame *f);
void eight_extensions(struct frame *f);

#endif
