/* SPDX-License-Identifier: GPL-2.0-only */
/* Pinned maps, and what a test puts in their place. */
#ifndef TESTS_PINS_H
#define TESTS_PINS_H

#include "harness.h"

void pins_path(const struct harness *h, const char *map, char *buf, size_t size);
__u32 pins_id(const struct harness *h, const char *map); /* the kernel's */
/* As if another version had made it. */
void pins_spoil(const struct harness *h, const char *map);
void pins_replace(struct harness *h, const char *map, int fd); /* which is closed */

/* The rules as the version without stamps pinned them. */
void pins_old_rules(struct harness *h);

#endif
