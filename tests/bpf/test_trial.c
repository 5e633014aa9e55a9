// SPDX-License-Identifier: GPL-2.0-only
/* What a trial says of a session under a candidate, with the object itself: whatever cuts it off is
 * found, and what it can live with is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "harness.h"
#include "rld/guard/guard_trial.h"

#define NOW 1800000000

static struct harness *h;
static struct dp_trial *trial;
static struct dp_iface ifaces[2];
static size_t attached;
static bool spared = true;

static struct conf *conf_of(const char *statements)
{
	struct harness part = {.conf = conf_new(), .now = NOW * SECOND};

	harness_apply(&part, statements);
	return part.conf;
}

static struct peer peer_at(const char *addr, __u16 port)
{
	struct peer peer = {.kind = PEER_SESSION, .port = port};

	assert_int_equal(addr_parse(addr, strlen(addr), &peer.addr), 0);
	return peer;
}

static void note(void *ctx, const struct peer *peer, const char *limit, __s64 at_s)
{
	char *text = ctx;

	snprintf(text + strlen(text), 256 - strlen(text), "%s%s%s", *text ? " " : "",
		 limit ? limit : "LIST", at_s > NOW ? "+" : "");
}

/* Names of what cuts the session off, "LIST" for the deny list, with "+" if that is so later. */
static void tried(const char *addr, const char *before, const char *new, const char *expected)
{
	struct conf *old = before ? conf_of(before) : NULL, *cand = conf_of(new);
	struct peer peer = peer_at(addr, 22);
	const struct peer *v = &peer;
	const struct guard_trial what = {
		.dp = trial,
		.before = old,
		.new = cand,
		.iface = ifaces,
		.ifaces = attached,
		.now_s = NOW,
		.spared = spared,
	};
	bool open[TRIAL_PEERS_MAX] = {0};
	char text[256] = "";
	struct diag d;

	if (guard_trial_run(&what, &v, 1, open, note, text, &d))
		fail_msg("%s", d.message);
	if (open[0])
		strcat(text, "?");
	if (strcmp(text, expected))
		fail_msg("%s is cut by \"%s\", expected \"%s\"", new, text, expected);
	conf_free(old);
	conf_free(cand);
}

static void cut(const char *new, const char *expected)
{
	tried("192.0.2.7", "", new, expected);
	tried("2001:db8::7", "", new, expected);
}

static int set_up(void **state)
{
	struct diag d;

	h = harness_new(1024);
	attached = 0;
	return dp_trial_open(h->dp, &trial, &d);
}

static int tear_down(void **state)
{
	dp_trial_close(trial);
	harness_free(h);
	return 0;
}

static void small_limits_cut_what_they_judge(void **state)
{
	cut("set-limit 1/minute", "default");
	cut("set-limit 600/minute", "");
	cut("set-limit a 10/second match any", "a"); /* fewer than 20 at all */
	cut("set-limit a 20/second match any", "");
	cut("set-limit a 20/second,1000/day match any", "");
	cut("set-limit a 19/hour match tcp dport 20-30", "a");
	cut("set-limit a 300/hour match tcp dport 20-30", "a");
	cut("set-limit a 1/minute match tcp dport 23", "");
	cut("set-limit a 1/minute match not dport 22", "");
	cut("set-limit a 1/minute match udp", "");
	cut("set-limit a 1/minute match tcp syn", "");
	cut("set-limit a 1/minute match fragment", "");
	cut("set-limit a 1/minute match any monitor", "");
	cut("set-limit a 1/minute match any\ndisable a", "");
	cut("set-limit a 3 connections/minute match tcp", "");
	cut("set-limit a 1/minute match any\nset-limit b 2/minute match tcp", "a b");
	tried("192.0.2.7", "", "set-limit a 1/minute match src 192.0.2.0/24", "a");
	tried("192.0.2.7", "", "set-limit a 1/minute match not src 192.0.2.0/24", "");
	tried("2001:db8::7", "", "set-limit a 1/minute match not src 192.0.2.0/24", "a");
}

static void every_strategy_is_found_by_what_it_does(void **state)
{
	const char *const strategies[] = {"fixed-window", "sliding-window", "moving-window",
					  "token-bucket", "elastic"};
	char text[128];

	for (size_t i = 0; i < sizeof(strategies) / sizeof(*strategies); i++) {
		snprintf(text, sizeof(text), "set-limit a 19/s match any strategy %s",
			 strategies[i]);
		cut(text, "a");
		snprintf(text, sizeof(text), "set-limit a 400/minute match any strategy %s",
			 strategies[i]);
		cut(text, strcmp(strategies[i], "token-bucket") ? "a" : "");
		snprintf(text, sizeof(text), "set-limit a 600/minute match any strategy %s",
			 strategies[i]);
		cut(text, strcmp(strategies[i], "elastic") ? "" : "a");
		snprintf(text, sizeof(text), "set-limit a 1000/minute match any strategy %s",
			 strategies[i]);
		cut(text, "");
	}
	/* As hits go on, such a window does not end. */
	cut("set-limit a 30/s match any strategy elastic", "a");
	cut("set-limit a 30/s match any", "");
}

