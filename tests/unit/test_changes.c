/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes on their way through the daemon: what is published, what is refused, and that the one
 * leaves and the other has no trace. */
#include <pthread.h>
#include <unistd.h>

#include "daemon.h"

#define LIMIT "set-limit ssh 1000/second match tcp dport 22"

static void assert_at(const char *line, const char *path, const char *expected)
{
	assert_string_equal(daemon_at(line, path), expected);
}

/* Of the limit in the rules at work; 0: it is in none. */
static __u32 id_of(const char *name)
{
	const struct rl_rules *rules = &fake_dp()->rules;

	for (__u32 i = 0; i < rules->limits; i++)
		if (!strcmp(rules->limit[i].name, name))
			return rules->limit[i].id;
	return 0;
}

static int set_up(void **state)
{
	int err = daemon_set_up(state);

	fake_dp_device("eth0");
	daemon_write_config("attach eth0\n" LIMIT "\n");
	daemon_start();
	return err;
}

static void the_start_publishes_what_the_file_says(void **state)
{
	assert_int_equal(fake_dp()->rules.limits, 1);
	assert_int_equal(fake_dp()->ifaces, 1);
	assert_true(id_of("ssh") > 0);
	assert_at("status", "interfaces.0.state", "attached");
	assert_at("status", "limits", "1");
	assert_at("status", "config.source", "files");
	assert_at("status", "unsaved", "0");
}

static void a_statement_is_published_before_it_is_answered(void **state)
{
	unsigned before = fake_dp()->publishes;

	assert_at("set-limit dns 5000/second match udp dport 53", "changed", "true");
	assert_int_equal(fake_dp()->publishes, before + 1);
	assert_true(id_of("dns") > 0);
	assert_at("status", "config.source", "commands");
	assert_at("status", "unsaved", "1");
	assert_at("mode monitor", "changed", "true");
	assert_int_equal(fake_dp()->rules.mode, RL_MODE_MONITOR);
}

static void what_is_so_already_publishes_nothing(void **state)
{
	unsigned before = fake_dp()->publishes;

	assert_at(LIMIT, "changed", "false");
	assert_at("attach eth0", "changed", "false");
	assert_int_equal(fake_dp()->publishes, before);
}

static void a_limit_that_counts_the_same_keeps_its_identity(void **state)
{
	__u32 id = id_of("ssh");

	assert_at("set-limit ssh 2000/second match tcp dport 22", "counts_kept", "true");
	assert_int_equal(id_of("ssh"), id);
	assert_at("set-limit ssh 2000/minute match tcp dport 22", "counts_kept", "false");
	assert_int_not_equal(id_of("ssh"), id);
	id = id_of("ssh");
	daemon_good("del-limit ssh");
	assert_int_equal(id_of("ssh"), 0);
	daemon_good("set-limit ssh 2000/minute match tcp dport 22");
	assert_int_not_equal(id_of("ssh"), id); /* it was deleted: it begins afresh */
}

static void a_wrong_statement_leaves_no_trace(void **state)
{
	unsigned before = fake_dp()->publishes;

	assert_at("del-limit nobody", "changed", "false");
	daemon_bad("set-limit x 10/fortnight match any", "syntax", "unknown period \"fortnight\"");
	daemon_bad("attach a/b", "syntax", "bad interface name \"a/b\"");
	assert_int_equal(fake_dp()->publishes, before);
	assert_at("status", "limits", "1");
}

static void what_the_kernel_refuses_leaves_no_trace(void **state)
{
	fake_dp()->publish_fails = true;
	fake_dp_device("eth1");
	daemon_bad("set-limit x 1000/second match udp", "failed",
		   "cannot publish the rules: Input/output error");
	daemon_bad("attach eth1", "failed", "cannot publish the rules: Input/output error");
	assert_int_equal(fake_dp()->ifaces, 1); /* what was attached for it is off again */
	assert_at("status", "limits", "1");
	assert_int_equal(fake_dp()->limit[1].id, 0); /* nor has it a slot */
	fake_dp()->publish_fails = false;
	daemon_good("attach eth1");
	assert_int_equal(fake_dp()->ifaces, 2);
}

static void one_that_is_refused_does_not_hold_up_its_neighbours(void **state)
{
	unsigned before = fake_dp()->publishes;

	assert_string_equal(daemon_together("set-limit a 1000/second match udp;set-limit a b c;"
					    "deny add 0.0.0.0/0;mode monitor"),
			    "ok syntax refused ok ");
	assert_true(id_of("a") > 0);
	assert_int_equal(fake_dp()->rules.mode, RL_MODE_MONITOR);
	assert_at("status", "denied", "0");
	assert_true(fake_dp()->publishes <= before + 3);
}

