// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces as JSON. */
#include "rld/ifaces.h"

void ifaces_describe(struct rld *rld, const char *name, json_t *into)
{
	const char *note = ifaces_note(rld, name);
	struct dp_iface iface;
	bool attached = ifaces_get(rld->dp, name, &iface);

	json_set_text(into, "name", name);
	json_set_text(into, "state", attached ? "attached" : "pending");
	json_set_text(into, "attach_mode",
		      !attached			       ? NULL
		      : iface.mode == DP_ATTACH_NATIVE ? "native"
						       : "generic");
	if (note[0])
		json_set_text(into, "note", note);
}

static __u64 packets_of(struct dp *dp, const char *name)
{
	__u32 slot = dp_iface_slot(dp, name);
	struct rl_iface_counters counters;
	__u64 sum = 0;

	if (!slot || dp_iface_counters(dp, slot, &counters))
		return 0;
	for (int reason = 0; reason < RL_REASON_COUNT; reason++)
		for (int verdict = 0; verdict < RL_VERDICT_COUNT; verdict++)
			sum += counters.reason[reason][verdict].packets;
	return sum;
}

json_t *ifaces_json(struct rld *rld)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rld->conf->attaches; i++) {
		json_t *iface = json_object();

		ifaces_describe(rld, rld->conf->attach[i].iface, iface);
		json_set_u64(iface, "packets", packets_of(rld->dp, rld->conf->attach[i].iface));
		json_array_append_new(list, iface);
	}
	return list;
}
