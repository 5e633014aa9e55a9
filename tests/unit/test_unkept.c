/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that cannot be recorded: they act and say so, and nothing of what was recorded before is
 * spoilt. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "rld/persist/persist_log.h"

#define FILE_TEXT "set-limit ssh 1000/second match tcp dport 22\n"
#define NO_BOUND RLIM_INFINITY

static void bound_files(rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int tear_down(void **state)
{
	bound_files(NO_BOUND);
	return daemon_tear_down(state);
}

static void assert_at(const char *line, const char *path, const char *expected)
{
	assert_string_equal(daemon_at(line, path), expected);
}

static void assert_limits(const char *expected)
{
	assert_at("status", "limits", expected);
}

static void start(void)
{
	daemon_write_config(FILE_TEXT);
	daemon_start();
}

static void a_command_that_is_not_recorded_says_so(void **state)
{
	json_t *data;

	start();
	assert_at("set-limit a 2000/second match udp", "persisted", "true");
	bound_files(0);
	data = daemon_data("set-limit b 2000/second match icmp");
	assert_string_equal(json_at(data, "persisted"), "false");
	assert_string_equal(strrchr(json_at(data, "persist_error"), '/'),
			    "/running.log: File too large");
	json_decref(data);
	assert_limits("3"); /* it acts */
	assert_at("status", "persisted", "false");
	assert_at("mode monitor", "persisted", "false");
	assert_at("reload", "persisted", "false");
	assert_at("set-limit c 2000/second match icmp", "persisted", "false");
	bound_files(NO_BOUND);
	assert_at("set-limit d 2000/second match proto 47", "persisted", "true");
	assert_at("status", "persisted", "true");
}

static int count_events(const char *action)
{
	json_t *data = daemon_data("events --since 1m"), *event;
	int count = 0;
	size_t i;

	json_array_foreach (json_object_get(data, "events"), i, event)
		count += !strcmp(json_at(event, "event.action"), action);
	json_decref(data);
	return count;
}

static void the_next_command_records_all_of_them(void **state)
{
	start();
	bound_files(0);
	daemon_good("set-limit a 2000/second match udp");
	daemon_good("set-limit b 2000/second match icmp");
	daemon_good("del-limit ssh");
	assert_int_equal(count_events("persist-failed"), 1); /* once, not for each */
	assert_int_equal(count_events("persist-recovered"), 0);
	bound_files(NO_BOUND);
	assert_at("set-limit c 2000/second match proto 47", "persisted", "true");
	assert_int_equal(count_events("persist-recovered"), 1);
	daemon_crash();
	daemon_start();
	assert_limits("3");
	assert_at("stats a", "limits.0.name", "a");
}

/* What a crash or a full disk leaves of a record, at each byte of it. */
static void a_torn_record_is_cut_off_before_the_next(void **state)
{
	static const char first[] = "{\"a\":1}\n", torn[] = "{\"sequence\":2,\"command\":[\"x\"]}";
	const char *path = daemon_path("running.log");
	struct persist_log log;
	char text[200];
	FILE *file;

	for (size_t len = 0; len < sizeof(torn); len++) {
		snprintf(text, sizeof(text), "%s%.*s", first, (int)len, torn);
		unit_write(path, text);
		persist_log_init(&log, daemon_dir);
		assert_int_equal(persist_log_add(&log, "{\"b\":2}\n", 8), 0);
		persist_log_done(&log);
		file = fopen(path, "re");
		text[fread(text, 1, sizeof(text) - 1, file)] = 0;
		fclose(file);
		assert_string_equal(text, "{\"a\":1}\n{\"b\":2}\n");
	}
}

/* At each byte of a record the disk may be full. */
static void a_record_is_there_whole_or_not_at_all(void **state)
{
	static const char record[] = "{\"sequence\":2,\"command\":[\"mode\",\"off\"]}\n";
	struct persist_log log;
	struct stat st;

	persist_log_init(&log, daemon_dir);
	assert_int_equal(persist_log_add(&log, record, strlen(record)), 0);
	for (size_t room = 0; room < strlen(record); room++) {
		bound_files(strlen(record) + room);
		assert_true(persist_log_add(&log, record, strlen(record)) < 0);
		assert_int_equal(stat(daemon_path("running.log"), &st), 0);
		assert_int_equal(st.st_size, strlen(record));
	}
	bound_files(NO_BOUND);
	assert_int_equal(persist_log_add(&log, record, strlen(record)), 0);
	persist_log_done(&log);
}

static void what_keeps_nothing_is_no_log(void **state)
{
	static const char record[] = "{}\n";
	struct persist_log log;

	assert_int_equal(mkfifo(daemon_path("running.log"), 0600), 0);
	persist_log_init(&log, daemon_dir);
	assert_int_equal(persist_log_add(&log, record, 3), 0);
	assert_int_equal(access(daemon_path("running.log.bad"), F_OK), 0);
	assert_int_equal(unlink(daemon_path("running.log")), 0);
	assert_int_equal(persist_log_add(&log, record, 3), -ENOENT); /* nobody would find it */
	assert_int_equal(persist_log_add(&log, record, 3), 0);
	persist_log_done(&log);
	assert_int_equal(unlink(daemon_path("running.log.bad")), 0);
	assert_int_equal(unlink(daemon_path("running.log")), 0);
	assert_int_equal(symlink("/dev/full", daemon_path("running.log")), 0);
	assert_int_equal(persist_log_add(&log, record, 3), 0);
	persist_log_done(&log);
	assert_int_equal(unlink(daemon_path("running.log")), 0);
	assert_int_equal(symlink("nowhere/at/all", daemon_path("running.log")), 0);
	assert_int_equal(persist_log_add(&log, record, 3), -ENOENT);
	persist_log_done(&log);
}

static void a_directory_that_was_emptied_is_filled_again(void **state)
{
	start();
	daemon_good("set-limit a 2000/second match udp");
	assert_int_equal(unlink(daemon_path("state/running.log")), 0);
	assert_int_equal(unlink(daemon_path("state/running.conf")), 0);
	assert_at("set-limit b 2000/second match icmp", "persisted", "true");
	daemon_crash();
	daemon_start();
	assert_limits("3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, daemon_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_that_is_not_recorded_says_so),
		TEST(the_next_command_records_all_of_them),
		TEST(a_torn_record_is_cut_off_before_the_next),
		TEST(a_record_is_there_whole_or_not_at_all),
		TEST(what_keeps_nothing_is_no_log),
		TEST(a_directory_that_was_emptied_is_filled_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
