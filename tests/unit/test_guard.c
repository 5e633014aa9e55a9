// SPDX-License-Identifier: GPL-2.0-only
/* The guard's judgement of limits and lists, apart from who is connected. */
#include "rld/guard/guard_cover.h"
#include "rld/guard/guard_limit.h"
#include "unit.h"

/* The limits of the line, separated by ";", against a session from 192.0.2.7 to port 22: the names
 * of those that cut it. */
static void cut(const char *lines, const char *expected)
{
	struct conf *c = conf_new();
	struct peer peer = {.kind = PEER_SESSION, .port = 22};
	char text[1024], cutting[256] = "", *rest = text;
	const char *line;

	assert_int_equal(addr_parse("192.0.2.7", 9, &peer.addr), 0);
	snprintf(text, sizeof(text), "%s", lines);
	while ((line = strsep(&rest, ";")))
		unit_good(c, line);
	for (size_t i = 0; i < c->limits; i++)
		if (guard_limit_cuts(c, i, &peer))
			snprintf(cutting + strlen(cutting), sizeof(cutting) - strlen(cutting),
				 "%s ", c->limit[i]->abi.name);
	assert_string_equal(cutting, expected);
	conf_free(c);
}

static void small_limits_cut_what_they_judge(void **state)
{
	cut("set-limit 1/minute", "default ");
	cut("set-limit 600/minute", "");
	cut("set-limit a 10/second match any", "a "); /* fewer than 20 at all */
	cut("set-limit a 20/second,1000/day match any", "");
	cut("set-limit a 19/hour match tcp dport 20-30", "a ");
	cut("set-limit a 1/minute match tcp dport 23", "");
	cut("set-limit a 1/minute match not dport 22", "");
	cut("set-limit a 1/minute match src 192.0.2.0/24", "a ");
	cut("set-limit a 1/minute match not src 192.0.2.0/24", "");
	cut("set-limit a 1/minute match udp", "");
	cut("set-limit a 1/minute match tcp syn", "");
	cut("set-limit a 1/minute match iface eth7", "a "); /* the session may be by way of it */
	cut("set-limit a 1/minute match vlan 5", "a ");
	cut("set-limit a 1/minute match any monitor", "");
	cut("set-limit a 1/minute match any;disable a", "");
	cut("set-limit a 3 connections/minute match tcp", "");
	cut("set-limit a 14kB/s match any", "a ");
	cut("set-limit a 30kB/s match any", "");
}

static void only_what_surely_judges_shields_from_default(void **state)
{
	cut("set-limit 1/minute;set-limit a 600/minute match tcp dport 22", "");
	cut("set-limit 1/minute;set-limit a 600/minute match any", "");
	cut("set-limit 1/minute;set-limit a 600/minute match not syn", "");
	cut("set-limit 1/minute;set-limit a 600/minute match src 192.0.2.7 tcp", "");
	cut("set-limit 1/minute;set-limit a 1/minute match tcp", "a ");
	cut("set-limit 1/minute;set-limit a 600/minute match tcp dport 23", "default ");
	cut("set-limit 1/minute;set-limit a 600/minute match tcp dport 22 length 0-500",
	    "default ");
	cut("set-limit 1/minute;set-limit a 600/minute match iface eth0", "default ");
	cut("set-limit 1/minute;set-limit a 600/minute match dst 192.0.2.1", "default ");
	cut("set-limit 1/minute;set-limit a 600/minute match any monitor", "default ");
	cut("set-limit 1/minute;set-limit a 600/minute match any;disable a", "default ");
	cut("set-limit 1/minute;set-limit a 600 connections/minute match tcp", "default ");
}

/* The part of the family in percent. */
static void covers(const char *prefixes, unsigned ipv4, unsigned ipv6)
{
	struct conf *c = conf_new();
	char text[512], line[600], *rest = text;
	const char *prefix;

	snprintf(text, sizeof(text), "%s", prefixes);
	while ((prefix = strsep(&rest, " "))) {
		snprintf(line, sizeof(line), "allow add %s", prefix);
		unit_good(c, line);
	}
	assert_int_equal(guard_cover(&c->allow, true, NOW) * 100 / GUARD_COVER_ALL, ipv4);
	assert_int_equal(guard_cover(&c->allow, false, NOW) * 100 / GUARD_COVER_ALL, ipv6);
	conf_free(c);
}

static void parts_of_a_family(void **state)
{
	covers("0.0.0.0/0", 100, 0);
	covers("0.0.0.0/1 128.0.0.0/1", 100, 0);
	covers("0.0.0.0/1", 50, 0);
	covers("10.0.0.0/8 10.1.0.0/16 10.1.2.3", 0, 0);
	covers("0.0.0.0/2 0.0.0.0/1 64.0.0.0/3", 50, 0);
	covers("2000::/3", 0, 100);
	covers("2000::/4 3000::/4", 0, 100);
	covers("3000::/4 3fff::/16", 0, 50);
	covers("fe80::/10 fc00::/7 8000::/1", 0, 0);
	covers("2001:db8::/32 2001:db8::/127", 0, 0);
	covers("128.0.0.0/1 2000::/3", 50, 100);
}

static void what_ended_covers_nothing(void **state)
{
	struct conf *c = conf_new();

	unit_good(c, "allow add 0.0.0.0/0 for 10s");
	unit_good(c, "allow add 0.0.0.0/1");
	assert_int_equal(guard_cover(&c->allow, true, NOW), GUARD_COVER_ALL);
	assert_int_equal(guard_cover(&c->allow, true, NOW + 11), GUARD_COVER_ALL / 2);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_limits_cut_what_they_judge),
		cmocka_unit_test(only_what_surely_judges_shields_from_default),
		cmocka_unit_test(parts_of_a_family),
		cmocka_unit_test(what_ended_covers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
