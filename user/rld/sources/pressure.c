// SPDX-License-Identifier: GPL-2.0-only
/* How full the state table is, and telling of it. */
#include "rld/sources/pressure.h"

#include "base/json.h"
#include "rld/events/event.h"
#include "rld/sources/totals.h"

enum pressure_level pressure_level(__u64 tracked, __u64 room)
{
	if (tracked >= room)
		return PRESSURE_FULL;
	return tracked * 10 >= room * 9 ? PRESSURE_HIGH : PRESSURE_NORMAL;
}

const char *pressure_text(enum pressure_level level)
{
	static const char *const texts[] = {
		[PRESSURE_NORMAL] = "normal", [PRESSURE_HIGH] = "high", [PRESSURE_FULL] = "full"};

	return texts[level];
}

static void emit(const struct pressure *pressure, struct rld *rld, enum event_action action)
{
	json_t *details = json_object();

	json_set_text(details, "pressure", pressure_text(pressure->told));
	json_set_u64(details, "sources_tracked", pressure->tracked);
	json_set_u64(details, "sources_max", dp_sources_max(rld->dp));
	events_emit(rld->events, action, json_pack("{s:o}", "rld", details), NULL);
}

static void tell(struct pressure *pressure, struct rld *rld)
{
	__u64 room = dp_sources_max(rld->dp);
	enum pressure_level level = pressure_level(pressure->tracked, room);

	if (level > pressure->told) {
		pressure->told = level;
		emit(pressure, rld, EVENT_STATE_PRESSURE);
	} else if (pressure->told && pressure->tracked * 10 < room * 8) {
		pressure->told = PRESSURE_NORMAL;
		emit(pressure, rld, EVENT_STATE_RELIEVED);
	}
}

void pressure_look(struct pressure *pressure, struct rld *rld)
{
	__u64 created, room = dp_sources_max(rld->dp);

	pressure->tracked = totals_tracked(rld, &created);
	pressure->tight = pressure->tracked * 4 >= room * 3;
	pressure->filling = pressure->tight && created != pressure->created;
	pressure->urgent = pressure_level(pressure->tracked, room) != PRESSURE_NORMAL;
	pressure->created = created;
	tell(pressure, rld);
}
