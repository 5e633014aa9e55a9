// SPDX-License-Identifier: GPL-2.0-only
/* Options of the commands that only look, for the socket and for HTTP. */
#include "rld/request/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "conf/grammar/nearest.h"

static const char *const sorts[] = {
	[SORT_REFUSED] = "refused", [SORT_DROP] = "drop", [SORT_WOULD_DROP] = "would_drop",
	[SORT_PASS] = "pass",	    [SORT_SEEN] = "seen",
};

static int set_limit(struct query *query, const char *value, struct diag *d)
{
	query->limit = value;
	return 0;
}

static int set_top(struct query *query, const char *value, struct diag *d)
{
	char *end;
	unsigned long top = strtoul(value, &end, 10);

	if (*end || value == end || !top || top > QUERY_TOP_MAX || *value == '-')
		return diag_set(d, DIAG_USAGE, "--top takes a number from 1 to %d, not \"%s\"",
				QUERY_TOP_MAX, value);
	query->top = top;
	return 0;
}

static int set_sort(struct query *query, const char *value, struct diag *d)
{
	for (size_t i = 0; i < sizeof(sorts) / sizeof(*sorts); i++) {
		if (strcmp(sorts[i], value))
			continue;
		query->sort = (enum sources_sort)i;
		return 0;
	}
	diag_set(d, DIAG_USAGE, "--sort takes refused, drop, would_drop, pass or seen, not \"%s\"",
		 value);
	nearest_hint(d, value, sorts, sizeof(sorts) / sizeof(*sorts));
	return -EINVAL;
}

static int set_source(struct query *query, const char *value, struct diag *d)
{
	if (addr_parse_prefix(value, strlen(value), &query->source))
		return diag_set(d, DIAG_USAGE,
				"\"%s\" is not an address or a prefix without host bits", value);
	query->by_source = true;
	return 0;
}

static int set_since(struct query *query, const char *value, struct diag *d)
{
	if (units_parse_duration(value, strlen(value), &query->since_ns))
		return diag_set(d, DIAG_USAGE, "--since takes a duration such as 10m, not \"%s\"",
				value);
	return 0;
}

static const struct option {
	const char *name;
	unsigned field;
	int (*set)(struct query *query, const char *value, struct diag *d);
} options[] = {
	{"limit", QUERY_LIMIT, set_limit}, {"top", QUERY_TOPN, set_top},
	{"sort", QUERY_SORT, set_sort},	   {"source", QUERY_SOURCE, set_source},
	{"since", QUERY_SINCE, set_since},
};
#define OPTIONS (sizeof(options) / sizeof(*options))

static const struct option *find(const char *name, unsigned fields)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if ((options[i].field & fields) && !strcmp(options[i].name, name))
			return &options[i];
	return NULL;
}

/* Suggests an option of these fields, or one that rlctl takes itself. */
static void hint_option(struct diag *d, const char *word, unsigned fields)
{
	const char *known[OPTIONS + 6] = {"json", "pretty", "quiet", "yes", "help"};
	size_t count = 5;

	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].field & fields)
			known[count++] = options[i].name;
	if (fields & QUERY_FOLLOW)
		known[count++] = "follow";
	nearest_option_hint(d, word, known, count);
}

int query_set(struct query *query, const char *name, const char *value, struct diag *d)
{
	const struct option *option = find(name, ~0U);

	if (!option)
		return diag_set(d, DIAG_USAGE, "unknown parameter \"%s\"", name);
	return option->set(query, value, d);
}

static int fail_unexpected(const char *word, unsigned fields, struct diag *d)
{
	diag_set(d, DIAG_USAGE, "\"%s\" is not expected here", word);
	hint_option(d, word, fields);
	return -EINVAL;
}

static int take_word(char *const words[], size_t *at, size_t count, unsigned fields,
		     struct query *query, struct diag *d)
{
	const char *word = words[*at];
	const struct option *option = strncmp(word, "--", 2) ? NULL : find(word + 2, fields);

	if (option && *at + 1 == count)
		return diag_set(d, DIAG_USAGE, "%s needs a value", word);
	if (option)
		return option->set(query, words[++*at], d);
	if ((fields & QUERY_FOLLOW) && (!strcmp(word, "-f") || !strcmp(word, "--follow"))) {
		query->follow = true;
		return 0;
	}
	if ((fields & QUERY_MORE) && query->word && !query->more && word[0] != '-') {
		query->more = word;
		return 0;
	}
	if (!(fields & QUERY_WORD) || word[0] == '-' || query->word)
		return fail_unexpected(word, fields, d);
	query->word = word;
	return 0;
}

int query_parse(char *const words[], size_t count, unsigned fields, struct query *ret,
		struct diag *d)
{
	struct query query = {.top = QUERY_TOP};

	for (size_t i = 0; i < count && !(fields & QUERY_OWN); i++) {
		int err = take_word(words, &i, count, fields, &query, d);

		if (err)
			return err;
	}
	*ret = query;
	return 0;
}
