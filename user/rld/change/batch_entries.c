// SPDX-License-Identifier: GPL-2.0-only
/* List entries, one by one: a set need not be made again for each. */
#include "rld/change/batch_entries.h"

#include <string.h>

#include "rld/change/lists.h"
#include "rld/loop/log.h"

bool batch_is_entry(const struct change *change)
{
	return change->what.kind == CONF_CHANGE_ALLOW || change->what.kind == CONF_CHANGE_DENY;
}

static int sync_entry(struct rld *rld, const struct conf *conf, const struct change *change,
		      struct diag *d)
{
	bool allow = change->what.kind == CONF_CHANGE_ALLOW;
	const struct conf_list *list = allow ? &conf->allow : &conf->deny;
	const struct conf_list *now = allow ? &rld->conf->allow : &rld->conf->deny;
	struct addr_prefix prefix;

	/* An empty set is filled, and a set emptied, by the rule set. */
	if (!list->count || !now->count)
		return 0;
	if (addr_parse_prefix(change->what.name, strlen(change->what.name), &prefix))
		return diag_set(d, DIAG_FAILED, "no prefix: %s", change->what.name);
	return lists_sync(rld, allow ? DP_SET_ALLOW : DP_SET_DENY, list, &prefix, d);
}

void batch_undo_entries(struct rld *rld, const struct change *first, size_t count)
{
	struct diag d;

	for (const struct change *change = first; count--; change = change->next)
		if (!change->err && batch_is_entry(change) &&
		    sync_entry(rld, rld->conf, change, &d))
			log_diag(&d);
}

int batch_sync_entries(struct rld *rld, const struct conf *cand, struct change *first, size_t count)
{
	struct diag d;
	int err = 0;

	for (const struct change *change = first; count-- && !err; change = change->next)
		if (!change->err && batch_is_entry(change))
			err = sync_entry(rld, cand, change, &d);
	if (err)
		first->d = d;
	return err;
}
