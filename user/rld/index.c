// SPDX-License-Identifier: GPL-2.0-only
/* Finding a limit by the id that the kernel knows it by: a walk over a million sources asks for
 * each of them. */
#include <stdlib.h>

#include "rld/rld.h"

struct index_row {
	__u32 id;
	const struct conf_limit *limit;
};

static struct {
	struct index_row row[RL_LIMITS_MAX];
	size_t rows;
} by_id;

static int compare(const void *a, const void *b)
{
	const struct index_row *left = a;
	const struct index_row *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

void rld_limits_changed(struct rld *rld)
{
	rld->version++;
	by_id.rows = 0;
	for (size_t i = 0; i < rld->conf->limits && i < RL_LIMITS_MAX; i++)
		by_id.row[by_id.rows++] =
			(struct index_row){rld->conf->limit[i]->abi.id, rld->conf->limit[i]};
	qsort(by_id.row, by_id.rows, sizeof(*by_id.row), compare);
}

const struct conf_limit *rld_limit_by_id(const struct rld *rld, __u32 id)
{
	const struct index_row wanted = {.id = id};
	const struct index_row *found =
		bsearch(&wanted, by_id.row, by_id.rows, sizeof(*by_id.row), compare);

	return found ? found->limit : NULL;
}
