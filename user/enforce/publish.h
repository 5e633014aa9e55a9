/* SPDX-License-Identifier: GPL-2.0-only */
/* From a compiled configuration to what the kernel enforces. It joins conf, which knows what the
 * statements mean, and dp, which knows the kernel; the daemon, a replay and tests go this way. */
#ifndef ENFORCE_PUBLISH_H
#define ENFORCE_PUBLISH_H

#include "conf/compile/compile.h"
#include "conf/model/conf.h"
#include "dp/dp.h"

/* The program's clock at a second since the epoch; 0 stays 0 (no end). */
struct publish_clock {
	__u64 (*at)(const void *ctx, __s64 wall_s);
	const void *ctx;
};

/* The prefix sets of a rule set. Those that are to stay as they are in the kernel are kept. */
struct publish_sets {
	struct dp_prefixes v[DP_SET_COUNT]; /* owned */
	bool keep[DP_SET_COUNT];
};

/* One prefix, and one entry of a list, as dp wants them. */
struct dp_prefix publish_prefix(const struct addr_prefix *prefix, __u64 until_ns, __u32 row);
struct dp_prefix publish_entry(const struct conf_list *list, const struct conf_entry *entry,
			       const struct publish_clock *clock);

/* Fills in what `ret->keep` does not keep. 0 or -ENOMEM; publish_sets_free() in any case. */
int publish_sets_make(const struct conf *conf, const struct conf_image *image,
		      const struct publish_clock *clock, struct publish_sets *ret);
void publish_sets_free(struct publish_sets *sets);

/* Publishes the rules of `image`, whose limits have their ids and slots (identity.h), with these
 * sets: all of it or nothing. 0 or an error in `d`; -EAGAIN: no generation is free (dp.h). */
int publish_rules(struct dp *dp, const struct conf_image *image, const struct publish_sets *sets,
		  struct diag *d);

#endif