static void neighbours_that_fail_together_are_undone_together(void **state)
{
	daemon_good("deny add 192.0.2.1");
	fake_dp()->publish_fails = true;
	assert_string_equal(daemon_together("deny add 192.0.2.2;mode monitor;deny del 192.0.2.1"),
			    "ok failed ok ");
	fake_dp()->publish_fails = false;
	assert_null(fake_dp_entry(DP_SET_DENY, "192.0.2.1"));
	assert_non_null(fake_dp_entry(DP_SET_DENY, "192.0.2.2"));
	fake_dp()->publish_fails = true;
	/* Alone, the entry would go without a rule set. */
	assert_string_equal(daemon_together("deny add 192.0.2.3;mode monitor"), "ok failed ");
	assert_int_equal(fake_dp()->set_size[DP_SET_DENY], 2);
	assert_at("status", "denied", "2");
	assert_at("status", "mode", "enforce");
}

static void a_limit_deleted_and_set_at_once_begins_afresh(void **state)
{
	__u32 id = id_of("ssh");

	assert_string_equal(daemon_together("del-limit ssh;" LIMIT), "ok ok ");
	assert_true(id_of("ssh") > 0);
	assert_int_not_equal(id_of("ssh"), id);
}

static void interfaces_come_when_they_can(void **state)
{
	daemon_bad("attach eth0 mode generic nonsense", "syntax", "unexpected \"nonsense\"");
	assert_at("attach eth7", "state", "pending");
	assert_at("status", "interfaces.1.note", "there is no interface eth7");
	fake_dp_device("eth7");
	for (int i = 0; i < 100 && fake_dp()->ifaces < 2; i++)
		usleep(50000); /* it is tried again each second */
	assert_at("status", "interfaces.1.state", "attached");
	daemon_good("detach eth7");
	assert_int_equal(fake_dp()->ifaces, 1);
	fake_dp_device("held");
	strcpy(fake_dp()->device[fake_dp()->devices - 1].kind, "busy");
	daemon_bad("attach held", "failed", "held has another program");
	assert_at("status", "interfaces.1.name", "(none)");
}

static void another_mode_takes_a_yes(void **state)
{
	json_t *answer = daemon_ask("attach eth0 mode native");

	assert_string_equal(json_at(answer, "error.code"), "refused");
	assert_string_equal(json_at(answer, "error.warnings.0.code"), "unprotected");
	json_decref(answer);
	assert_int_equal(fake_dp()->iface[0].mode, DP_ATTACH_GENERIC);
	answer = daemon_ask_yes("attach eth0 mode native");
	assert_string_equal(json_at(answer, "data.attach_mode"), "native");
	json_decref(answer);
	assert_int_equal(fake_dp()->ifaces, 1);
	assert_int_equal(fake_dp()->iface[0].mode, DP_ATTACH_NATIVE);
}

static void entries_go_into_the_set_that_is_there(void **state)
{
	unsigned published;

	daemon_good("deny add 192.0.2.0/24"); /* a set that was empty takes a rule set */
	assert_non_null(fake_dp_entry(DP_SET_DENY, "192.0.2.0/24"));
	published = fake_dp()->publishes;
	daemon_good("deny add 198.51.100.7 comment \"a pest\"");
	daemon_good("ban 203.0.113.5 for 1h");
	assert_non_null(fake_dp_entry(DP_SET_DENY, "198.51.100.7"));
	assert_int_equal(fake_dp_entry(DP_SET_DENY, "203.0.113.5")->row, 1);
	assert_true(fake_dp_entry(DP_SET_DENY, "203.0.113.5")->until_ns > 0);
	daemon_good("deny del 192.0.2.0/24");
	assert_null(fake_dp_entry(DP_SET_DENY, "192.0.2.0/24"));
	assert_at("unban 203.0.113.5", "changed", "true");
	assert_null(fake_dp_entry(DP_SET_DENY, "203.0.113.5"));
	assert_at("unban 203.0.113.5", "changed", "false");
	assert_int_equal(fake_dp()->publishes, published);
	daemon_good("deny del 198.51.100.7"); /* the last one */
	assert_int_equal(fake_dp()->publishes, published + 1);
	assert_int_equal(fake_dp()->set_size[DP_SET_DENY], 0);
}

static void an_entry_inside_another_lasts_as_long(void **state)
{
	daemon_good("deny add 192.0.2.7 for 1h");
	assert_true(fake_dp_entry(DP_SET_DENY, "192.0.2.7")->until_ns > 0);
	daemon_good("deny add 192.0.2.0/24");
	assert_int_equal(fake_dp_entry(DP_SET_DENY, "192.0.2.7")->until_ns, 0);
	daemon_good("deny del 192.0.2.0/24");
	assert_true(fake_dp_entry(DP_SET_DENY, "192.0.2.7")->until_ns > 0);
}

