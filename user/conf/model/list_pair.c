// SPDX-License-Identifier: GPL-2.0-only
/* Two lists side by side: what is in one, in the other, or in both. */
#include "conf/model/conf_internal.h"

static void skip_shared(struct conf_at *a, struct conf_at *b)
{
	while (!a->nth && !b->nth && a->block < a->list->blocks && b->block < b->list->blocks &&
	       a->list->block[a->block] == b->list->block[b->block]) {
		a->block++;
		b->block++;
	}
}

bool conf_pair_next(struct conf_pair *p, bool changes)
{
	int order;

	if (p->old)
		conf_at_next(&p->a);
	if (p->new)
		conf_at_next(&p->b);
	if (changes)
		skip_shared(&p->a, &p->b);
	p->old = conf_at_entry(&p->a);
	p->new = conf_at_entry(&p->b);
	if (!p->old || !p->new)
		return p->old || p->new;
	order = conf_prefix_compare(&p->old->prefix, &p->new->prefix);
	if (order < 0)
		p->new = NULL;
	else if (order > 0)
		p->old = NULL;
	return true;
}

bool conf_list_equal(const struct conf_list *a, const struct conf_list *b)
{
	struct conf_pair p = conf_pair_begin(a, b);

	if (a->count != b->count)
		return false;
	while (conf_pair_next(&p, true))
		if (!p.old || !p.new || p.old->until_s != p.new->until_s ||
		    conf_entry_is_ban(p.old) != conf_entry_is_ban(p.new))
			return false;
	return true;
}
