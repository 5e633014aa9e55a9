// SPDX-License-Identifier: GPL-2.0-only
/* Text of the answers to commands that change something. */
#include <stdbool.h>
#include <stdio.h>

#include "rl/proto.h"
#include "rlctl/output.h"
#include "rlctl/table.h"

static bool flag(const json_t *data, const char *name)
{
	return json_is_true(json_object_get(data, name));
}

static void print_unkept(const json_t *data)
{
	const char *error = json_text(data, "persist_error", NULL);

	if (error)
		fprintf(stderr,
			"rlctl: warning: it is in force, but cannot be recorded (%s): a crash or "
			"restart of rld forgets it\n",
			error);
}

static void print_warning(const json_t *data)
{
	const char *warning = json_text(data, "warning", NULL);

	if (warning)
		fprintf(stderr, "rlctl: warning: %s\n", warning);
	print_unkept(data);
}

/* True if nothing changed, and said so. */
static bool unchanged(const json_t *data)
{
	if (flag(data, "changed"))
		return false;
	printf("nothing to change\n");
	return true;
}

static void print_pair(const char *word, const json_t *data)
{
	const char *name = json_text(data, "name", "");

	printf("%s%s%s: done\n", word, *name ? " " : "", name);
}

void print_change(char *const words[], const json_t *data)
{
	if (!unchanged(data))
		print_pair(words[0], data);
	print_warning(data);
}

void print_attach(char *const words[], const json_t *data)
{
	const char *mode = json_text(data, "attach_mode", NULL);
	const char *note = json_text(data, "note", NULL);

	if (!unchanged(data) && mode)
		printf("%s: attached in %s mode\n", json_text(data, "name", "?"), mode);
	else if (flag(data, "changed"))
		printf("%s: pending, attached when it can be\n", json_text(data, "name", "?"));
	if (note)
		fprintf(stderr, "rlctl: note: %s\n", note);
	print_warning(data);
}

void print_limit_change(char *const words[], const json_t *data)
{
	if (unchanged(data))
		;
	else if (!flag(data, "replaced"))
		printf("limit %s set\n", json_text(data, "name", "?"));
	else
		printf("limit %s replaced; %s\n", json_text(data, "name", "?"),
		       flag(data, "counts_kept") ? "its counts stay" : "its counts start afresh");
	print_warning(data);
}

void print_clear(char *const words[], const json_t *data)
{
	char buf[32];

	printf("%s sources cleared\n", count_format(json_u64(data, "cleared"), buf));
}

void print_export(char *const words[], const json_t *data)
{
	fputs(json_text(data, "config", ""), stdout);
}

/* The answer has the first of them. */
static void print_more_dropped(const json_t *data)
{
	size_t told = json_array_size(json_object_get(data, "dropped"));
	__u64 total = json_u64(data, "dropped_total");

	if (total > told)
		fprintf(stderr, "rlctl: note: dropped as well: %llu more, which no file says\n",
			total - told);
}

void print_outlook(const json_t *data)
{
	size_t i;
	const json_t *item;

	json_array_foreach (json_object_get(data, "warnings"), i, item)
		fprintf(stderr, "rlctl: warning: %s\n", json_text(item, "text", ""));
	json_array_foreach (json_object_get(data, "notices"), i, item)
		fprintf(stderr, "rlctl: note: %s\n", json_string_value(item));
	json_array_foreach (json_object_get(data, "pending"), i, item)
		fprintf(stderr, "rlctl: note: %s: pending, attached when it can be: %s\n",
			json_text(item, "name", "?"), json_text(item, "note", ""));
	json_array_foreach (json_object_get(data, "detached"), i, item)
		fprintf(stderr, "rlctl: note: %s: detached, nothing is limited there any more\n",
			json_string_value(item));
	json_array_foreach (json_object_get(data, "restart_needed"), i, item)
		fprintf(stderr, "rlctl: note: %s acts after a restart of rld\n",
			json_string_value(item));
	json_array_foreach (json_object_get(data, "dropped"), i, item)
		fprintf(stderr, "rlctl: note: dropped, as no file says it: %s\n",
			json_string_value(item));
	print_more_dropped(data);
	json_array_foreach (json_object_get(data, "logs_failed"), i, item)
		fprintf(stderr, "rlctl: warning: cannot log events to %s: %s; it is tried again\n",
			json_text(item, "log", "?"), json_text(item, "error", "?"));
}

void print_reload(char *const words[], const json_t *data)
{
	printf("reloaded: generation %llu, %llu limits\n", json_u64(data, "generation"),
	       json_u64(data, "limits"));
	print_outlook(data);
	print_unkept(data);
}

void print_save(char *const words[], const json_t *data)
{
	printf("%llu statements in %s\n", json_u64(data, "statements"),
	       json_text(data, "file", "?"));
	print_unkept(data);
}

void print_version(char *const words[], const json_t *data)
{
	printf("rlctl %s, rld %s, kernel %s\n", RL_VERSION, json_text(data, "version", "?"),
	       json_text(data, "kernel", "?"));
}
