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

/* One prefix, and one entry of a list, as dp wants them. */
struct dp_prefix publish_prefix(const struct addr_prefix *prefix, __u64 until_ns, __u32 row);
struct dp_prefix publish_entry(const struct conf_list *list, const struct conf_entry *entry,
			       const struct publish_clock *clock);

/* A list on its way into the kernel. From any thread, which nobody changes `list` beside. */
int publish_list(struct dp_fill *fill, enum dp_set set, const struct conf_list *list,
		 const struct publish_clock *clock, struct diag *d);
/* Both at once; dp_fill_end() after they were published. */
int publish_lists(struct dp *dp, const struct conf *conf, const struct publish_clock *clock,
		  struct dp_fill **ret, struct diag *d);

/* The sets of an image's conditions. 0 or -ENOMEM; publish_conditions_free() in any case. */
struct publish_conditions {
	struct dp_prefixes source, destination; /* owned */
};
int publish_conditions_make(const struct conf_image *image, struct publish_conditions *ret);
void publish_conditions_free(struct publish_conditions *conditions);

/* Publishes the rules of `image`, whose limits have their ids and slots (identity.h), with these
 * lists (NULL: those of before): all of it or nothing. 0 or an error in `d`; -EAGAIN: no generation
 * is free (dp.h). */
int publish_rules(struct dp *dp, const struct conf_image *image, struct dp_fill *lists,
		  struct diag *d);

#endif
