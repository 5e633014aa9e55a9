/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces whose packets others that are attached see as well. */
#ifndef RLD_IFACES_STACK_H
#define RLD_IFACES_STACK_H

#include "rld/rld.h"

/* As things are now. NULL: no two are attached, or it cannot be told. */
struct ifaces_stack *ifaces_stack_new(struct dp *dp);
void ifaces_stack_free(struct ifaces_stack *stack);
/* True if its packets count on others, too: `buf` says on which. */
bool ifaces_stacked(struct ifaces_stack *stack, const struct dp_iface *iface, char *buf,
		    size_t size);

#endif
