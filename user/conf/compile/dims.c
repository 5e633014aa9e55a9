// SPDX-License-Identifier: GPL-2.0-only
/* Conditions of limits to conditions on dimensions, with those that a condition implies. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "conf/compile/dims.h"
#include "conf/model/cond.h"

static int add(struct dims *d, enum rl_dim which, struct dim_cond cond)
{
	struct dim *dim = &d->dim[which];

	struct dim_cond *grown = array_grow(dim->cond, &dim->size, dim->conds, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	dim->cond = grown;
	dim->cond[dim->conds++] = cond;
	return 0;
}

int dim_add_class(struct dim *dim, __u32 row, __u8 tag)
{
	const struct dim_class *last = dim->classes ? &dim->class[dim->classes - 1] : NULL;
	struct dim_class *grown;

	if (last && last->row == row && last->tag == tag)
		return 0;
	grown = array_grow(dim->class, &dim->class_size, dim->classes, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	dim->class = grown;
	dim->class[dim->classes++] = (struct dim_class){.row = row, .tag = tag};
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int collect_ifaces(struct dims *d, const struct conf *c)
{
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < c->limits; i++)
		for (size_t j = 0; j < c->limit[i]->conds; j++)
			count += c->limit[i]->cond[j].iface ? c->limit[i]->cond[j].count : 0;
	d->iface = calloc(count + 1, sizeof(*d->iface));
	d->owned = calloc(c->limits * CONF_CONDS_MAX + 1, sizeof(struct conf_range *));
	if (!d->iface || !d->owned)
		return -ENOMEM;
	for (size_t i = 0; i < c->limits; i++)
		for (size_t j = 0; j < c->limit[i]->conds; j++)
			for (size_t k = 0;
			     c->limit[i]->cond[j].iface && k < c->limit[i]->cond[j].count; k++)
				memcpy(d->iface[d->ifaces++], c->limit[i]->cond[j].iface[k],
				       IF_NAMESIZE);
	qsort(d->iface, d->ifaces, sizeof(*d->iface), compare_names);
	for (size_t i = 0; i < d->ifaces; i++)
		if (!kept || strcmp(d->iface[i], d->iface[kept - 1]) != 0)
			memmove(d->iface[kept++], d->iface[i], sizeof(*d->iface));
	d->ifaces = kept;
	return 0;
}

static int add_ifaces(struct dims *d, struct dim_cond to, const struct conf_cond *cond)
{
	struct conf_range *range = calloc(cond->count, sizeof(*range));

	if (!range)
		return -ENOMEM;
	d->owned[d->owneds++] = range;
	for (size_t i = 0; i < cond->count; i++) {
		const char *found = bsearch(cond->iface[i], d->iface, d->ifaces, sizeof(*d->iface),
					    compare_names);
		__u32 value = (__u32)((found - d->iface[0]) / IF_NAMESIZE) + 1;

		range[i] = (struct conf_range){value, value};
	}
	to.range = range;
	return add(d, RL_DIM_IFACE, to);
}

static int add_implied(struct dims *d, __u32 limit, enum rl_dim dim, struct cond_set set)
{
	return set.count ? add(d, dim,
			       (struct dim_cond){
				       .limit = limit, .range = set.range, .count = set.count})
			 : 0;
}

/* Ranges that stand in `buf` are copied, for as long as the dimensions live. */
static int keep_ranges(struct dims *d, struct cond_set *set, const struct conf_range *buf)
{
	struct conf_range *range;

	if (set->range != buf)
		return 0;
	range = calloc(set->count, sizeof(*range));
	if (!range)
		return -ENOMEM;
	memcpy(range, buf, set->count * sizeof(*range));
	d->owned[d->owneds++] = range;
	set->range = range;
	return 0;
}

static int add_cond(struct dims *d, __u32 limit, const struct conf_cond *cond)
{
	const struct cond_kind *kind = cond_kind(cond->kind);
	struct dim_cond to = {.limit = limit,
			      .negated = cond->negated,
			      .prefix = cond->prefix,
			      .count = cond->count};
	struct conf_range buf[COND_RANGES_MAX];
	struct cond_set set;

	if (kind->form == COND_IFACES)
		return add_ifaces(d, to, cond);
	if (kind->form != COND_PREFIXES) {
		set = cond_values(cond, buf);
		if (keep_ranges(d, &set, buf))
			return -ENOMEM;
		to.range = set.range;
		to.count = set.count;
	}
	return add_implied(d, limit, kind->implied_dim, kind->implied) || add(d, kind->dim, to)
		       ? -ENOMEM
		       : 0;
}

static int add_limit(struct dims *d, __u32 limit, const struct conf_limit *l)
{
	int err = 0;

	/* Disabled ones match nothing anyway, and would cost rows. */
	if (!l->enabled)
		return 0;
	for (size_t i = 0; !err && i < l->conds; i++)
		err = add_cond(d, limit, &l->cond[i]);
	if (!err && l->abi.unit == RL_UNIT_CONNECTIONS)
		err = add_implied(d, limit, RL_DIM_TRAITS, cond_syn);
	if (!err && l->abi.key & (RL_KEY_DPORT | RL_KEY_SPORT))
		err = add_implied(d, limit, RL_DIM_TRAITS, cond_ports);
	return err;
}

int dims_init(struct dims *d, const struct conf *c)
{
	int err;

	*d = (struct dims){0};
	err = collect_ifaces(d, c);
	for (size_t i = 0; !err && i < c->limits; i++)
		err = add_limit(d, (__u32)i, c->limit[i]);
	return err;
}

void dims_done(struct dims *d)
{
	for (unsigned i = 0; i < RL_DIM_COUNT; i++) {
		free(d->dim[i].cond);
		free(d->dim[i].class);
	}
	for (size_t i = 0; i < d->owneds; i++)
		free(d->owned[i]);
	free(d->owned);
	free(d->iface);
	*d = (struct dims){0};
}
