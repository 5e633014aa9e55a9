// SPDX-License-Identifier: GPL-2.0-only
/* How full the state table is. */
#include "rld/pressure.h"

#include "rld/view.h"

void pressure_look(struct pressure *pressure, struct rld *rld)
{
	__u64 created, room = dp_sources_max(rld->dp);

	pressure->tracked = view_tracked(rld, &created);
	pressure->filling = pressure->tracked >= room - room / 4 && created != pressure->created;
	pressure->created = created;
}
