/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists that are too long for the loop: a thread fills them, and everything else goes on. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "daemon.h"

#define ENTRIES 3000
#define LIMIT "set-limit ssh 1000/second match tcp dport 22\n"

/* So many addresses from `first` on in 10.0.0.0/8, each with `rest` behind it. */
static void write_lists(const char *head, unsigned first, unsigned count, const char *rest)
{
	FILE *file = fopen(daemon_path("rld.conf"), "we");

	assert_non_null(file);
	fprintf(file, "attach eth0\n" LIMIT "%s", head);
	for (unsigned i = first; i < first + count; i++)
		fprintf(file, "deny add 10.0.%u.%u%s\n", i / 256, i % 256, rest);
	fclose(file);
}

static int set_up(void **state)
{
	int err = daemon_set_up(state);

	fake_dp_device("eth0");
	return err;
}

static void assert_at(const char *line, const char *path, const char *expected)
{
	assert_string_equal(daemon_at(line, path), expected);
}

/* Lists that are on their way stop there until they are let go. */
static void hold_fills(bool hold)
{
	__atomic_store_n(&fake_dp()->fill_waits, hold, __ATOMIC_RELEASE);
}

static bool waits_for_it(void)
{
	for (int i = 0; i < 500; i++) {
		if (__atomic_load_n(&fake_dp()->fills_waiting, __ATOMIC_ACQUIRE))
			return true;
		usleep(10000);
	}
	return false;
}

static void wait_for_lists(void)
{
	for (int i = 0; i < 500 && !strcmp(daemon_at("status", "lists_loading"), "true"); i++)
		usleep(10000);
	assert_at("status", "lists_loading", "false");
}

static void *ask(void *line)
{
	return daemon_ask(line);
}

static pthread_t ask_beside(const char *line)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, ask, (void *)line), 0);
	return thread;
}

static void assert_answer(pthread_t thread, const char *path, const char *expected)
{
	void *answer;

	pthread_join(thread, &answer);
	assert_string_equal(json_at(answer, path), expected);
	json_decref(answer);
}

static void the_limits_are_at_work_before_the_deny_list_is(void **state)
{
	write_lists("allow add 192.0.2.7\n", 0, ENTRIES, "");
	hold_fills(true);
	fake_dp()->fills_free = 1; /* the allow list's */
	daemon_start();
	assert_true(waits_for_it());
	assert_int_equal(fake_dp()->rules.limits, 1);
	assert_non_null(fake_dp_entry(DP_SET_ALLOW, "192.0.2.7"));
	assert_int_equal(fake_dp()->set_size[DP_SET_DENY], 0);
	assert_at("status", "lists_loading", "true");
	assert_at("status", "denied", "3000");
	hold_fills(false);
	wait_for_lists();
	assert_non_null(fake_dp_entry(DP_SET_DENY, "10.0.0.5"));
	assert_non_null(fake_dp_entry(DP_SET_ALLOW, "192.0.2.7"));
}

static void what_does_not_fit_is_tried_again(void **state)
{
	write_lists("", 0, ENTRIES, "");
	fake_dp()->fill_fails = true;
	daemon_start();
	assert_at("status", "lists_loading", "true");
	daemon_bad("set-limit x 1000/second match udp", "failed",
		   "the table of prefixes cannot hold all entries: No space left on device");
	assert_at("status", "limits", "1");
	fake_dp()->fill_fails = false;
	daemon_good("set-limit x 1000/second match udp"); /* and with it the lists */
	assert_at("status", "lists_loading", "false");
	assert_int_equal(fake_dp()->set_size[DP_SET_DENY], FAKE_PREFIXES);
}

/* To the next list; its fill is held. */
static pthread_t reload_that_waits(void)
{
	pthread_t reload;

	write_lists("", 0, ENTRIES, "");
	daemon_start();
	wait_for_lists();
	write_lists("", 1, ENTRIES, "");
	hold_fills(true);
	reload = ask_beside("reload");
	assert_true(waits_for_it());
	return reload;
}

static void a_reload_holds_up_changes_and_nothing_else(void **state)
{
	pthread_t reload = reload_that_waits(), change;

	change = ask_beside("set-limit x 1000/second match udp");
	assert_at("status", "denied", "3000");
	assert_non_null(fake_dp_entry(DP_SET_DENY, "10.0.0.0"));
	hold_fills(false);
	assert_answer(reload, "data.limits", "1");
	assert_answer(change, "data.changed", "true");
	assert_null(fake_dp_entry(DP_SET_DENY, "10.0.0.0"));
	assert_non_null(fake_dp_entry(DP_SET_DENY, "10.0.0.1"));
	assert_at("status", "limits", "2");
	assert_at("status", "persisted", "true");
}

