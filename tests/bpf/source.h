/* SPDX-License-Identifier: GPL-2.0-only */
/* What the maps hold of one source of a limit. */
#ifndef TESTS_SOURCE_H
#define TESTS_SOURCE_H

#include "harness.h"

struct rl_key source_key(struct harness *h, const char *limit, const char *source);
/* It must have one: as the map has it, and with all that is counted elsewhere. */
struct rl_state source_state(struct harness *h, const char *limit, const char *source);
struct rl_state source_settled(struct harness *h, const char *limit, const char *source);
/* Refusals that its entry of the front table has counted. */
__u64 source_in_front(struct harness *h, const char *limit, const char *source);
__u64 source_front_refused(struct harness *h, const struct rl_key *key);
/* What all counters of the presence filter add up to: all sources, if few share one. */
unsigned long source_presence(struct harness *h);

#endif
