/* SPDX-License-Identifier: GPL-2.0-only */
/* `sources`: the top of the state table by one measure. */
#ifndef RLD_SOURCES_H
#define RLD_SOURCES_H

#include "rld/answer.h"
#include "rld/option.h"
#include "rld/rld.h"

/* Walks the table and answers; on failure nothing was answered. */
int sources_query(struct rld *rld, const struct query *query, struct answer *answer,
		  struct diag *d);

#endif
