/* SPDX-License-Identifier: GPL-2.0-only */
/* A small set of TCP ports. */
#ifndef BASE_PORTS_H
#define BASE_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "rl/names.h"

#define PORTS_MAX 64 /* what does not fit is left out */

struct ports {
	__u16 v[PORTS_MAX];
	size_t count;
};

static inline bool ports_has(const struct ports *ports, __u16 port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->v[i] == port)
			return true;
	return false;
}

static inline void ports_add(struct ports *ports, __u16 port)
{
	if (port && ports->count < PORTS_MAX && !ports_has(ports, port))
		ports->v[ports->count++] = port;
}

static inline void ports_add_all(struct ports *ports, const struct ports *more)
{
	for (size_t i = 0; i < more->count; i++)
		ports_add(ports, more->v[i]);
}

#endif
