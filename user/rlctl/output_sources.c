// SPDX-License-Identifier: GPL-2.0-only
/* Text of sources and events. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rlctl/output.h"
#include "rlctl/table.h"

/* The window with the least left says how near the source is to a refusal. */
static const json_t *tightest(const json_t *windows)
{
	const json_t *best = json_array_get(windows, 0);
	size_t i;
	const json_t *item;

	json_array_foreach (windows, i, item)
		if (json_u64(item, "remaining") < json_u64(best, "remaining"))
			best = item;
	return best;
}

const char *output_window(const json_t *window, char *buf, size_t size)
{
	__u64 burst = json_u64(window, "burst");
	int used = snprintf(buf, size, "%s", json_text(window, "window", "?"));

	if (burst && used > 0 && (size_t)used < size)
		snprintf(buf + used, size - (size_t)used, " burst %llu", burst);
	return buf;
}

static const char *remaining(const json_t *source, char *buf, size_t size)
{
	const json_t *window = tightest(json_object_get(source, "windows"));

	char text[128];

	snprintf(buf, size, "%llu of %s", json_u64(window, "remaining"),
		 output_window(window, text, sizeof(text)));
	return buf;
}

const char *output_key(const json_t *source, char *buf, size_t size)
{
	static const char *const parts[] = {"destination", "dport", "sport", "proto"};
	size_t used = (size_t)snprintf(buf, size, "%s", json_text(source, "source", "?"));

	for (size_t i = 0; i < 4 && used < size; i++) {
		const json_t *part = json_object_get(source, parts[i]);

		if (json_is_string(part))
			used += (size_t)snprintf(buf + used, size - used, " to %s",
						 json_string_value(part));
		else if (part)
			used += (size_t)snprintf(buf + used, size - used,
						 " %s %" JSON_INTEGER_FORMAT, parts[i],
						 json_integer_value(part));
	}
	return buf;
}

static const char *ago(const char *time, char buf[static TIME_TEXT])
{
	__s64 then_ns;
	__s64 since_ns;

	if (!time || time_parse(time, &then_ns))
		return NULL;
	since_ns = time_wall_ns() - then_ns;
	time_format_span(since_ns > 0 ? (__u64)since_ns : 0, buf);
	strcat(buf, " ago");
	return buf;
}

/* What refuses all of it, whatever remains of the windows. */
static const char *refused_by(const json_t *source)
{
	const char *denied = json_text(source, "denied", NULL);

	if (json_is_true(json_object_get(source, "banned")) || (denied && !strcmp(denied, "ban")))
		return "banned";
	return denied ? "denied" : NULL;
}

static void add_source(struct table *table, const json_t *source)
{
	char buf[256];
	char time[TIME_TEXT + 8];
	const char *refused = refused_by(source);

	table_text(table, json_text(source, "limit", NULL));
	table_text(table, output_key(source, buf, sizeof(buf)));
	table_count(table, json_u64(source, "pass"));
	table_count(table, json_u64(source, "drop"));
	table_count(table, json_u64(source, "would_drop"));
	table_span(table, json_u64(source, "blocked_for_ns"));
	table_text(table, refused ? refused : remaining(source, buf, sizeof(buf)));
	table_text(table, ago(json_text(source, "last_seen", NULL), time));
}

void print_sources(char *const words[], const json_t *data)
{
	static const char *const heads[] = {"LIMIT",	 "SOURCE",     "PASS",
					    "DROP",	 "WOULD DROP", "BLOCKED FOR",
					    "REMAINING", "LAST SEEN",  NULL};
	const json_t *list = json_object_get(data, "sources");
	_cleanup_(table_done) struct table table = {0};
	char total[32];
	size_t i;
	const json_t *item;

	table_init(&table, "llrrrrll", heads);
	json_array_foreach (list, i, item)
		add_source(&table, item);
	table_print(&table, stdout);
	if (json_u64(data, "total") > json_array_size(list))
		printf("%zu of %s sources; --top N shows more\n", json_array_size(list),
		       count_format(json_u64(data, "total"), total));
}

static const char *at(const json_t *event, const char *outer, const char *inner)
{
	return json_text(json_object_get(event, outer), inner, NULL);
}

static void print_number(const json_t *event, const char *outer, const char *inner,
			 const char *label)
{
	const json_t *value = json_object_get(json_object_get(event, outer), inner);

	if (json_is_integer(value) && json_integer_value(value))
		printf("  %s %" JSON_INTEGER_FORMAT, label, json_integer_value(value));
}

static void print_text(const json_t *event, const char *outer, const char *inner, const char *label)
{
	const char *text = at(event, outer, inner);

	if (text)
		printf("  %s%s", label, text);
}

/* Who, and what is counted, where that is more than who; or the entry of a list. */
static void print_source(const json_t *event)
{
	const json_t *key = json_object_get(json_object_get(event, "rld"), "key");
	bool entry = key && at(event, "rld", "list");
	const char *ip = at(event, "source", "ip");
	char text[256];

	if (ip && !entry)
		printf("  %s", ip);
	if (!key)
		return;
	output_key(key, text, sizeof(text));
	if (entry)
		printf("  %s", text);
	else if (!ip || strcmp(text, ip) != 0)
		printf("  counted as %s", text);
}

/* A few of what a start dropped, for there may be many. */
static void print_statements(const json_t *event)
{
	const json_t *list = json_object_get(json_object_get(event, "rld"), "statements");
	size_t count = json_array_size(list), shown = count < 3 ? count : 3;

	for (size_t i = 0; i < shown; i++)
		printf("%s%s", i ? "; " : "  ", json_string_value(json_array_get(list, i)));
	if (count > shown)
		printf("; and %zu more", count - shown);
}

static void print_event(const json_t *event)
{
	const json_t *iface = json_object_get(json_object_get(event, "observer"), "ingress");

	printf("%s  %s", json_text(event, "@timestamp", "?"),
	       json_text(json_object_get(event, "event"), "action", "?"));
	print_text(event, "rule", "name", "");
	print_source(event);
	print_number(event, "destination", "port", "port");
	print_text(iface, "interface", "name", "");
	print_text(event, "rld", "renamed_from", "from ");
	print_text(event, "rld", "window", "over ");
	print_number(event, "rld", "count", "count");
	print_number(event, "rld", "suppressed", "suppressed");
	print_text(event, "rld", "sink", "of ");
	print_text(event, "rld", "ban", "");
	print_text(event, "rld", "source", "by ");
	print_number(event, "rld", "generation", "generation");
	print_text(event, "user", "id", "uid ");
	print_text(event, "event", "outcome", "");
	print_text(event, "rld", "command", "");
	print_text(event, "rld", "error", "");
	print_text(event, "rld", "note", "");
	print_text(event, "rld", "attach_mode", "");
	print_statements(event);
	printf("\n");
	fflush(stdout);
}

/* A stream brings single events, a query the list of them. */
void print_events(char *const words[], const json_t *data)
{
	const json_t *list = json_object_get(data, "events");
	size_t i;
	const json_t *item;

	if (!list && json_is_object(data))
		print_event(data);
	json_array_foreach (list, i, item)
		print_event(item);
}
