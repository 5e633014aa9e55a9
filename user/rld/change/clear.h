/* SPDX-License-Identifier: GPL-2.0-only */
/* `clear`: forgets sources, and with them their counts, blocks and automatic bans. */
#ifndef RLD_CLEAR_H
#define RLD_CLEAR_H

#include "rld/request/answer.h"
#include "rld/request/query.h"
#include "rld/rld.h"

/* `query->word` is an address, a prefix or "all". Answers when it is done; on failure nothing was
 * answered. */
int clear_query(struct rld *rld, const struct query *query, struct answer *answer, struct diag *d);
/* Forgets the sources in `prefix` that a limit has banned: at once, but for the walk through the
 * table, at whose end `answer`, if any, is given `data`, "changed" if there were such. Takes
 * `data`. Returns false if it could not begin, with nothing answered. */
bool clear_bans(struct rld *rld, const struct addr_prefix *prefix, struct answer *answer,
		json_t *data);

#endif
