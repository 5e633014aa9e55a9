// SPDX-License-Identifier: GPL-2.0-only
/* Text of `explain`: the verdict in a sentence, and a row a step; of limits a row a window. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rlctl/output.h"
#include "rlctl/table.h"

#define TEXT 256

static const struct {
	const char *verdict;
	const char *text;
	int status; /* of `test` */
} verdicts[] = {
	{"pass", "passes", 0},
	{"drop", "is dropped", 10},
	{"would_drop", "would be dropped, but passes", 11},
	{"depends", "depends on what was not said", 12},
};
#define VERDICTS (sizeof(verdicts) / sizeof(*verdicts))

static size_t find_verdict(const json_t *data)
{
	const char *verdict = json_text(data, "verdict", "pass");
	size_t i = 0;

	while (i + 1 < VERDICTS && strcmp(verdicts[i].verdict, verdict))
		i++;
	return i;
}

int status_of_verdict(const json_t *data)
{
	return verdicts[find_verdict(data)].status;
}

/* Of packets that limits would meet if more were said of them. */
static void print_depends(const json_t *data)
{
	const char *between = "; refused now by limit ";
	size_t i;
	const json_t *limit, *step;

	printf(": %s", verdicts[find_verdict(data)].text);
	json_array_foreach (json_object_get(data, "steps"), i, step) {
		if (strcmp(json_text(step, "stage", ""), "default") != 0 ||
		    strcmp(json_text(step, "outcome", ""), "drop") != 0)
			continue;
		printf("%sdefault", between);
		between = ", ";
	}
	json_array_foreach (json_object_get(data, "open"), i, limit) {
		if (strcmp(json_text(limit, "outcome", ""), "drop") != 0)
			continue;
		printf("%s%s", between, json_text(limit, "limit", "?"));
		between = ", ";
	}
	printf("\n\n");
}

static void print_sentence(char *const words[], const json_t *data)
{
	const json_t *by = json_object_get(data, "decided_by");
	const char *limit = json_text(by, "limit", NULL), *window = json_text(by, "window", NULL);

	for (size_t i = 1; words[i]; i++)
		printf("%s%s", i > 1 ? " " : "", words[i]);
	if (!by || json_is_null(by)) {
		print_depends(data);
		return;
	}
	printf(": %s (%s", verdicts[find_verdict(data)].text, json_text(data, "reason", "?"));
	if (limit)
		printf(": %s", limit);
	if (window)
		printf(" %s", window);
	printf(")\n\n");
}

static void add_note(char *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* With ", " between. */
static void add_note(char *notes, const char *format, ...)
{
	size_t used = strlen(notes);
	va_list args;

	if (used)
		used += (size_t)snprintf(notes + used, TEXT - used, ", ");
	va_start(args, format);
	if (used < TEXT)
		vsnprintf(notes + used, TEXT - used, format, args);
	va_end(args);
}

static void add_span(char *notes, const char *before, __u64 ns)
{
	char span[TIME_TEXT];

	if (ns)
		add_note(notes, "%s %s", before, time_format_span(ns, span));
}

static bool is(const json_t *step, const char *name, const char *text)
{
	return !strcmp(json_text(step, name, ""), text);
}

static void note_limit(const json_t *step, char *notes)
{
	notes[0] = 0;
	add_note(notes, "%s", json_text(step, "strategy", "?"));
	if (is(step, "mode", "monitor"))
		add_note(notes, "monitor");
	if (is(step, "state", "new"))
		add_note(notes, "new");
	if (is(step, "state", "full"))
		add_note(notes, "no room: %s", json_text(step, "on_full", "?"));
	add_span(notes, "banned for another", json_u64(step, "banned_for_ns"));
	add_span(notes, "brings a ban for", json_u64(step, "would_ban_for_ns"));
}

static const char *before(const char *member)
{
	return !strcmp(member, "ban") ? "ban " : !strcmp(member, "list") ? "list " : "";
}

/* Of a step before the limits: why it decides, and for how long. */
static void note_stage(const json_t *step, char *notes)
{
	static const char *const texts[] = {"mode",  "reason", "prefix", "list",
					    "limit", "ban",    "comment"};

	notes[0] = 0;
	if (is(step, "outcome", "disabled"))
		return;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *text = json_text(step, texts[i], NULL);

		if (text)
			add_note(notes, "%s%s", before(texts[i]), text);
	}
	add_span(notes, "for another", json_u64(step, "left_ns"));
}

