// SPDX-License-Identifier: GPL-2.0-only
/* Lists with a name that commands took something from, which a file cannot say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/model/named.h"
#include "rld/change/save_check_internal.h"

static int check_said(const struct save_check *check, const struct conf_named *after,
		      const struct conf_named *now, struct diag *d)
{
	struct conf_pair p = conf_pair_begin(&after->said, &now->said);
	char text[ADDR_TEXT], what[ADDR_TEXT + 64];

	while (conf_pair_next(&p, true)) {
		if (!p.old || p.new)
			continue;
		snprintf(what, sizeof(what), "list %s: %s was deleted", after->name,
			 addr_format_prefix(&p.old->prefix, text));
		return save_refuse_at(check->after, p.old->place, d, what);
	}
	return 0;
}

static int check_named(const struct save_check *check, const struct conf_named *after,
		       struct diag *d)
{
	const struct conf_named *now = conf_find_named(check->now, after->name);
	char what[RL_NAME_LEN + 32];

	if (now && after->path &&
	    (!now->path || strcmp(after->path, now->path) || after->strict != now->strict)) {
		snprintf(what, sizeof(what), "list %s has another file", after->name);
		return save_refuse_at(check->after, after->path_place, d, what);
	}
	if (now)
		return check_said(check, after, now, d);
	snprintf(what, sizeof(what), "list %s was deleted", after->name);
	return save_refuse_at(check->after, after->place, d, what);
}

static int check_use(const struct save_check *check, const struct conf_use *after, struct diag *d)
{
	const struct conf_use *now = conf_find_use(check->now, after->deny, after->name);
	char what[RL_NAME_LEN + 64];

	if (after->how.timed || (now && !now->how.timed))
		return 0;
	snprintf(what, sizeof(what), "%s @%s was %s", after->deny ? "deny" : "allow", after->name,
		 now ? "given an end" : "deleted");
	return save_refuse_at(check->after, after->how.place, d, what);
}

int save_check_nameds(const struct save_check *check, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; !err && i < check->after->nameds; i++)
		err = check_named(check, &check->after->named[i], d);
	for (size_t i = 0; !err && i < check->after->uses; i++)
		err = check_use(check, &check->after->use[i], d);
	return err;
}
