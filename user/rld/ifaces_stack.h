/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces whose packets others that are attached see as well. */
#ifndef RLD_IFACES_STACK_H
#define RLD_IFACES_STACK_H

#include "rld/rld.h"

/* True if packets count twice, once on each of two: `buf` says which. */
bool ifaces_stacked(struct dp *dp, const struct dp_iface *iface, char *buf, size_t size);

#endif
