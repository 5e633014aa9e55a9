// SPDX-License-Identifier: GPL-2.0-only
/* Compiled rules, and the lists beside them, on their way into the kernel. */
#include "conf/compile/compile.h"
#include "enforce/publish.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define PIECE 256 /* entries */

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

int publish_list(struct dp_fill *fill, enum dp_set set, const struct conf_list *list,
		 const struct publish_clock *clock, struct diag *d)
{
	struct dp_prefix piece[PIECE];
	const struct conf_entry *e;
	size_t count = 0;
	int err = 0;

	conf_list_each (e, at, list) {
		piece[count++] = publish_entry(list, e, clock);
		if (count < PIECE)
			continue;
		err = dp_fill_add(fill, set, piece, count, d);
		if (err)
			return err;
		count = 0;
	}
	return dp_fill_add(fill, set, piece, count, d);
}

int publish_lists(struct dp *dp, const struct conf *conf, const struct publish_clock *clock,
		  struct dp_fill **ret, struct diag *d)
{
	static const bool both[DP_LISTS] = {true, true};
	struct dp_fill *fill;
	int err = dp_fill_begin(dp, both, &fill, d);

	if (err)
		return err;
	err = publish_list(fill, DP_SET_ALLOW, conf_allow(conf), clock, d);
	if (!err)
		err = publish_list(fill, DP_SET_DENY, conf_deny(conf), clock, d);
	if (err)
		dp_fill_end(fill);
	else
		*ret = fill;
	return err;
}

static int prefixes_make(const struct conf_prefixes *prefixes, struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(prefixes->count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < prefixes->count; i++)
		v[i] = publish_prefix(&prefixes->v[i].prefix, 0, prefixes->v[i].row);
	*ret = (struct dp_prefixes){v, prefixes->count, prefixes->none};
	return 0;
}

int publish_conditions_make(const struct conf_image *image, struct publish_conditions *ret)
{
	int err = prefixes_make(&image->source, &ret->source);

	return err ? err : prefixes_make(&image->destination, &ret->destination);
}

void publish_conditions_free(struct publish_conditions *conditions)
{
	free((void *)conditions->source.v);
	free((void *)conditions->destination.v);
}

int publish_rules(struct dp *dp, const struct conf_image *image, struct dp_fill *lists,
		  struct diag *d)
{
	_cleanup_(publish_conditions_free) struct publish_conditions conditions = {0};
	const struct dp_ruleset ruleset = {
		.rules = image->rules,
		.rows_used = image->rows_used,
		.set = {[DP_SET_SOURCE] = &conditions.source,
			[DP_SET_DESTINATION] = &conditions.destination},
		.lists = lists,
	};
	int err = publish_conditions_make(image, &conditions);

	return err ? diag_errno(d, -err, "cannot publish the rules") : dp_publish(dp, &ruleset, d);
}
