// SPDX-License-Identifier: GPL-2.0-only
/* Text of what a replay found. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rlctl/output.h"
#include "rlctl/table.h"

static void print_head(const json_t *data)
{
	const json_t *capture = json_object_get(data, "capture");
	char span[TIME_TEXT];
	char count[32];

	printf("%s: %s packets in %s", json_text(capture, "file", "?"),
	       count_format(json_u64(capture, "replayed"), count),
	       time_format_span(json_u64(data, "duration_ns"), span));
	if (json_text(data, "first", NULL))
		printf(", from %s to %s", json_text(data, "first", "?"),
		       json_text(data, "last", "?"));
	printf("\n");
}

static void print_top(const json_t *data)
{
	static const char *const heads[] = {"LIMIT",	  "SOURCE",	"PASS",	     "DROP",
					    "WOULD DROP", "FIRST SEEN", "LAST SEEN", NULL};
	const json_t *list = json_object_get(data, "sources");
	_cleanup_(table_done) struct table table = {0};
	char buf[256];
	size_t i;
	const json_t *item;

	table_init(&table, "llrrrll", heads);
	json_array_foreach (list, i, item) {
		table_text(&table, json_text(item, "limit", NULL));
		table_text(&table, output_key(item, buf, sizeof(buf)));
		table_count(&table, json_u64(item, "pass"));
		table_count(&table, json_u64(item, "drop"));
		table_count(&table, json_u64(item, "would_drop"));
		table_text(&table, json_text(item, "first_seen", NULL));
		table_text(&table, json_text(item, "last_seen", NULL));
	}
	printf("\n");
	table_print(&table, stdout);
	if (json_u64(data, "total") > json_array_size(list))
		printf("%zu of %s sources; --top N shows more\n", json_array_size(list),
		       count_format(json_u64(data, "total"), buf));
}

void print_replay(char *const words[], const json_t *data)
{
	char *const stats[] = {"stats", NULL};
	size_t i;
	const json_t *item;

	print_head(data);
	print_stats(stats, data);
	print_top(data);
	fflush(stdout);
	json_array_foreach (json_object_get(data, "notes"), i, item)
		fprintf(stderr, "rlctl: note: %s\n", json_string_value(item));
}
