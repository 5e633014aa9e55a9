/* SPDX-License-Identifier: GPL-2.0-only */
/* The guard's judgement of changes: who must not be cut off is given here, instead of by the
 * machine that the test runs on. */
#include <errno.h>

#include "fake_dp.h"
#include "guard_world.h"
#include "unit.h"

static void a_denied_session_is_an_objection(void **state)
{
	objects("", "deny add 192.0.2.0/24", SESSION "22: the deny list has 192.0.2.0/24\n");
	objects("", "deny add 192.0.2.8", "");
	objects("", "deny add 192.0.2.0/24;allow add 192.0.2.7", "");
	objects("", "deny add 192.0.2.0/24;mode monitor", "");
	objects("", "deny add 192.0.2.0/24;mode off", "");
}

static void gateways_resolvers_and_own_addresses_are_protected(void **state)
{
	there_is(PEER_GATEWAY, "198.51.100.1", 0);
	there_is(PEER_RESOLVER, "198.51.100.2", 0);
	there_is(PEER_OWN, "198.51.100.3", 0);
	objects("", "deny add 198.51.100.0/30",
		"lock-out: this would cut off the default gateway 198.51.100.1: the deny list has "
		"198.51.100.0/30\n"
		"lock-out: this would cut off the resolver 198.51.100.2: the deny list has "
		"198.51.100.0/30\n"
		"lock-out: this would cut off this machine's own address 198.51.100.3: the deny "
		"list has 198.51.100.0/30\n");
	/* A limit lets some of their packets pass. */
	objects("", "set-limit a 1/minute match src 198.51.100.0/30", "");
}

static void what_was_refused_before_excuses_itself(void **state)
{
	objects("deny add 192.0.2.7", "deny add 192.0.2.0/24", "");
	objects("deny add 192.0.2.0/24;allow add 192.0.2.7", "deny add 192.0.2.0/24",
		SESSION "22: the deny list has 192.0.2.0/24\n");
	objects("mode monitor;deny add 192.0.2.7", "deny add 192.0.2.7",
		SESSION "22: the deny list has 192.0.2.7\n");
	objects("set-limit a 1/minute match any", "set-limit a 1/minute match tcp", "");
	objects("set-limit a 1/minute match any", "set-limit b 1/minute match any",
		SESSION "22: limit b admits too few of its packets\n");
	objects("set-limit a 2/minute match any", "set-limit a 1/minute match any",
		SESSION "22: limit a admits too few of its packets\n");
	/* At the start nothing was. */
	objects(NULL, "deny add 192.0.2.7", SESSION "22: the deny list has 192.0.2.7\n");
}

static void nothing_is_excused_on_an_interface_that_comes_with_the_change(void **state)
{
	objects("attach eth0;deny add 192.0.2.7", "attach eth0;attach eth1;deny add 192.0.2.7",
		SESSION "22: the deny list has 192.0.2.7\n");
	objects("attach eth0;deny add 192.0.2.7", "attach eth0;deny add 192.0.2.7", "");
}

static void an_entry_counts_until_its_end(void **state)
{
	struct rld rld = {.trial = guard_world_trial};
	struct conf *old = conf_new(), *new = conf_new();
	const struct guard_change change = {.old = old, .new = new};
	struct diag d;

	rld.clock = clock_at(
		&(struct moment){.wall_ns = NOW * 1000000000ll, .mono_ns = clock_moment().mono_ns});
	unit_good(new, "deny add 192.0.2.7 for 1h");
	assert_int_equal(guard_check(&rld, &change, NULL, &d), -EPERM);
	rld.clock.offset_ns += 3601 * 1000000000ll;
	assert_int_equal(guard_check(&rld, &change, NULL, &d), 0);
	conf_free(old);
	conf_free(new);
}

static void protected_ports_are_those_of_the_option(void **state)
{
	there_is(PEER_SESSION, "192.0.2.7", 2222); /* where sshd listens by its configuration */
	there_is(PEER_SESSION, "192.0.2.7", 8443);
	objects("", "deny add 192.0.2.7",
		SESSION "22: the deny list has 192.0.2.7\n" SESSION
			"2222: the deny list has 192.0.2.7\n");
	objects("", "set-option protect-port 8443;deny add 192.0.2.7",
		SESSION "8443: the deny list has 192.0.2.7\n");
	objects("", "set-option protect-port auto,8443;deny add 192.0.2.7",
		SESSION "22: the deny list has 192.0.2.7\n" SESSION
			"2222: the deny list has 192.0.2.7\n" SESSION
			"8443: the deny list has 192.0.2.7\n");
	objects("", "set-option protect-port none;deny add 192.0.2.7", "");
}

static void who_asks_is_protected_wherever_he_came_in(void **state)
{
	struct peer client = peer_at(PEER_SESSION, "203.0.113.9", 8022);
	const struct peers clients = {.v = &client, .count = 1};
	char *text = objections("", "deny add 203.0.113.9", &clients);

	assert_string_equal(text, "lock-out: this would cut off the established session from "
				  "203.0.113.9 to port 8022: the deny list has 203.0.113.9\n");
	free(text);
	/* Ports that are given by the option are those and no more. */
	text = objections("", "set-option protect-port 22;deny add 203.0.113.9", &clients);
	assert_string_equal(text, "");
	free(text);
}

