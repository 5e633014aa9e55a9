/* SPDX-License-Identifier: GPL-2.0-only */
/* The stamp of a map: a hash of what its bytes mean, by which a later daemon knows whether it may
 * go on with them.
 *
 *   1. Hashed are sizes, offsets and counts of all that a key and a value hold, as the object's BTF
 *      has them, and the constants by which their bits are read. A field that gets another name
 *      leaves the stamp as it is.
 *   2. How many elements a map has is part of it where that is fixed.
 */
#ifndef DP_LAYOUT_H
#define DP_LAYOUT_H

#include <stdio.h>

#include "dp/internal.h"

/* Writes to `text`, if it is not NULL, what was hashed, for people. 0: the BTF cannot be read. */
__u64 dp_layout_stamp(const struct rl *skel, const struct bpf_map *map, FILE *text);
/* Whether its number of elements follows from sources-max. */
bool dp_is_sized(const struct rl *skel, const struct bpf_map *map);

#endif