static void an_entry_goes_at_its_end_and_a_ban_is_told(void **state)
{
	daemon_good("ban 203.0.113.5 for 1s");
	assert_at("status", "denied", "1");
	for (int i = 0; i < 100 && fake_dp()->set_size[DP_SET_DENY]; i++)
		usleep(50000);
	assert_at("status", "denied", "0");
	assert_at("events --since 1m --source 203.0.113.5", "events.0.event.action",
		  "source-banned");
	assert_at("events --since 1m --source 203.0.113.5", "events.1.event.action",
		  "source-unbanned");
	assert_at("events --since 1m --source 203.0.113.5", "events.1.rld.ban", "by hand");
}

static void *ask_for_x(void *ctx)
{
	daemon_good("set-limit x 1000/second match udp");
	return NULL;
}

static void changes_wait_for_a_generation_and_nobody_else_does(void **state)
{
	pthread_t thread;

	fake_dp()->no_generation = true;
	assert_int_equal(pthread_create(&thread, NULL, ask_for_x, NULL), 0);
	usleep(200000);
	assert_at("status", "limits", "1");
	assert_int_equal(id_of("x"), 0);
	fake_dp_grace();
	pthread_join(thread, NULL); /* it was answered */
	assert_true(id_of("x") > 0);
}

static void who_is_connected_is_known_before_a_limit_bans(void **state)
{
	daemon_peer = "192.0.2.7";
	daemon_good("set-limit x 1000/second match udp");
	assert_int_equal(fake_dp()->peers, 0);
	fake_dp()->publish_fails = true;
	daemon_bad("set-limit x 1000/second match udp ban for 1h", "failed",
		   "cannot publish the rules: Input/output error");
	assert_int_equal(fake_dp()->peers, 1); /* before it was tried to publish it */
	assert_int_equal(fake_dp()->peer[0].byte[15], 7);
	fake_dp()->publish_fails = false;
	daemon_bad("deny add 192.0.2.7", "refused",
		   "this would cut off the established session from 192.0.2.7 to port 22: the "
		   "deny list has 192.0.2.7");
}

static void options_act_at_once_or_say_that_they_wait(void **state)
{
	daemon_good("set-option idle-timeout 5m");
	assert_int_equal(fake_dp()->control.idle_ns, 300000000000ull);
	daemon_good("set-option events-per-second 7");
	assert_int_equal(fake_dp()->control.events_per_second, 7);
	assert_at("set-option sources-max 5000", "needs_restart", "true");
	daemon_bad("set-option log file:/nonexistent/dir/file", "failed",
		   "cannot log events to file:/nonexistent/dir/file: No such file or directory");
	assert_at("set-option log file:/dev/null", "changed", "true");
	assert_at("status", "logs.0.log", "file:/dev/null");
}

static void what_nobody_knows_is_refused(void **state)
{
	daemon_bad("frobnicate", "usage", "unknown command \"frobnicate\"");
	daemon_bad("reload now", "usage", "\"now\" is not expected here");
	daemon_bad("status now", "usage", "\"now\" is not expected here");
	daemon_bad("show limit", "usage", "show takes limits, options or lists, not \"limit\"");
	daemon_bad("stats nobody", "failed", "there is no limit nobody");
	daemon_bad("sources --limit nobody", "failed", "there is no limit nobody");
	daemon_bad("clear", "usage", "clear takes an address, a prefix or \"all\"");
	daemon_bad("clear 192.0.2.1/24", "usage",
		   "\"192.0.2.1/24\" is not an address, a prefix without host bits or \"all\"");
	daemon_bad("clear all --limit nobody", "failed", "there is no limit nobody");
	assert_at("events --since 1m", "events.1.event.action", "config-applied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_start_publishes_what_the_file_says),
		TEST(a_statement_is_published_before_it_is_answered),
		TEST(what_is_so_already_publishes_nothing),
		TEST(a_limit_that_counts_the_same_keeps_its_identity),
		TEST(a_wrong_statement_leaves_no_trace),
		TEST(what_the_kernel_refuses_leaves_no_trace),
		TEST(one_that_is_refused_does_not_hold_up_its_neighbours),
		TEST(neighbours_that_fail_together_are_undone_together),
		TEST(a_limit_deleted_and_set_at_once_begins_afresh),
		TEST(interfaces_come_when_they_can),
		TEST(another_mode_takes_a_yes),
		TEST(entries_go_into_the_set_that_is_there),
		TEST(an_entry_inside_another_lasts_as_long),
		TEST(an_entry_goes_at_its_end_and_a_ban_is_told),
		TEST(changes_wait_for_a_generation_and_nobody_else_does),
		TEST(who_is_connected_is_known_before_a_limit_bans),
		TEST(options_act_at_once_or_say_that_they_wait),
		TEST(what_nobody_knows_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
