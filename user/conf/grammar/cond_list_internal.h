/* SPDX-License-Identifier: GPL-2.0-only */
/* What the lists of conditions share: taking a word apart at its commas. */
#ifndef CONF_COND_LIST_INTERNAL_H
#define CONF_COND_LIST_INTERNAL_H

#include "conf/grammar/stmt.h"

/* One element between commas. */
struct element {
	const struct word *w;
	size_t from;
	size_t len;
	__u32 max;
};

/* Writes element `cond->count`. */
typedef int (*take_element)(struct stmt *s, struct conf_cond *cond, const struct element *e);

/* Fails if there is no next word. */
int cond_list_require(struct stmt *s, const char *what);
/* Takes the next word into `cond->range`, in the order of the elements. */
int cond_list_take_ranges(struct stmt *s, struct conf_cond *cond, __u32 max, take_element take);
/* Of two struct conf_range, for qsort. */
int cond_list_compare_ranges(const void *a, const void *b);

#endif
