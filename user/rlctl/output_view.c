// SPDX-License-Identifier: GPL-2.0-only
/* Text of status and stats. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rlctl/output.h"
#include "rlctl/table.h"

const char *output_join(const json_t *list, char *buf, size_t size)
{
	size_t used = 0;
	size_t i;
	const json_t *item;

	buf[0] = 0;
	json_array_foreach (list, i, item)
		if (used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
						 json_string_value(item));
	return buf;
}

static const char *iface_name(const json_t *iface, char buf[static 64])
{
	const char *as = json_text(iface, "attached_as", NULL);

	snprintf(buf, 64, as ? "%s (attached as %s)" : "%s", json_text(iface, "name", "?"), as);
	return buf;
}

static void print_interfaces(const json_t *list)
{
	static const char *const heads[] = {"INTERFACE", "STATE", "MODE", "PACKETS", "NOTE", NULL};
	_cleanup_(table_done) struct table table = {0};
	size_t i;
	const json_t *item;
	char name[64];

	if (!json_array_size(list)) {
		printf("no interface is attached: nothing is limited (`rlctl attach IFACE`)\n");
		return;
	}
	table_init(&table, "lllrl", heads);
	json_array_foreach (list, i, item) {
		table_text(&table, iface_name(item, name));
		table_text(&table, json_text(item, "state", NULL));
		table_text(&table, json_text(item, "attach_mode", NULL));
		table_count(&table, json_u64(item, "packets"));
		table_text(&table, json_text(item, "note", NULL));
	}
	table_print(&table, stdout);
	json_array_foreach (list, i, item)
		if (json_text(item, "warning", NULL))
			printf("warning: %s\n", json_text(item, "warning", ""));
}

static void print_pressure(const json_t *data)
{
	const char *pressure = json_text(data, "pressure", "normal");

	if (!strcmp(pressure, "normal"))
		return;
	printf("warning: the table of sources is %s: newcomers without room get what `on-full` of "
	       "their limit says; options sources-max and idle-timeout make room\n",
	       strcmp(pressure, "full") ? "nearly full" : "full");
}

static void print_peers(const json_t *data)
{
	if (json_is_true(json_object_get(data, "peers_left_out")))
		printf("warning: more than %llu addresses are connected to protected ports: limits "
		       "may ban those beyond; option protect-port says which ports\n",
		       json_u64(data, "peers_spared"));
}

static void print_held(const json_t *data)
{
	const char *held = json_text(data, "held", NULL);

	if (held)
		printf("error: the state directory does not say which limits commands had set: %s. "
		       "What an earlier rld enforced goes on unchanged, without a configuration: "
		       "`rlctl reload` replaces it with what the files say, `rld --detach` removes "
		       "it\n",
		       held);
}

static void print_unkept(const json_t *data)
{
	const char *error = json_text(data, "persist_error", NULL);

	if (error)
		printf("error: what is at work cannot be kept (%s): a crash or restart of rld "
		       "forgets what commands changed; it is tried again\n",
		       error);
}

/* Events that go nowhere would be missed by nobody. */
static void print_logs(const json_t *list)
{
	char span[TIME_TEXT], lost[32];
	size_t i;
	const json_t *item;

	json_array_foreach (list, i, item) {
		const char *name = json_text(item, "log", "?");

		if (!strcmp(json_text(item, "state", ""), "off"))
			printf("events are not written to %s, a terminal: `rlctl events -f` shows "
			       "them\n",
			       name);
		if (strcmp(json_text(item, "state", ""), "failed") != 0)
			continue;
		printf("error: events cannot be logged to %s: %s; %s lost, tried again in %s\n",
		       name, json_text(item, "error", "?"),
		       count_format(json_u64(item, "lost"), lost),
		       time_format_span(json_u64(item, "retry_in_ns"), span));
	}
}

void print_status(char *const words[], const json_t *data)
{
	const json_t *config = json_object_get(data, "config");
	__u64 unsaved = json_u64(data, "unsaved");
	char span[TIME_TEXT];
	char tracked[32];
	char max[32];

	printf("rld %s, up %s, mode %s\n", json_text(data, "version", "?"),
	       time_format_span(json_u64(data, "uptime_ns"), span), json_text(data, "mode", "?"));
	printf("%llu limits, %llu allowed, %llu denied; %s of %s sources tracked\n",
	       json_u64(data, "limits"), json_u64(data, "allowed"), json_u64(data, "denied"),
	       count_format(json_u64(data, "sources_tracked"), tracked),
	       count_format(json_u64(data, "sources_max"), max));
	if (json_is_true(json_object_get(data, "lists_loading")))
		printf("the lists are still being loaded: what an earlier rld enforced of them, "
		       "or nothing, is in force\n");
	print_pressure(data);
	print_peers(data);
	printf("configuration: generation %llu by %s at %s\n", json_u64(config, "generation"),
	       json_text(config, "source", "?"), json_text(config, "applied_at", "?"));
	if (json_is_false(json_object_get(config, "last_reload_successful")))
		printf("the last reload failed: `rlctl reload` says why\n");
	if (unsaved)
		printf("%llu unsaved statements (`rlctl save` keeps them, `rlctl reload` drops "
		       "them)\n",
		       unsaved);
	print_held(data);
	print_unkept(data);
	print_logs(json_object_get(data, "logs"));
	print_interfaces(json_object_get(data, "interfaces"));
}

static void print_reasons(const json_t *reasons)
{
	static const char *const heads[] = {"REASON", "PACKETS", NULL};
	_cleanup_(table_done) struct table table = {0};
	const char *name;
	const json_t *value;

	table_init(&table, "lr", heads);
	json_object_foreach ((json_t *)reasons, name, value) {
		if (!json_integer_value(value))
			continue;
		table_text(&table, name);
		table_count(&table, (__u64)json_integer_value(value));
	}
	table_print(&table, stdout);
}

static void print_limit_stats(const json_t *list)
{
	static const char *const heads[] = {"LIMIT",	  "WINDOWS",  "PASS",	 "DROP",
					    "WOULD DROP", "BREACHES", "SOURCES", NULL};
	_cleanup_(table_done) struct table table = {0};
	char text[256];
	size_t i;
	const json_t *item;

	table_init(&table, "llrrrrr", heads);
	json_array_foreach (list, i, item) {
		table_text(&table, json_text(item, "name", NULL));
		table_text(&table,
			   output_join(json_object_get(item, "windows"), text, sizeof(text)));
		table_count(&table, json_u64(item, "pass"));
		table_count(&table, json_u64(item, "drop"));
		table_count(&table, json_u64(item, "would_drop"));
		table_count(&table, json_u64(item, "breaches"));
		table_count(&table, json_u64(item, "sources"));
	}
	table_print(&table, stdout);
}

void print_stats(char *const words[], const json_t *data)
{
	const json_t *packets = json_object_get(data, "packets");
	char pass[32];
	char drop[32];
	char would[32];

	if (!words[1]) {
		printf("%s packets passed, %s dropped, %s would have been dropped\n\n",
		       count_format(json_u64(packets, "pass"), pass),
		       count_format(json_u64(packets, "drop"), drop),
		       count_format(json_u64(packets, "would_drop"), would));
		print_reasons(json_object_get(data, "reasons"));
		printf("\n");
	}
	print_limit_stats(json_object_get(data, "limits"));
}
