/* SPDX-License-Identifier: GPL-2.0-only */
/* What a daemon takes up of the one before: running statements or the files, entries with an end,
 * and what limits know of sources. */
#include <signal.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon.h"
#include "rld/detach.h"

#define FILE_TEXT "attach eth0\nset-limit ssh 1000/second match tcp dport 22 ban for 1h\n"

static void assert_at(const char *line, const char *path, const char *expected)
{
	assert_string_equal(daemon_at(line, path), expected);
}

static int set_up(void **state)
{
	int err = daemon_set_up(state);

	fake_dp_device("eth0");
	daemon_write_config(FILE_TEXT);
	daemon_start();
	return err;
}

static void again(void)
{
	assert_int_equal(daemon_stop(), 0);
	daemon_start();
}

static void what_is_attached_outlives_the_daemon(void **state)
{
	__u32 id = fake_dp()->rules.limit[0].id;

	assert_int_equal(daemon_stop(), 0);
	assert_int_equal(fake_dp()->ifaces, 1);
	daemon_start();
	assert_int_equal(fake_dp()->rules.limit[0].id, id); /* and its counts */
}

static void running_statements_are_taken_up(void **state)
{
	daemon_good("set-limit x 2000/second match udp comment \"of a command\"");
	daemon_good("ban 192.0.2.7 for 1h");
	again();
	assert_at("status", "config.source", "commands");
	assert_at("stats x", "limits.0.name", "x");
	assert_at("show lists", "deny.0.kind", "ban");
	again(); /* from the snapshot now */
	assert_at("stats x", "limits.0.name", "x");
	daemon_good("reload");
	assert_at("status", "limits", "1");
	assert_at("show lists", "deny.0.kind", "ban"); /* is state */
	again();
	assert_at("status", "config.source", "files");
}

static void files_that_changed_decide(void **state)
{
	daemon_good("set-limit x 2000/second match udp");
	daemon_good("ban 192.0.2.7 for 1h");
	daemon_stop();
	daemon_write_config(FILE_TEXT "mode monitor\n");
	daemon_start();
	assert_at("status", "config.source", "files");
	assert_at("status", "mode", "monitor");
	assert_at("status", "limits", "1");
	assert_at("show lists", "deny.0.kind", "ban");
	assert_at("events --since 1m", "events.2.event.action", "statements-dropped");
	assert_at("events --since 1m", "events.2.rld.statements.0",
		  "set-limit x 2000/1s per source match udp");
}

static void a_mistake_in_the_files_is_no_start(void **state)
{
	daemon_stop();
	daemon_write_config(FILE_TEXT "nonsense\n");
	assert_int_equal(daemon_run_here(), 6);
	assert_int_equal(fake_dp()->ifaces, 1);
}

static void after_a_crash_a_mistake_in_the_files_stops_nobody(void **state)
{
	daemon_good("set-limit x 2000/second match udp");
	daemon_crash();
	daemon_write_config(FILE_TEXT "nonsense\n");
	daemon_start();
	assert_at("stats x", "limits.0.name", "x");
	assert_at("status", "config.last_reload_successful", "false");
	assert_at("events --since 1m", "events.2.event.action", "config-refused");
}

static void after_a_crash_the_guard_judges_files_that_changed(void **state)
{
	daemon_peer = "192.0.2.7";
	daemon_crash();
	daemon_write_config(FILE_TEXT "deny add 192.0.2.0/24\n");
	daemon_start();
	assert_at("status", "denied", "0");
	assert_at("status", "config.last_reload_successful", "false");
	daemon_stop(); /* properly: somebody means it */
	daemon_write_config(FILE_TEXT "deny add 192.0.2.0/24\nmode enforce\n");
	daemon_start();
	assert_at("status", "denied", "1");
}

static void a_reload_with_a_mistake_changes_nothing(void **state)
{
	json_t *answer;

	daemon_write_config("mode off\nset-limit x\n");
	answer = daemon_ask("reload");
	assert_string_equal(json_at(answer, "error.code"), "config-invalid");
	assert_string_equal(json_at(answer, "error.line"), "2");
	json_decref(answer);
	assert_at("status", "mode", "enforce");
	assert_at("status", "config.last_reload_successful", "false");
}

