/* SPDX-License-Identifier: GPL-2.0-only */
/* What limits know of sources, kept in a file for the time after a reboot: bans and what makes the
 * next one longer, and all of limits with a window of an hour or more.
 *
 *   1. The file is written once a minute while packets come, if something in it is new, once an
 * hour otherwise, and at a proper stop. Without such limits there is none.
 *   2. It is read when the kernel's maps are new, and before any rule set is published. Limits are
 * known again by name, key, strategy, unit and periods.
 *   3. A file that is damaged, cut or of another version is set aside as a whole.
 */
#ifndef RLD_KEPT_H
#define RLD_KEPT_H

#include "rld/rld.h"

struct kept;

int kept_new(struct rld *rld, struct kept **ret);
void kept_free(struct kept *kept); /* writes it once more */
/* Something was forgotten without a packet: write it next time. NULL: nothing. */
void kept_touch(struct kept *kept);

/* Into the maps that are new; `conf` has the ids of its limits. Logs what came of it. */
void kept_restore(const struct rld *rld, const struct conf *conf);

/* Pure: whether a source is worth a place in the file ... */
bool kept_limit_matters(const struct rl_limit *limit);
bool kept_matters(const struct rl_limit *limit, const struct rl_state *state, __u64 now_ns);
/* ... and its state when all its times are `shift_ns` later. */
void kept_shift(struct rl_state *state, const struct rl_limit *limit, __s64 shift_ns, __u64 now_ns);
__u64 kept_shift_time(__u64 time_ns, __s64 shift_ns);	 /* 0 stays 0; never before 1 */
__u64 kept_sum(__u64 sum, const void *data, size_t len); /* len: whole words of 8 bytes */

#endif
