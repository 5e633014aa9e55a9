/* SPDX-License-Identifier: GPL-2.0-only */
/* `sources`: the top of the state table by one measure. */
#ifndef RLD_SOURCES_H
#define RLD_SOURCES_H

#include "rld/request/answer.h"
#include "rld/request/query.h"
#include "rld/rld.h"

/* What names a source, and its counters; the caller adds what depends on the clock. */
json_t *source_counts_json(const struct rl_limit *limit, const struct rl_key *key,
			   const struct rl_state *state);
/* All of it, at that time. */
json_t *source_json(struct dp *dp, const struct rl_limit *limit, const struct rl_key *key,
		    const struct rl_state *state, __u64 now_ns);
/* Walks the table and answers; on failure nothing was answered. */
int sources_query(struct rld *rld, const struct query *query, struct answer *answer,
		  struct diag *d);

#endif
