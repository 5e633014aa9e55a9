// SPDX-License-Identifier: GPL-2.0-only
/* The answers of `show` as text. */
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "rlctl/output.h"
#include "rlctl/table.h"

static void print_limits(const json_t *list)
{
	static const char *const heads[] = {"LIMIT", "WINDOWS", "PER",	   "STRATEGY", "MODE",
					    "BAN",   "MATCH",	"COMMENT", NULL};
	_cleanup_(table_done) struct table table = {0};
	char text[256];
	size_t i;
	const json_t *item;

	table_init(&table, "llllllll", heads);
	json_array_foreach (list, i, item) {
		bool enabled = json_is_true(json_object_get(item, "enabled"));

		table_text(&table, json_text(item, "name", NULL));
		table_text(&table,
			   output_join(json_object_get(item, "windows"), text, sizeof(text)));
		table_text(&table, json_text(item, "per", NULL));
		table_text(&table, json_text(item, "strategy", NULL));
		table_text(&table, enabled ? json_text(item, "mode", NULL) : "disabled");
		table_text(&table, json_text(item, "ban", NULL));
		table_text(&table, json_text(item, "match", NULL));
		table_text(&table, json_text(item, "comment", NULL));
	}
	table_print(&table, stdout);
}

/* Of protect-port: the ports that its value comes to, and what it could not find out. */
static void print_protected(const json_t *option)
{
	const char *note = json_text(option, "note", NULL);
	size_t i;
	const json_t *port;

	if (!json_object_get(option, "protected"))
		return;
	printf("\nprotected ports:");
	json_array_foreach (json_object_get(option, "protected"), i, port)
		printf("%s %lld", i ? "," : "", json_integer_value(port));
	printf("%s\n", i ? "" : " none");
	if (note)
		printf("note: %s\n", note);
}

static void print_options(const json_t *list)
{
	static const char *const heads[] = {"OPTION", "VALUE",	     "DEFAULT",
					    "RANGE",  "CHANGE ACTS", NULL};
	_cleanup_(table_done) struct table table = {0};
	size_t i;
	const json_t *item;

	table_init(&table, "lllll", heads);
	json_array_foreach (list, i, item) {
		table_text(&table, json_text(item, "name", NULL));
		table_text(&table, json_text(item, "value", NULL));
		table_text(&table, json_text(item, "default", NULL));
		table_text(&table, json_text(item, "range", NULL));
		table_text(&table, json_is_true(json_object_get(item, "needs_restart"))
					   ? "after a restart"
					   : "at once");
	}
	table_print(&table, stdout);
	json_array_foreach (list, i, item)
		print_protected(item);
}

static void add_entries(struct table *table, const char *name, const json_t *list)
{
	size_t i;
	const json_t *item;

	json_array_foreach (list, i, item) {
		table_text(table, json_text(item, "kind", name));
		table_text(table, json_text(item, "prefix", NULL));
		table_text(table, json_text(item, "until", NULL));
		table_text(table, json_text(item, "comment", NULL));
	}
}

/* Who is banned by which limit, why, and how often before. */
static void add_bans(struct table *table, const json_t *list)
{
	char text[256];
	size_t i;
	const json_t *item;

	json_array_foreach (list, i, item) {
		__u64 bans = json_u64(item, "bans");

		table_text(table, "ban");
		table_text(table, output_key(item, text, sizeof(text)));
		table_text(table, json_text(item, "until", NULL));
		snprintf(text, sizeof(text), "limit %s: %s%s%s%s", json_text(item, "limit", "?"),
			 json_text(item, "reason", "gives no bans any more"),
			 json_is_true(json_object_get(item, "everywhere")) ? ", from everything"
									   : "",
			 bans > 1 ? ", not for the first time" : "",
			 json_is_false(json_object_get(item, "enabled"))
				 ? ", refuses nothing while the limit is disabled"
				 : "");
		table_text(table, text);
	}
}

static void add_uses(struct table *table, const char *list, const json_t *uses)
{
	const json_t *use;
	char text[96];
	size_t i;

	json_array_foreach (uses, i, use) {
		table_text(table, list);
		snprintf(text, sizeof(text), "@%s (%llu)", json_text(use, "list", "?"),
			 (unsigned long long)json_u64(use, "entries"));
		table_text(table, text);
		table_text(table, json_text(use, "until", NULL));
		table_text(table, json_text(use, "comment", NULL));
	}
}

/* "the allow list, limit web". */
static const char *users(const json_t *list, char *buf, size_t size)
{
	const json_t *by = json_object_get(list, "used_by"), *limit;
	size_t i, at = 0;

	buf[0] = 0;
	if (json_is_true(json_object_get(by, "allow")))
		at += (size_t)snprintf(buf, size, "the allow list");
	if (json_is_true(json_object_get(by, "deny")))
		at += (size_t)snprintf(buf + at, size - at, "%sthe deny list", at ? ", " : "");
	json_array_foreach (json_object_get(by, "limits"), i, limit)
		if (at < size)
			at += (size_t)snprintf(buf + at, size - at, "%slimit %s", at ? ", " : "",
					       json_string_value(limit));
	return buf;
}

static void print_named(const json_t *lists)
{
	static const char *const heads[] = {"NAME", "ENTRIES", "USED BY", NULL};
	_cleanup_(table_done) struct table table = {0};
	char text[256];
	const json_t *list;
	size_t i;

	table_init(&table, "lrl", heads);
	json_array_foreach (lists, i, list) {
		table_text(&table, json_text(list, "name", "?"));
		snprintf(text, sizeof(text), "%llu", (unsigned long long)json_u64(list, "entries"));
		table_text(&table, text);
		table_text(&table, users(list, text, sizeof(text)));
	}
	printf("\n");
	table_print(&table, stdout);
}

static void print_lists(const json_t *data)
{
	const json_t *bans = json_object_get(data, "bans");
	char total[32];

	static const char *const heads[] = {"LIST", "PREFIX", "UNTIL", "COMMENT", NULL};
	_cleanup_(table_done) struct table table = {0};

	table_init(&table, "llll", heads);
	add_entries(&table, "allow", json_object_get(data, "allow"));
	add_uses(&table, "allow", json_object_get(data, "allow_lists"));
	add_entries(&table, "deny", json_object_get(data, "deny"));
	add_uses(&table, "deny", json_object_get(data, "deny_lists"));
	add_bans(&table, bans);
	table_print(&table, stdout);
	if (json_u64(data, "bans_total") > json_array_size(bans))
		printf("%zu of %s bans\n", json_array_size(bans),
		       count_format(json_u64(data, "bans_total"), total));
	if (json_array_size(json_object_get(data, "lists")))
		print_named(json_object_get(data, "lists"));
}

/* One list, to be read by programs as well: a prefix a line. */
static void print_prefixes(const json_t *list)
{
	const json_t *prefix;
	size_t i;

	json_array_foreach (list, i, prefix)
		printf("%s\n", json_string_value(prefix));
}

void print_show(char *const words[], const json_t *data)
{
	if (json_object_get(data, "prefixes"))
		print_prefixes(json_object_get(data, "prefixes"));
	else if (json_object_get(data, "limits"))
		print_limits(json_object_get(data, "limits"));
	else if (json_object_get(data, "options"))
		print_options(json_object_get(data, "options"));
	else
		print_lists(data);
}