static void what_no_packet_fits_into_is_found(void **state)
{
	cut("set-limit a 1000/s match any strategy token-bucket burst 1", "a");
	cut("set-limit a 1000/s match any strategy token-bucket burst 20", "");
	cut("set-limit a 1MB/s match any strategy token-bucket burst 1kB", "a");
	cut("set-limit a 1MB/s match any strategy token-bucket burst 30kB", "");
	cut("set-limit a 1kB/ms match any", "a");
	cut("set-limit a 14kB/s match any", "a");
	cut("set-limit a 30kB/s match any", "");
	cut("set-limit a 30kB/ms match length 0-500", "");
}

static void what_shields_from_default_is_what_judges(void **state)
{
	cut("set-limit 1/minute\nset-limit a 600/minute match tcp dport 22", "");
	cut("set-limit 1/minute\nset-limit a 600/minute match any", "");
	cut("set-limit 1/minute\nset-limit a 600/minute match not syn", "");
	cut("set-limit 1/minute\nset-limit a 1/minute match tcp", "a");
	cut("set-limit 1/minute\nset-limit a 600/minute match tcp dport 23", "default");
	cut("set-limit 1/minute\nset-limit a 600/minute match any monitor", "default");
	cut("set-limit 1/minute\nset-limit a 600/minute match any\ndisable a", "default");
	cut("set-limit 1/minute\nset-limit a 600 connections/minute match tcp", "default");
	cut("set-limit 19/s strategy elastic\nset-limit a 600/minute match dport 22", "");
}

static void what_is_not_known_of_a_packet_is_tried(void **state)
{
	const char *const conditions[] = {
		"length 0-500",
		"length 1400-1499",
		"length 2000-9000",
		"ip-length 40-80",
		"sport 1024",
		"not sport 40000",
		"vlan 5",
		"not vlan 5",
		"dst 203.0.113.0/24",
		"not dst 203.0.113.0/24",
		"dst 2001:db8:1::/64",
		"flags psh",
		"not flags psh",
	};
	char text[160], not_four[] = "2001:db8::7", four[] = "192.0.2.7";

	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		bool six = strstr(conditions[i], "::"), ipv4 = strstr(conditions[i], "dst 203");

		snprintf(text, sizeof(text), "set-limit a 1/minute match tcp %s", conditions[i]);
		if (!six)
			tried(four, "", text, "a");
		if (!ipv4 || conditions[i][0] == 'n')
			tried(not_four, "", text, "a");
		snprintf(text, sizeof(text),
			 "set-limit 1/minute\nset-limit a 600/minute match tcp %s", conditions[i]);
		tried(six ? not_four : four, "", text, "default");
	}
	cut("set-limit a 1/minute match tcp flags rst", "");
	cut("set-limit a 1/minute match tcp length 0-53", "");
	cut("set-limit a 1/minute match tcp sport 1 vlan 9 length 100-200 flags psh", "a");
}

static void a_session_comes_by_what_is_attached(void **state)
{
	strcpy(ifaces[0].name, "wan0");
	strcpy(ifaces[0].attached_as, "eth0");
	ifaces[0].slot = 3;
	ifaces[0].link = RL_LINK_IP;
	attached = 1;
	cut("attach eth0\nset-limit a 1/minute match iface eth0", "a");
	cut("attach eth0\nset-limit a 1/minute match iface wan0", "a");
	cut("attach eth0\nset-limit a 1/minute match iface eth1", "");
	cut("attach eth0\nattach eth1\nset-limit a 1/minute match iface eth1", "a");
	cut("attach eth0\nattach eth1\nset-limit 1/minute\n"
	    "set-limit a 600/minute match iface eth0",
	    "default");
	cut("attach eth0\nset-limit 1/minute\nset-limit a 600/minute match iface eth0", "");
	/* Without an Ethernet header. */
	cut("attach eth0\nset-limit a 1/minute match length 1487-1500", "a");
	cut("attach eth0\nset-limit a 1/minute match vlan 3", "");
	attached = 0;
}