static void a_reload_asks_the_guard_and_tells_what_it_brings(void **state)
{
	json_t *answer;

	fake_dp_device("eth1");
	daemon_peer = "192.0.2.7";
	daemon_good("set-limit x 2000/second match udp");
	daemon_write_config("attach eth1\ndeny add 192.0.2.7\nset-option sources-max 5000\n");
	answer = daemon_ask("reload");
	assert_string_equal(json_at(answer, "error.code"), "refused");
	assert_string_equal(json_at(answer, "error.warnings.0.code"), "lock-out");
	json_decref(answer);
	assert_at("status", "denied", "0");
	answer = daemon_ask_yes("reload");
	assert_string_equal(json_at(answer, "data.warnings.0.code"), "lock-out");
	assert_string_equal(json_at(answer, "data.detached.0"), "eth0");
	assert_string_equal(json_at(answer, "data.restart_needed.0"), "sources-max");
	assert_non_null(strstr(json_at(answer, "data.dropped.0"), "set-limit x"));
	json_decref(answer);
	assert_string_equal(fake_dp()->iface[0].name, "eth1");
	assert_int_equal(fake_dp()->ifaces, 1);
}

static void a_hangup_reads_the_files(void **state)
{
	daemon_write_config(FILE_TEXT "mode monitor\n");
	kill(getpid(), SIGHUP);
	for (int i = 0; i < 100 && strcmp(daemon_at("status", "mode"), "monitor"); i++)
		usleep(20000);
	assert_at("status", "mode", "monitor");
}

static void a_log_that_was_rotated_is_opened_anew(void **state)
{
	char line[200], old[200];

	snprintf(line, sizeof(line), "set-option log file:%s", daemon_path("events"));
	daemon_good(line);
	strcpy(old, daemon_path("events.1"));
	assert_int_equal(rename(daemon_path("events"), old), 0);
	kill(getpid(), SIGUSR1);
	for (int i = 0; i < 100 && access(daemon_path("events"), F_OK); i++)
		usleep(20000);
	assert_int_equal(access(daemon_path("events"), F_OK), 0);
	daemon_stop();
}

static void bans_by_limits_outlive_the_machine(void **state)
{
	struct fake_source *source = fake_dp_source("ssh", "192.0.2.7");
	struct dp_device eth0 = fake_dp()->device[0];

	source->state.banned_until = time_mono_ns() + 600 * TIME_NS;
	source->state.ban_open = 1;
	source->state.ban_times = 3;
	daemon_stop(); /* writes it */
	fake_dp_reset();
	fake_dp()->device[fake_dp()->devices++] = eth0;
	daemon_start();
	assert_at("show lists", "bans.0.source", "192.0.2.7");
	assert_at("show lists", "bans.0.bans", "3");
}

static void the_place_of_one_that_runs_is_taken(void **state)
{
	assert_int_equal(daemon_run_here(), 1);
	daemon_good("status"); /* which goes on */
}

static int detach(void)
{
	char bpffs[200], dir[200];
	const struct rld_options options = {
		.bpffs = strcpy(bpffs, daemon_path("bpffs")),
		.state_dir = strcpy(dir, daemon_path("state")),
	};

	return detach_run(&options);
}

static void a_detach_sets_aside_what_is_kept(void **state)
{
	daemon_good("set-limit x 2000/second match udp");
	daemon_good("ban 192.0.2.7 for 1h");
	daemon_stop();
	assert_int_equal(detach(), 0);
	assert_int_equal(fake_dp()->ifaces, 0);
	assert_int_equal(access(daemon_path("state/detached/running.conf"), F_OK), 0);
	assert_int_not_equal(access(daemon_path("state/running.conf"), F_OK), 0);
	daemon_start();
	assert_at("status", "limits", "1");
	assert_at("status", "denied", "0");
}

static void a_damaged_owner_is_left_alone_by_a_detach(void **state)
{
	daemon_stop();
	unit_write(daemon_path("state/owner"), "something else\n");
	assert_int_equal(detach(), 1);
	assert_int_equal(access(daemon_path("state/running.conf"), F_OK), 0);
	daemon_start(); /* which writes it anew */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_attached_outlives_the_daemon),
		TEST(running_statements_are_taken_up),
		TEST(files_that_changed_decide),
		TEST(a_mistake_in_the_files_is_no_start),
		TEST(after_a_crash_a_mistake_in_the_files_stops_nobody),
		TEST(after_a_crash_the_guard_judges_files_that_changed),
		TEST(a_reload_with_a_mistake_changes_nothing),
		TEST(a_reload_asks_the_guard_and_tells_what_it_brings),
		TEST(a_hangup_reads_the_files),
		TEST(a_log_that_was_rotated_is_opened_anew),
		TEST(bans_by_limits_outlive_the_machine),
		TEST(the_place_of_one_that_runs_is_taken),
		TEST(a_detach_sets_aside_what_is_kept),
		TEST(a_damaged_owner_is_left_alone_by_a_detach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