static void a_reload_that_does_not_fit_changes_nothing(void **state)
{
	write_lists("", 0, ENTRIES, "");
	daemon_start();
	wait_for_lists();
	write_lists("set-limit y 1000/second match udp\n", 1, ENTRIES, "");
	fake_dp()->fill_fails = true;
	daemon_bad("reload", "failed",
		   "the table of prefixes cannot hold all entries: No space left on device");
	fake_dp()->fill_fails = false;
	assert_at("status", "limits", "1");
	assert_non_null(fake_dp_entry(DP_SET_DENY, "10.0.0.0"));
	assert_at("status", "config.last_reload_successful", "false");
	daemon_good("reload");
	assert_at("status", "limits", "2");
	assert_null(fake_dp_entry(DP_SET_DENY, "10.0.0.0"));
}

/* Each of them ends with it. */
static void one_that_covers_many_takes_a_new_list(void **state)
{
	__u64 before;

	write_lists("deny add 10.1.0.0\n", 0, ENTRIES, " until 2999-01-01T00:00:00Z");
	daemon_start();
	wait_for_lists();
	before = fake_dp_entry(DP_SET_DENY, "10.0.0.3")->until_ns;
	assert_true(before > 0);
	daemon_good("deny add 10.0.0.0/12");
	assert_int_equal(fake_dp_entry(DP_SET_DENY, "10.0.0.3")->until_ns, 0);
	daemon_good("deny del 10.0.0.0/12");
	assert_int_equal(fake_dp_entry(DP_SET_DENY, "10.0.0.3")->until_ns, before);
	assert_null(fake_dp_entry(DP_SET_DENY, "10.0.0.0/12"));
}

static void a_stop_does_not_wait_for_more_than_the_thread(void **state)
{
	pthread_t reload = reload_that_waits();

	assert_int_equal(kill(getpid(), SIGTERM), 0);
	usleep(100000);
	hold_fills(false);
	assert_answer(reload, "error.message", "rld is stopping");
	assert_int_equal(daemon_join(), 0);
}

static void answers_have_all_of_a_list(void **state)
{
	json_t *lists, *text;
	const char *line;
	unsigned count = 0;

	write_lists("allow add 192.0.2.7 comment \"one of us\"\n", 0, ENTRIES, "");
	daemon_start();
	wait_for_lists();
	lists = daemon_data("show lists");
	assert_int_equal(json_array_size(json_object_get(lists, "deny")), ENTRIES);
	assert_string_equal(json_at(lists, "allow.0.comment"), "one of us");
	assert_string_equal(json_at(lists, "bans_total"), "0");
	json_decref(lists);
	text = daemon_data("export");
	for (line = json_text(text, "config", ""); (line = strstr(line, "deny add")); line++)
		count++;
	assert_int_equal(count, ENTRIES);
	json_decref(text);
}

static void many_that_end_at_once_end_in_pieces(void **state)
{
	write_lists("", 0, 2, "");
	daemon_start();
	for (unsigned i = 0; i < 20; i++) {
		char lines[4096] = "";
		size_t len = 0;

		for (unsigned k = 0; k < 30; k++)
			len += (size_t)snprintf(lines + len, sizeof(lines) - len,
						"%sban 172.16.%u.%u for 1s", k ? ";" : "", i, k);
		daemon_together(lines);
	}
	for (int i = 0; i < 500 && strcmp(daemon_at("status", "denied"), "2"); i++)
		usleep(10000);
	assert_at("status", "denied", "2");
	assert_null(fake_dp_entry(DP_SET_DENY, "172.16.0.0"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_limits_are_at_work_before_the_deny_list_is),
		TEST(what_does_not_fit_is_tried_again),
		TEST(a_reload_holds_up_changes_and_nothing_else),
		TEST(a_reload_that_does_not_fit_changes_nothing),
		TEST(one_that_covers_many_takes_a_new_list),
		TEST(a_stop_does_not_wait_for_more_than_the_thread),
		TEST(answers_have_all_of_a_list),
		TEST(many_that_end_at_once_end_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
