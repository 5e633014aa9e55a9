// SPDX-License-Identifier: GPL-2.0-only
/* Statements put together at random. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_rules.h"

#define PICK(list) ((list)[(size_t)random() % (sizeof(list) / sizeof((list)[0]))])

static unsigned up_to(unsigned max)
{
	return (unsigned)random() % (max + 1);
}

static const char *const periods[] = {"10ms", "1s", "1m", "1h"};
static const char *const matches[] = {
	"any",
	"any",
	"udp",
	"tcp",
	"tcp syn",
	"dport 0-4",
	"not dport 3",
	"sport 1",
	"icmp,icmpv6",
	"src 192.0.2.0/28",
	"src 2001:db8::/32",
	"not udp",
	"dst 198.51.100.1",
	"iface lo",
	"length 0-60",
	"ip-length 0-46",
	"not flags rst",
};
static const char *const keys[] = {"source",
				   "source",
				   "source",
				   "source/24/48",
				   "source,dport",
				   "source,sport,proto",
				   "source,destination"};
static const char *const policies[] = {"spread", "shared", "pass", "drop"};
/* What is counted in: its amount, and what may count in it. */
static const struct unit {
	const char *text;
	unsigned most;
	bool logged;
} units[] = {{"", 12, true}, {"", 12, true}, {" connections", 6, true}, {" bytes", 3000, false}};

/* "3 connections/1s,9 connections/1h" */
static void print_rates(FILE *out, const struct unit *unit, unsigned windows, unsigned least)
{
	unsigned first = up_to(4 - windows);

	for (unsigned i = 0; i < windows; i++)
		fprintf(out, "%s%u%s/%s", i ? "," : "", least + up_to(unit->most - least),
			unit->text, periods[first + i]);
}

/* Whether some packet meets all three; a limit that none meets is refused. */
static bool fits(const char *match, const char *key, const struct unit *unit)
{
	bool ports = strstr(key, "port"), connections = !strcmp(unit->text, " connections");

	if (!strcmp(match, "icmp,icmpv6"))
		return !ports && !connections;
	return strcmp(match, "udp") || !connections;
}

static void print_limit(FILE *out, unsigned n)
{
	static const char *const strategies[] = {"fixed-window",  "fixed-window", "sliding-window",
						 "moving-window", "elastic",	  "token-bucket"};
	const char *strategy = PICK(strategies), *key = up_to(9) ? PICK(keys) : "all";
	bool bucket = !strcmp(strategy, "token-bucket");
	const struct unit *unit = &PICK(units);
	bool named = n < 5 || up_to(1);
	const char *match = PICK(matches);

	if (!strcmp(strategy, "moving-window") && !unit->logged)
		unit = &units[0];
	while (!fits(match, key, unit))
		match = PICK(matches);
	fprintf(out, "set-limit ");
	if (named)
		fprintf(out, "l%u ", n);
	print_rates(out, unit, bucket ? 1 : 1 + up_to(2), bucket);
	if (named)
		fprintf(out, " match %s", match);
	fprintf(out, " per %s strategy %s on-full %s", key, strategy, PICK(policies));
	if (bucket && up_to(1))
		fprintf(out, " burst %u", 1 + up_to(9));
	if (strcmp(key, "all") && up_to(2) == 0)
		fprintf(out, " ban for %ums up to 20s after %u breaches in 1m%s", 1 + up_to(3000),
			1 + up_to(2), up_to(2) ? "" : " everywhere");
	if (up_to(4) == 0)
		fprintf(out, " monitor");
	fprintf(out, "\n");
}

static void print_lists(FILE *out)
{
	static const char *const modes[] = {"enforce", "enforce", "enforce", "enforce", "monitor"};

	fprintf(out, "mode %s\n", up_to(30) ? PICK(modes) : "off");
	fprintf(out, "set-option on-malformed %s\n", up_to(1) ? "drop" : "pass");
	if (up_to(1))
		fprintf(out, "allow add 192.0.2.%u\n", up_to(5));
	if (up_to(1))
		fprintf(out, "deny add 192.0.2.%u for %us\n", up_to(5), 1 + up_to(30));
	if (up_to(3) == 0)
		fprintf(out, "deny add 2001:db8:0:%x::/64\n", up_to(5));
}

void random_rules(struct harness *h)
{
	unsigned limits = 1 + up_to(5);
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print_lists(out);
	for (unsigned n = 0; n < limits; n++)
		print_limit(out, n);
	fclose(out);
	conf_free(h->conf);
	h->conf = conf_new();
	harness_conf(h, text);
	free(text);
}
