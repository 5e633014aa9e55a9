// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces by name, and as JSON. */
#include "rld/links/ifaces.h"

#include <string.h>

#include "base/cleanup.h"
#include "rld/events/event.h"
#include "rld/links/ifaces_stack.h"
#include "rld/loop/log.h"

/* The one of that slot, or where that is 0 of that name. */
static bool find(struct dp *dp, __u32 slot, const char *name, struct dp_iface *ret)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(dp, v);

	for (size_t i = 0; i < count; i++) {
		if (slot ? v[i].slot != slot : strcmp(v[i].name, name))
			continue;
		*ret = v[i];
		return true;
	}
	return false;
}

bool ifaces_get(struct dp *dp, const char *name, struct dp_iface *ret)
{
	return find(dp, 0, name, ret);
}

bool ifaces_find(struct dp *dp, const char *name, struct dp_iface *ret)
{
	__u32 slot = dp_iface_slot(dp, name);

	return slot && find(dp, slot, name, ret);
}

bool ifaces_has_other_mode(const struct rld *rld, const struct conf_attach *attach,
			   struct dp_iface *ret)
{
	return attach->mode != CONF_ATTACH_AUTO && ifaces_get(rld->dp, attach->iface, ret) &&
	       (attach->mode == CONF_ATTACH_NATIVE) != (ret->mode == DP_ATTACH_NATIVE);
}

void ifaces_tell_renamed(struct rld *rld, const struct dp_iface *iface, const char *before)
{
	json_t *body = json_pack("{s:{s:s, s:{s:{s:s}}}, s:{s:s, s:s}}", "observer", "product",
				 "rld", "ingress", "interface", "name", iface->name, "rld",
				 "renamed_from", before, "attached_as", iface->attached_as);

	log_line("%s: renamed from %s; attached as %s until a reload or a detach", iface->name,
		 before, iface->attached_as);
	events_emit(rld->events, EVENT_IFACE_RENAMED, body, NULL);
}

struct view {
	struct rld *rld;
	struct ifaces_stack *stack; /* owned */
};

static struct view view_of(struct rld *rld)
{
	return (struct view){.rld = rld, .stack = ifaces_stack_new(rld->dp)};
}

static void view_done(struct view *view)
{
	ifaces_stack_free(view->stack);
}

static void describe(const struct view *view, const char *name, const struct dp_iface *iface,
		     json_t *into)
{
	const char *note = ifaces_note(view->rld, iface ? iface->attached_as : name);
	char twice[384];

	json_set_text(into, "name", iface ? iface->name : name);
	if (iface && strcmp(iface->name, iface->attached_as))
		json_set_text(into, "attached_as", iface->attached_as);
	json_set_text(into, "state", iface ? "attached" : "pending");
	json_set_text(into, "attach_mode",
		      !iface				? NULL
		      : iface->mode == DP_ATTACH_NATIVE ? "native"
							: "generic");
	if (note[0])
		json_set_text(into, "note", note);
	if (iface && view->stack && ifaces_stacked(view->stack, iface, twice, sizeof(twice)))
		json_set_text(into, "warning", twice);
}

void ifaces_describe(struct rld *rld, const char *name, json_t *into)
{
	_cleanup_(view_done) struct view view = view_of(rld);
	struct dp_iface iface;
	bool attached = ifaces_find(rld->dp, name, &iface);

	describe(&view, name, attached ? &iface : NULL, into);
}

static __u64 packets_of(struct dp *dp, __u32 slot)
{
	struct rl_iface_counters counters;
	__u64 sum = 0;

	if (dp_iface_counters(dp, slot, &counters))
		return 0;
	for (int reason = 0; reason < RL_REASON_COUNT; reason++)
		for (int verdict = 0; verdict < RL_VERDICT_COUNT; verdict++)
			sum += counters.reason[reason][verdict].packets;
	return sum;
}

static void append(const struct view *view, const char *name, const struct dp_iface *iface,
		   json_t *list)
{
	json_t *one = json_object();

	describe(view, name, iface, one);
	json_set_u64(one, "packets", iface ? packets_of(view->rld->dp, iface->slot) : 0);
	json_array_append_new(list, one);
}

/* What is configured in its order, then what was renamed while another came to bear its name. */
json_t *ifaces_json(struct rld *rld)
{
	_cleanup_(view_done) struct view view = view_of(rld);
	struct dp_iface v[RL_IFACES_MAX], iface;
	size_t count = dp_ifaces(rld->dp, v);
	json_t *list = json_array();

	for (size_t i = 0; i < rld->conf->attaches; i++) {
		const char *name = rld->conf->attach[i].iface;
		bool attached = ifaces_find(rld->dp, name, &iface);

		append(&view, name, attached ? &iface : NULL, list);
		for (size_t k = 0; attached && k < count; k++)
			if (v[k].ifindex == iface.ifindex)
				v[k].ifindex = 0;
	}
	for (size_t k = 0; k < count; k++)
		if (v[k].ifindex)
			append(&view, v[k].name, &v[k], list);
	return list;
}
