/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices on top of each other: which of them a packet goes through. */
#ifndef RLD_LAYERS_H
#define RLD_LAYERS_H

#include "dp/dp.h"

struct layers;

/* Takes over `v`, from malloc(), which is not empty, also on failure. NULL: out of memory. */
struct layers *layers_new(struct dp_device *v, size_t count);
void layers_free(struct layers *layers);

/* Follows the packets of `ifindex`: up to what gets them, and down to where they come from. */
void layers_walk(struct layers *layers, __u32 ifindex);
/* The last walk came by it. */
bool layers_met(const struct layers *layers, __u32 ifindex);

#endif
