/* SPDX-License-Identifier: GPL-2.0-only */
/* Looking one source up. */
#include "source.h"

#include <string.h>

struct rl_key source_key(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = {.limit_id = dp_rules(h->dp)->limit[harness_index(h, limit)].id};

	addr_parse(source, strlen(source), &key.source);
	return key;
}

struct rl_state source_state(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = source_key(h, limit, source);
	struct rl_state st;

	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	return st;
}

__u64 source_in_front(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = source_key(h, limit, source);

	return dp_front_refused(h->dp, &key);
}
