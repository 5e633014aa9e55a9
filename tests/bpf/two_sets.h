/* SPDX-License-Identifier: GPL-2.0-only */
/* Two rule sets that differ in everything that a packet reads of them: mode, both lists, prefixes
 * of conditions, `default`, and 900 limits in the opposite order and with other amounts; and
 * packets that each of the sets makes something else of. So a mode, a row, a limit or a list of the
 * other set shows in the reason, in the verdict, or in the counters of a limit that the packet was
 * none of.
 */
#ifndef TESTS_TWO_SETS_H
#define TESTS_TWO_SETS_H

#include "harness.h"

#define SAME_AMOUNT 2000u /* an hour, of the limit "same" that both sets have */

struct outcome {
	enum rl_reason reason;
	enum rl_verdict verdict;
};

/* What a packet may become under the first and under the second set. */
struct packet_kind {
	const char *name;
	const char *src;
	__u8 proto;
	__u16 dport;
	struct outcome in_first[2], in_second[2];
};

/* Eight kinds, and a ninth for some of the 900 limits. */
enum { FRAME_SLOW = 6, FRAME_SAME, FRAME_NUMBERED, FRAMES = FRAME_NUMBERED + 30 };

const struct packet_kind *two_sets_kind(size_t frame);
void two_sets_frames(struct frame frame[static FRAMES]);
/* The limit that judges frame[i] for i >= FRAME_NUMBERED. */
void two_sets_limit(size_t i, char name[static RL_NAME_LEN]);
/* The first has to be published before the second is made, for limits of both to be the same. Both
 * have a limit "fill" of UDP port 2. */
void two_sets_first(struct harness *h, struct harness_rules *ret);
void two_sets_second(struct harness *h, struct harness_rules *ret);

#endif
