// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces by name, and what is told of them once. */
#include "rld/links/known.h"

#include <string.h>

#include "rld/events/event.h"
#include "rld/loop/log.h"

struct known *known_find(struct known_ifaces *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->v[i].name, name))
			return &all->v[i];
	return NULL;
}

struct known *known_get(struct known_ifaces *all, const char *name)
{
	struct known *known = known_find(all, name);

	if (known || all->count == RL_IFACES_MAX)
		return known;
	known = &all->v[all->count++];
	*known = (struct known){0};
	strncpy(known->name, name, IF_NAMESIZE - 1);
	return known;
}

void known_tell_attached(struct rld *rld, struct known *known, const struct dp_iface *iface)
{
	const char *mode = iface->mode == DP_ATTACH_NATIVE ? "native" : "generic";
	json_t *body =
		json_pack("{s:{s:s, s:{s:{s:s}}}, s:{s:s}}", "observer", "product", "rld",
			  "ingress", "interface", "name", iface->name, "rld", "attach_mode", mode);

	log_line("%s: attached in %s mode%s%s", iface->name, mode, known->note[0] ? "; " : "",
		 known->note);
	events_emit(rld->events, EVENT_IFACE_ATTACHED, body, NULL);
	known->told_attached = true;
	known->told_pending = false;
}

void known_tell_pending(struct rld *rld, struct known *known)
{
	json_t *body =
		json_pack("{s:{s:s, s:{s:{s:s}}}, s:{s:s}}", "observer", "product", "rld",
			  "ingress", "interface", "name", known->name, "rld", "note", known->note);

	log_line("%s: pending, attached when it can be: %s", known->name, known->note);
	events_emit(rld->events, EVENT_IFACE_PENDING, body, NULL);
	known->told_pending = true;
	known->told_attached = false;
}
