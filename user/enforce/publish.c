// SPDX-License-Identifier: GPL-2.0-only
/* Compiled rules, and the lists beside them, on their way into the kernel. */
#include "conf/compile/compile.h"
#include "enforce/publish.h"

#include <errno.h>
#include <stdlib.h>

struct dp_prefix publish_prefix(const struct addr_prefix *prefix, __u64 until_ns, __u32 row)
{
	return (struct dp_prefix){
		.addr = prefix->addr,
		.len = prefix->len,
		.row = row,
		.until_ns = until_ns,
	};
}

struct dp_prefix publish_entry(const struct conf_list *list, const struct conf_entry *entry,
			       const struct publish_clock *clock)
{
	__u64 until_ns = clock->at(clock->ctx, conf_list_until(list, entry));

	/* The row of an entry that allows is not looked at. */
	return publish_prefix(&entry->prefix, until_ns, conf_entry_is_ban(entry));
}

static int list_make(const struct conf_list *list, const struct publish_clock *clock,
		     struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(list->count + 1, sizeof(*v));
	const struct conf_entry *e;
	size_t count = 0;

	if (!v)
		return -ENOMEM;
	conf_list_each (e, at, list)
		v[count++] = publish_entry(list, e, clock);
	*ret = (struct dp_prefixes){.v = v, .count = list->count};
	return 0;
}

static int conditions_make(const struct conf_prefixes *prefixes, struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(prefixes->count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < prefixes->count; i++)
		v[i] = publish_prefix(&prefixes->v[i].prefix, 0, prefixes->v[i].row);
	*ret = (struct dp_prefixes){v, prefixes->count, prefixes->none};
	return 0;
}

int publish_sets_make(const struct conf *conf, const struct conf_image *image,
		      const struct publish_clock *clock, struct publish_sets *ret)
{
	int err = 0;

	if (!ret->keep[DP_SET_SOURCE])
		err = conditions_make(&image->source, &ret->v[DP_SET_SOURCE]);
	if (!err && !ret->keep[DP_SET_DESTINATION])
		err = conditions_make(&image->destination, &ret->v[DP_SET_DESTINATION]);
	if (!err && !ret->keep[DP_SET_ALLOW])
		err = list_make(&conf->allow, clock, &ret->v[DP_SET_ALLOW]);
	if (!err && !ret->keep[DP_SET_DENY])
		err = list_make(&conf->deny, clock, &ret->v[DP_SET_DENY]);
	return err;
}

void publish_sets_free(struct publish_sets *sets)
{
	for (int i = 0; i < DP_SET_COUNT; i++)
		free((void *)sets->v[i].v);
}

int publish_rules(struct dp *dp, const struct conf_image *image, const struct publish_sets *sets,
		  struct diag *d)
{
	struct dp_ruleset ruleset = {.rules = image->rules, .rows_used = image->rows_used};

	for (int i = 0; i < DP_SET_COUNT; i++)
		ruleset.set[i] = sets->keep[i] ? NULL : &sets->v[i];
	return dp_publish(dp, &ruleset, d);
}
