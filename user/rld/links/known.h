/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known, and was told, of the interfaces that the configuration names. */
#ifndef RLD_KNOWN_H
#define RLD_KNOWN_H

#include "rld/rld.h"

struct known {
	char name[IF_NAMESIZE];
	char note[256]; /* why it is not attached, or what to know about how it is */
	bool told_pending;
	bool told_attached;
};

struct known_ifaces {
	struct known v[RL_IFACES_MAX];
	size_t count;
};

struct known *known_find(struct known_ifaces *all, const char *name); /* or NULL */
/* ... or one that nothing is known of. NULL: there is no room. */
struct known *known_get(struct known_ifaces *all, const char *name);
/* Into the log, and as an event. */
void known_tell_attached(struct rld *rld, struct known *known, const struct dp_iface *iface);
void known_tell_pending(struct rld *rld, struct known *known);

#endif
