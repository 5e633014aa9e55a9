// SPDX-License-Identifier: GPL-2.0-only
/* The commands `hit` and `peek`. */
#include "rld/app/app.h"

#include <string.h>

#include "base/units.h"
#include "rld/app/hit.h"

static int parse(char *const words[], size_t count, __u64 *ret_cost, struct diag *d)
{
	*ret_cost = 1;
	if (count < 2)
		return diag_set(d, DIAG_USAGE, "%s takes a limit and a key", words[-1]);
	if (count == 2)
		return 0;
	if (strcmp(words[2], "cost") != 0 || count > 4)
		return diag_set(d, DIAG_USAGE, "\"%s\" is not expected here",
				words[count > 4 ? 4 : 2]);
	if (count == 3 || units_parse_u64(words[3], strlen(words[3]), ret_cost))
		return diag_set(d, DIAG_USAGE, "cost takes a number, not \"%s\"",
				count == 3 ? "" : words[3]);
	return 0;
}

int app_command(struct rld *rld, char *const words[], size_t count, json_t **ret, struct diag *d)
{
	struct hit_answer answer;
	struct hit_query query;
	__u64 cost;
	int err = parse(words + 1, count - 1, &cost, d);

	if (!err)
		err = hit_query_make(rld, words[1], words[2], strlen(words[2]), cost, &query, d);
	if (err)
		return err;
	query.peek = !strcmp(words[0], "peek");
	err = hit_ask(rld, &query, &answer, d);
	if (!err)
		*ret = hit_json(&query, &answer);
	return err;
}