static void add_window(struct table *table, const json_t *window)
{
	char buf[TEXT];

	table_text(table, output_window(window, buf, sizeof(buf)));
	table_count(table, json_u64(window, "count"));
	table_count(table, json_u64(window, "remaining"));
	table_span(table, json_u64(window, "reset_in_ns"));
}

static void add_limit(struct table *table, const json_t *step)
{
	char buf[TEXT];
	size_t i;
	const json_t *window;

	json_array_foreach (json_object_get(step, "windows"), i, window) {
		table_text(table, i ? " " : json_text(step, "limit", NULL));
		table_text(table, i ? " " : json_text(step, "outcome", NULL));
		table_text(table, i ? " " : output_key(step, buf, sizeof(buf)));
		add_window(table, window);
		note_limit(step, buf);
		table_text(table, i ? NULL : buf);
	}
}

static void add_stage(struct table *table, const json_t *step)
{
	char buf[TEXT];

	table_text(table,
		   json_text(step, is(step, "outcome", "disabled") ? "limit" : "stage", NULL));
	table_text(table, is(step, "outcome", "none") ? NULL : json_text(step, "outcome", NULL));
	for (int i = 0; i < 5; i++)
		table_text(table, " ");
	note_stage(step, buf);
	table_text(table, buf);
}

static const char *open_key(const json_t *limit, char buf[static TEXT])
{
	return json_text(limit, "source", NULL) ? output_key(limit, buf, TEXT)
						: json_text(limit, "per", NULL);
}

static void note_open(const json_t *limit, char *notes)
{
	const char *outcome = json_text(limit, "outcome", "?");

	notes[0] = 0;
	if (!strcmp(outcome, "drop"))
		add_note(notes, "refuses it now");
	else if (!strcmp(outcome, "would_drop"))
		add_note(notes, "would refuse it now");
	else if (!strcmp(outcome, "unknown"))
		add_note(notes, "not known without these words");
	if (is(limit, "state", "new"))
		add_note(notes, "new");
	add_span(notes, "banned for another", json_u64(limit, "banned_for_ns"));
	if (!json_u64(limit, "banned_for_ns"))
		add_span(notes, "blocked for another", json_u64(limit, "blocked_for_ns"));
}

/* Limits that judge other packets of the source. */
static void print_open(const json_t *list)
{
	static const char *const heads[] = {"LIMIT", "NEEDS", "OUTCOME", "SOURCE", "NOTE", NULL};
	_cleanup_(table_done) struct table table = {0};
	char buf[TEXT];
	size_t i;
	const json_t *limit;

	if (!json_array_size(list))
		return;
	printf("\nlimits of other packets of it; say what they need, one value of each, to have "
	       "one "
	       "judged:\n");
	table_init(&table, "lllll", heads);
	json_array_foreach (list, i, limit) {
		table_text(&table, json_text(limit, "limit", NULL));
		table_text(&table, json_text(limit, "needs", NULL));
		table_text(&table, json_text(limit, "outcome", NULL));
		table_text(&table, open_key(limit, buf));
		note_open(limit, buf);
		table_text(&table, buf);
	}
	table_print(&table, stdout);
}

void print_explain(char *const words[], const json_t *data)
{
	static const char *const heads[] = {"STEP",	 "OUTCOME",  "SOURCE", "WINDOW", "COUNT",
					    "REMAINING", "RESET IN", "NOTE",   NULL};
	_cleanup_(table_done) struct table table = {0};
	size_t i;
	const json_t *step;

	print_sentence(words, data);
	table_init(&table, "llllrrrl", heads);
	json_array_foreach (json_object_get(data, "steps"), i, step) {
		if (json_object_get(step, "windows"))
			add_limit(&table, step);
		else
			add_stage(&table, step);
	}
	table_print(&table, stdout);
	print_open(json_object_get(data, "open"));
}