static void a_session_that_is_found_twice_is_told_once(void **state)
{
	struct peer client = peer_at(PEER_SESSION, "192.0.2.7", 22);
	const struct peers clients = {.v = &client, .count = 1};
	char *text = objections("", "deny add 192.0.2.7", &clients);

	assert_string_equal(text, SESSION "22: the deny list has 192.0.2.7\n");
	free(text);
}

static void nobody_is_asked_where_nothing_is_refused(void **state)
{
	objects("", "set-limit 600/minute;mode monitor", "");
	objects("", "attach eth0", "");
	assert_int_equal(guard_world_asked, 0);
	objects("", "set-limit 600/minute;set-limit a 1/minute match udp", "");
	objects("", "set-limit a 1/minute match tcp dport 80", "");
	objects("deny add 192.0.2.7", "deny add 192.0.2.7;set-limit 600/minute", "");
	objects("", "set-limit a 1/minute match tcp dport 22",
		SESSION "22: limit a admits too few of its packets\n");
	assert_true(guard_world_asked > 0);
}

#define WHOLE "lock-out: this would refuse every "
#define OFF "lock-out: this would switch the protection off: the allow list covers "

static void lists_of_a_whole_family_are_objections(void **state)
{
	guard_world_clear();
	objects("", "deny add 0.0.0.0/0", WHOLE "IPv4 packet: the deny list covers all of them\n");
	objects("", "deny add 2000::/3",
		WHOLE "global IPv6 packet: the deny list covers all of them\n");
	objects("deny add 0.0.0.0/1", "deny add 0.0.0.0/1;deny add 128.0.0.0/1",
		WHOLE "IPv4 packet: the deny list covers all of them\n");
	objects("deny add 0.0.0.0/0", "deny add 0.0.0.0/0;deny add 192.0.2.1", "");
	objects("", "deny add 0.0.0.0/1", "");
	objects("", "allow add 0.0.0.0/1",
		OFF "half or more of all IPv4 addresses, which no limit and no ban would refuse "
		    "any more\n");
	objects("allow add 0.0.0.0/1", "allow add 0.0.0.0/0",
		OFF "all IPv4 addresses, which no limit and no ban would refuse any more\n");
	objects("allow add 0.0.0.0/1", "allow add 0.0.0.0/1;allow add 128.0.0.0/2", "");
	objects("", "allow add 0.0.0.0/2", "");
}

static void another_mode_of_an_attached_interface_is_an_objection(void **state)
{
	struct fake_dp *fake = fake_dp();
	struct dp_iface iface;
	struct diag d;

	fake_dp_device("eth0");
	assert_int_equal(dp_attach(NULL, "eth0", DP_ATTACH_GENERIC, &iface, &d), 0);
	assert_int_equal(fake->ifaces, 1);
	objects("attach eth0", "attach eth0 mode native",
		"unprotected: another mode of eth0 lets its packets pass unjudged while the "
		"program is taken off and put on again, some milliseconds as a rule\n");
	objects("attach eth0", "attach eth0 mode generic", "");
	objects("attach eth0", "attach eth0 mode auto", "");
	objects("attach eth0", "attach eth1 mode native", "");
}

static void the_first_of_many_is_told_with_their_number(void **state)
{
	struct rld rld = {.trial = guard_world_trial};
	struct conf *old = conf_new(), *new = conf_of("deny add 192.0.2.7;deny add 0.0.0.0/0");
	const struct guard_change change = {.old = old, .new = new};
	struct diag d;

	there_is(PEER_SESSION, "192.0.2.7", 2222);
	assert_int_equal(guard_check(&rld, &change, NULL, &d), -EPERM);
	assert_string_equal(d.message, "this would refuse every IPv4 packet: the deny list covers "
				       "all of them (and 2 more)");
	assert_int_equal(d.kind, DIAG_REFUSED);
	assert_non_null(strstr(d.hint, "--yes"));
	conf_free(old);
	conf_free(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_denied_session_is_an_objection, guard_world_open,
						guard_world_close),
		cmocka_unit_test_setup_teardown(gateways_resolvers_and_own_addresses_are_protected,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(what_was_refused_before_excuses_itself,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(
			nothing_is_excused_on_an_interface_that_comes_with_the_change,
			guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(an_entry_counts_until_its_end, guard_world_open,
						guard_world_close),
		cmocka_unit_test_setup_teardown(protected_ports_are_those_of_the_option,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(who_asks_is_protected_wherever_he_came_in,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(a_session_that_is_found_twice_is_told_once,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(nobody_is_asked_where_nothing_is_refused,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(lists_of_a_whole_family_are_objections,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(
			another_mode_of_an_attached_interface_is_an_objection, guard_world_open,
			guard_world_close),
		cmocka_unit_test_setup_teardown(the_first_of_many_is_told_with_their_number,
						guard_world_open, guard_world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