static void a_ban_spares_who_is_connected(void **state)
{
	cut("set-limit a 20/s match any ban for 1h", "");
	cut("set-limit a 20/s match any ban for 1h everywhere", "");
	cut("set-limit a 10/s match any ban for 1h", "a");
	/* More are connected than there is room for in the list of those whom no limit bans. */
	spared = false;
	cut("set-limit a 20/s match any strategy sliding-window ban for 1h", "a");
	cut("set-limit a 20/s match any strategy sliding-window ban for 1h everywhere", "a");
	cut("set-limit a 20/s match any strategy sliding-window", "");
	cut("set-limit a 100/s match any ban for 1h everywhere", "");
	spared = true;
}

static void whoever_is_connected_is_let_in_without_limits(void **state)
{
	const char *const peers[] = {"127.0.0.1", "::1",	 "fe80::9",
				     "10.0.0.1",  "169.254.3.4", "64:ff9b::1"};

	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
		tried(peers[i], "", "", "");
		tried(peers[i], "", "set-limit a 1/minute match udp\ndeny add 240.0.0.0/4", "");
		tried(peers[i], "", "set-limit a 1/minute match tcp vlan 9 length 2000-9000", "a");
	}
}

static void lists_are_asked_now_and_where_entries_end(void **state)
{
	tried("192.0.2.7", "", "deny add 192.0.2.0/24", "LIST");
	tried("192.0.2.7", "", "ban 192.0.2.7", "LIST");
	tried("192.0.2.7", "", "deny add 192.0.2.8", "");
	tried("192.0.2.7", "", "deny add 192.0.2.7\nallow add 192.0.2.0/24", "");
	tried("192.0.2.7", "", "deny add 192.0.2.7\nallow add 192.0.2.0/24 for 1h", "LIST+");
	tried("192.0.2.7", "", "deny add 192.0.2.7 for 1h\nallow add 192.0.2.0/24 for 1h", "");
	tried("192.0.2.7", "", "deny add 192.0.2.7 for 50m\nallow add 192.0.2.0/24 for 1h", "");
	tried("192.0.2.7", "", "deny add 192.0.2.7 for 70m\nallow add 192.0.2.0/24 for 1h",
	      "LIST+");
	tried("192.0.2.7", "", "allow add 192.0.2.7 for 10s\nset-limit a 1/minute match any", "a+");
	tried("192.0.2.7", "", "allow add 192.0.2.7\nset-limit a 1/minute match any", "");
	tried("192.0.2.7", "", "deny add 192.0.2.7\nset-limit a 1/minute match any", "LIST a");
	tried("192.0.2.7", "", "deny add 192.0.2.7\nmode monitor", "");
	tried("2001:db8::7", "", "deny add ::/0", "LIST");
	tried("192.0.2.7", "", "deny add ::/0", "");
}

static void what_was_so_before_excuses_itself(void **state)
{
	const char *const one = "set-limit a 1/minute match any";

	tried("192.0.2.7", one, one, "");
	tried("192.0.2.7", one, "set-limit a 1/minute match tcp", "");
	tried("192.0.2.7", one, "set-limit a 2/minute match any", "");
	tried("192.0.2.7", "set-limit a 2/minute match any", one, "a");
	tried("192.0.2.7", one, "set-limit b 1/minute match any", "b");
	tried("192.0.2.7", one, "set-limit a 1/minute match any\nset-limit b 1/minute match any",
	      "b");
	tried("192.0.2.7", NULL, one, "a");
	tried("192.0.2.7", "deny add 192.0.2.7", "deny add 192.0.2.0/24", "");
	tried("192.0.2.7", "deny add 192.0.2.7\nmode monitor", "deny add 192.0.2.7", "LIST");
	tried("192.0.2.7", "set-limit a 1/minute match any monitor", one, "a");
	tried("192.0.2.7", "set-limit 1/minute\nset-limit a 600/minute match any",
	      "set-limit 1/minute", "default");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_limits_cut_what_they_judge),
		cmocka_unit_test(every_strategy_is_found_by_what_it_does),
		cmocka_unit_test(what_no_packet_fits_into_is_found),
		cmocka_unit_test(what_shields_from_default_is_what_judges),
		cmocka_unit_test(what_is_not_known_of_a_packet_is_tried),
		cmocka_unit_test(a_session_comes_by_what_is_attached),
		cmocka_unit_test(a_ban_spares_who_is_connected),
		cmocka_unit_test(whoever_is_connected_is_let_in_without_limits),
		cmocka_unit_test(lists_are_asked_now_and_where_entries_end),
		cmocka_unit_test(what_was_so_before_excuses_itself),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
