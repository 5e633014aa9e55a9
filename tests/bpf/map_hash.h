/* SPDX-License-Identifier: GPL-2.0-only */
/* Hashes of all that the maps at work hold, to see that something changed none of it. */
#ifndef TESTS_MAP_HASH_H
#define TESTS_MAP_HASH_H

#include "harness.h"

#define MAP_HASHES_MAX 40

struct map_hashes {
	size_t count;
	const char *name[MAP_HASHES_MAX];
	__u64 hash[MAP_HASHES_MAX];
};

void map_hashes_take(struct dp *dp, struct map_hashes *ret);
/* Fails the test with the name of the map that differs. */
void map_hashes_same(const struct map_hashes *a, const struct map_hashes *b);

#endif
