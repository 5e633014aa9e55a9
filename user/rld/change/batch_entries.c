// SPDX-License-Identifier: GPL-2.0-only
/* List entries, one by one: a set need not be made again for each. */
#include "rld/change/batch_entries.h"

#include <string.h>

#include "rld/loop/log.h"

struct lists_of_both {
	const struct conf_list *now;
	const struct conf_list *new;
};

bool batch_is_entry(const struct change *change)
{
	return change->what.kind == CONF_CHANGE_ALLOW || change->what.kind == CONF_CHANGE_DENY;
}

static enum dp_set set_of(const struct change *change)
{
	return change->what.kind == CONF_CHANGE_ALLOW ? DP_SET_ALLOW : DP_SET_DENY;
}

static struct lists_of_both lists_of(const struct job *job, enum dp_set set)
{
	const struct conf *now = job->rld->conf, *new = job->cand;

	if (set == DP_SET_ALLOW)
		return (struct lists_of_both){conf_allow(now), conf_allow(new)};
	return (struct lists_of_both){conf_deny(now), conf_deny(new)};
}

static bool prefix_of(const struct change *change, struct addr_prefix *ret)
{
	return !change->err && batch_is_entry(change) &&
	       !addr_parse_prefix(change->what.name, strlen(change->what.name), ret);
}

/* An empty set has no place in the kernel to put an entry into, so filling or emptying one takes a
 * new set. */
void batch_choose_lists(struct job *job)
{
	const struct change *change = job->first;
	struct addr_prefix prefix;
	bool named = false;

	for (int s = 0; s < DP_LISTS; s++) {
		struct lists_of_both lists = lists_of(job, s);

		job->lists.renew[s] =
			job->rld->lists_stale || !lists.now->count != !lists.new->count;
	}
	for (size_t i = 0; i < job->count; i++, change = change->next) {
		named |= change->what.kind == CONF_CHANGE_LIST;
		if (prefix_of(change, &prefix))
			job->lists.renew[set_of(change)] |=
				lists_sync_is_long(lists_of(job, set_of(change)).new, &prefix);
	}
	if (named && !job->rld->lists_stale)
		lists_compare(job->rld->conf, job->cand, &job->lists);
}

static int sync_entry(struct job *job, const struct change *change, bool undo, struct diag *d)
{
	struct lists_of_both lists;
	struct addr_prefix prefix;

	if (!prefix_of(change, &prefix) || job->lists.renew[set_of(change)])
		return 0;
	lists = lists_of(job, set_of(change));
	return lists_sync(job->rld, set_of(change), undo ? lists.now : lists.new, &prefix, d);
}

void batch_undo_entries(struct job *job)
{
	const struct change *change = job->first;
	struct diag d;

	dp_lists_hold(job->rld->dp);
	for (size_t i = 0; i < job->count; i++, change = change->next)
		if (sync_entry(job, change, true, &d))
			log_diag(&d);
	dp_lists_release(job->rld->dp);
}

int batch_sync_entries(struct job *job)
{
	const struct change *change = job->first;
	int err = 0;

	if (job->count > 1)
		dp_lists_hold(job->rld->dp);
	for (size_t i = 0; i < job->count && !err; i++, change = change->next)
		err = sync_entry(job, change, false, &job->d);
	if (job->count > 1)
		dp_lists_release(job->rld->dp);
	return err;
}
