/* SPDX-License-Identifier: GPL-2.0-only */
/* The shipped object under an injected clock: rules from statements, packets by BPF_PROG_TEST_RUN.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/names.h"
#include "conf/model/conf.h"
#include "enforce/publish.h"
#include "dp/internal.h"
#include "tests/lib/packets.h"
#include "conf/compile/compile.h"

#define MS 1000000ull
#define SECOND 1000000000ull

struct harness {
	char bpffs[64];
	struct dp *dp;
	struct conf *conf;
	__u64 now;		  /* of the program's clock */
	const struct xdp_md *ctx; /* what a run is given beside its frame, or NULL */
	char notice[512];	  /* of the last opening */
};

/* cmocka set-up and tear-down of a test: *state becomes a struct harness with an empty rule set. */
int harness_setup(void **state);
int harness_teardown(void **state);
/* The same with room for this many sources. */
struct harness *harness_new(__u32 sources_max);
void harness_free(struct harness *h);
/* Puts down and takes up again what is pinned, as a new daemon would. */
void harness_reopen(struct harness *h);
/* ... under a program with the machine's clock. */
void harness_real_clock(struct harness *h);
/* ... with room for another number of sources. */
/* The sources are still to be moved: harness_publish() begins, harness_move() does it. */
void harness_open_resized(struct harness *h, __u32 sources_max);
struct dp_moved harness_move(struct harness *h);
void harness_resize(struct harness *h, __u32 sources_max);

/* Applies statements, one a line, and publishes what they add up to. Fails the test on an error. */
void harness_conf(struct harness *h, const char *statements);
/* The first half of it, and nothing published. */
void harness_apply(struct harness *h, const char *statements);
/* Compiles h->conf and publishes it; limits keep their state where conf_same_state() says so. */
void harness_publish(struct harness *h);
/* The same in parts, to publish one rule set again and again. */
struct harness_rules {
	struct conf_image image;
	struct conf *conf; /* whose lists they come with */
};
void harness_rules_make(struct harness *h, struct harness_rules *ret);
void harness_rules_publish(struct harness *h, const struct harness_rules *rules);
void harness_rules_done(struct harness_rules *rules);
/* Waits until a rule set can be published: at most a grace period. */
void harness_wait_free(struct harness *h);
/* Whether this kernel makes a frame of which only so many bytes are in the linear part: from Linux
 * 6.18 on. */
bool harness_has_parts(struct harness *h);
/* Runs one frame at h->now. */
__u32 harness_run(struct harness *h, const struct frame *f); /* XDP_PASS or XDP_DROP */
/* ... and says which reason was counted, and that it was exactly one. */
enum rl_reason harness_reason(struct harness *h, const struct frame *f, __u32 *ret_verdict);
/* Runs it `count` times, returns how many passed. */
unsigned harness_passed(struct harness *h, const struct frame *f, unsigned count);
struct rl_limit_counters harness_limit(struct harness *h, const char *name);
__u32 harness_index(struct harness *h, const char *name); /* of a limit in the active rule set */

/* One packet from each of `count` sources, the first by number; returns how many passed. */
unsigned harness_strangers(struct harness *h, unsigned first, unsigned count);
/* How many sources a walk through all of them sees. */
unsigned harness_walk(struct harness *h);
/* One sweep of the whole table; returns how many sources were deleted. */
unsigned harness_sweep(struct harness *h, enum rl_sweep_op op, __u64 cutoff);

#define assert_reason(h, frame, expected)                                                          \
	do {                                                                                       \
		enum rl_reason got_ = harness_reason(h, frame, NULL);                              \
		if (got_ != (expected))                                                            \
			fail_msg("reason %s, expected %s", names_text(&names_reason, got_),        \
				 names_text(&names_reason, expected));                             \
	} while (0)

#endif
