// SPDX-License-Identifier: GPL-2.0-only
/* Rows of one dimension: a sweep over the edges of all conditions' sets flips bits, so that a row
 * costs what changed. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "conf/compile/dims.h"

int sweep_init(struct sweep *s, const struct dim *dim, size_t limits)
{
	*s = (struct sweep){.unmet = calloc(limits + 1, sizeof(*s->unmet))};
	if (!s->unmet)
		return -ENOMEM;
	for (size_t i = 0; i < dim->conds; i++)
		s->unmet[dim->cond[i].limit] += !dim->cond[i].negated;
	for (size_t i = 0; i < limits; i++)
		if (s->unmet[i] == 0)
			row_flip(&s->row, (unsigned)i);
	return 0;
}

void sweep_done(struct sweep *s)
{
	free(s->unmet);
	s->unmet = NULL;
}

void sweep_cross(struct sweep *s, const struct dim_cond *cond, bool enter)
{
	__u16 *unmet = &s->unmet[cond->limit];
	bool held = *unmet == 0;

	if (enter != cond->negated)
		--*unmet;
	else
		++*unmet;
	if (held != (*unmet == 0))
		row_flip(&s->row, cond->limit);
}

/* Where a condition's set begins or ends. */
struct edge {
	__u32 at;
	bool enter;
	const struct dim_cond *cond;
};

static int compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static size_t collect_edges(const struct dim *dim, struct edge *edge)
{
	size_t count = 0;

	for (size_t i = 0; i < dim->conds; i++)
		for (size_t j = 0; j < dim->cond[i].count; j++) {
			const struct conf_range *r = &dim->cond[i].range[j];

			edge[count++] = (struct edge){r->first, true, &dim->cond[i]};
			edge[count++] = (struct edge){r->last + 1, false, &dim->cond[i]};
		}
	return count;
}

int sweep_numbers(const struct dim *dim, size_t limits, struct rows *rows, __u16 *map, size_t size)
{
	_cleanup_(sweep_done) struct sweep s = {0};
	_cleanup_free_ struct edge *edge = NULL;
	size_t count = 0, at = 0, i = 0;
	__u32 row;
	int err = sweep_init(&s, dim, limits);

	for (size_t k = 0; k < dim->conds; k++)
		count += dim->cond[k].count * 2;
	edge = calloc(count + 1, sizeof(*edge));
	if (err || !edge)
		return -ENOMEM;
	count = collect_edges(dim, edge);
	qsort(edge, count, sizeof(*edge), compare_edges);
	while (at < size) {
		size_t end;

		for (; i < count && edge[i].at == at; i++)
			sweep_cross(&s, edge[i].cond, edge[i].enter);
		end = i < count && edge[i].at < size ? edge[i].at : size;
		err = rows_number(rows, &s.row, &row);
		if (err)
			return err;
		while (at < end)
			map[at++] = (__u16)row;
	}
	return 0;
}
