/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps of the one version that pinned them without stamps. */
#ifndef DP_UNSTAMPED_H
#define DP_UNSTAMPED_H

#include "dp/internal.h"

/* True if that version pinned what is there: then *ret is what rl_identity would hold, to be
 * freed. */
bool dp_unstamped_take(const struct dp *dp, struct rl_identity **ret);
/* The stamp that its map of that name would have; 0: none. */
__u64 dp_unstamped_stamp(const char *map);

#endif
