/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds a limit by the id that the kernel knows it by: a walk over a million sources asks for each
 * of them. */
#ifndef ENFORCE_LIMIT_INDEX_H
#define ENFORCE_LIMIT_INDEX_H

#include "conf/model/conf.h"

struct limit_index {
	struct limit_index_row {
		__u32 id;
		const struct conf_limit *limit;
	} row[RL_LIMITS_MAX];
	size_t rows;
};

/* Of the limits of `conf`, which stays the owner: to be called again when it was replaced. */
void limit_index_make(struct limit_index *index, const struct conf *conf);
/* NULL: no limit has that id, or none any more. */
const struct conf_limit *limit_index_find(const struct limit_index *index, __u32 id);

#endif
