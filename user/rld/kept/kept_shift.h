/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a source is worth a place in the file, and how its times move into another boot's clock.
 * Pure. */
#ifndef RLD_KEPT_SHIFT_H
#define RLD_KEPT_SHIFT_H

#include <stdbool.h>
#include <stddef.h>

#include "rl/abi.h"

/* Whether a source is worth a place in the file ... */
bool kept_limit_matters(const struct rl_limit *limit);
bool kept_matters(const struct rl_limit *limit, const struct rl_state *state, __u64 now_ns);
/* ... and its state when all its times are `shift_ns` later. */
void kept_shift(struct rl_state *state, const struct rl_limit *limit, __s64 shift_ns, __u64 now_ns);
__u64 kept_shift_time(__u64 time_ns, __s64 shift_ns);	 /* 0 stays 0; never before 1 */
__u64 kept_sum(__u64 sum, const void *data, size_t len); /* len: whole words of 8 bytes */

#endif
