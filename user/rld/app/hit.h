/* SPDX-License-Identifier: GPL-2.0-only */
/* Hits that an application asks about: a limit per app, a key, and what the program in the kernel
 * says. */
#ifndef RLD_HIT_H
#define RLD_HIT_H

#include "base/json.h"
#include "rld/app/digest.h"
#include "rld/rld.h"

struct hit_query {
	const struct conf_limit *limit;
	size_t index; /* of it in the configuration, and so in the rule set */
	union rl_addr digest;
	__u32 cost;
	bool peek; /* tells, and counts nothing */
};

enum hit_outcome { HIT_ADMITTED, HIT_REFUSED, HIT_WOULD_REFUSE, HIT_NOT_COUNTED };

/* Speaks of the window that refused, else of the one with the shortest period. */
struct hit_answer {
	enum hit_outcome outcome;
	bool banned;
	bool untracked; /* there was no room for the key's own state */
	unsigned window;
	__u64 amount;
	__u64 remaining;   /* of it */
	__u64 reset_in_ns; /* until the window holds nothing of the key; 0: it holds nothing */
	__u64 retry_in_ns; /* refused: an attempt before that is in vain */
};

/* Finds the limit, which has to be one per app and enabled. `cost` at least 1, and 1 for a
 * moving-window. */
int hit_query_make(struct rld *rld, const char *limit, const char *key, size_t key_len, __u64 cost,
		   struct hit_query *ret, struct diag *d);
int hit_ask(struct rld *rld, const struct hit_query *query, struct hit_answer *ret, struct diag *d);
json_t *hit_json(const struct hit_query *query, const struct hit_answer *answer);

#endif
