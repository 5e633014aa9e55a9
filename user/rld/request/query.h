/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of the commands that only look: "--limit NAME --top N -f" and plain words. */
#ifndef RLD_QUERY_H
#define RLD_QUERY_H

#include "base/addr.h"
#include "base/diag.h"

/* Refused: dropped, or would have been. */
enum sources_sort { SORT_REFUSED, SORT_DROP, SORT_WOULD_DROP, SORT_PASS, SORT_SEEN };

#define QUERY_TOP 100 /* unless told otherwise */
#define QUERY_TOP_MAX 10000

/* What may be asked for; a command names the ones it takes. */
enum query_field {
	QUERY_WORD = 1, /* one plain word */
	QUERY_LIMIT = 2,
	QUERY_TOPN = 4,
	QUERY_SORT = 8,
	QUERY_SOURCE = 16,
	QUERY_FOLLOW = 32,
	QUERY_SINCE = 64,
	QUERY_MORE = 256, /* ... and another one */
	QUERY_OWN = 128,  /* the command reads its words itself */
};

struct query {
	const char *word; /* NULL: none */
	const char *more;
	const char *limit; /* NULL: all */
	size_t top;
	enum sources_sort sort;
	struct addr_prefix source;
	bool by_source;
	bool follow;
	__u64 since_ns; /* 0: not given */
};

/* From the words after the command's name. */
int query_parse(char *const words[], size_t count, unsigned fields, struct query *ret,
		struct diag *d);
/* One option by name, without its dashes: what HTTP has as "?name=value". */
int query_set(struct query *query, const char *name, const char *value, struct diag *d);

#endif
