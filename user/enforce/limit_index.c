// SPDX-License-Identifier: GPL-2.0-only
/* Limits by their ids: a sorted array. */
#include "enforce/limit_index.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct limit_index_row *left = a;
	const struct limit_index_row *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

void limit_index_make(struct limit_index *index, const struct conf *conf)
{
	index->rows = 0;
	for (size_t i = 0; i < conf->limits && i < RL_LIMITS_MAX; i++)
		index->row[index->rows++] =
			(struct limit_index_row){conf->limit[i]->abi.id, conf->limit[i]};
	qsort(index->row, index->rows, sizeof(*index->row), compare);
}

const struct conf_limit *limit_index_find(const struct limit_index *index, __u32 id)
{
	const struct limit_index_row wanted = {.id = id};
	const struct limit_index_row *found =
		bsearch(&wanted, index->row, index->rows, sizeof(*index->row), compare);

	return found ? found->limit : NULL;
}
