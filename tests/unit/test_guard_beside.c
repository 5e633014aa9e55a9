/* SPDX-License-Identifier: GPL-2.0-only */
/* While the guard tries a change everything else goes on, whoever leaves or stops meanwhile. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "daemon.h"
#include "rlctl/session.h"

#define GOOD "set-limit x 1000/second match tcp dport 22"
#define CUTS "set-limit x 1/minute match tcp dport 22"

static int set_up(void **state)
{
	int err = daemon_set_up(state);

	fake_dp_device("eth0");
	daemon_write_config("attach eth0\n");
	daemon_peer = "192.0.2.7";
	daemon_start();
	return err;
}

static void assert_at(const char *line, const char *path, const char *expected)
{
	assert_string_equal(daemon_at(line, path), expected);
}

/* What is tried stops there until it is let go. */
static void hold_trials(bool hold)
{
	__atomic_store_n(&fake_dp()->trial_waits, hold, __ATOMIC_RELEASE);
}

static bool waits(bool whether)
{
	for (int i = 0; i < 500; i++) {
		if (__atomic_load_n(&fake_dp()->trials_waiting, __ATOMIC_ACQUIRE) == whether)
			return true;
		usleep(10000);
	}
	return false;
}

/* A client of its own, who does not wait for the answer. */
static struct session say(const char *word, const char *more, const char *config)
{
	json_t *request = json_pack("{s:[s], s:s}", "command", word, "config", config);
	char text[256], *rest = text, *next;
	struct session session;
	struct diag d;

	snprintf(text, sizeof(text), "%s", more);
	while ((next = strsep(&rest, " ")))
		if (*next)
			json_array_append_new(json_object_get(request, "command"),
					      json_string(next));
	assert_int_equal(session_open(daemon_path("rld.sock"), 20, &session, &d), 0);
	assert_int_equal(session_send(&session, request, &d), 0);
	json_decref(request);
	return session;
}

static struct session say_line(const char *line)
{
	char word[32];

	assert_int_equal(sscanf(line, "%31s", word), 1);
	return say(word, line + strlen(word), "");
}

static void hears(struct session *session, const char *path, const char *expected)
{
	json_t *answer;
	struct diag d;

	assert_int_equal(session_receive(session, &answer, &d), 0);
	assert_string_equal(json_at(answer, path), expected);
	json_decref(answer);
	session_close(session);
}

/* The guard looks at it, and is held. */
static struct session say_and_hold(const char *line)
{
	struct session session;

	hold_trials(true);
	session = say_line(line);
	assert_true(waits(true));
	return session;
}

static void let_go(void)
{
	hold_trials(false);
	assert_true(waits(false));
}

static void a_trial_holds_up_changes_and_nothing_else(void **state)
{
	struct session first = say_and_hold(GOOD), second;

	second = say_line("deny add 198.51.100.1");
	assert_at("status", "limits", "0");
	assert_at("status", "denied", "0");
	assert_at("show", "limits", "[]");
	let_go();
	hears(&first, "data.changed", "true");
	hears(&second, "data.changed", "true");
	assert_at("status", "limits", "1");
	assert_at("status", "denied", "1");
}

static void so_does_that_of_a_reload(void **state)
{
	struct session session;

	daemon_write_config("attach eth0\n" CUTS "\n");
	session = say_and_hold("reload");
	assert_at("status", "limits", "0");
	let_go();
	hears(&session, "error.warnings.0.code", "lock-out");
	assert_at("status", "limits", "0");
	assert_at("status", "config.last_reload_successful", "false");
}

static void so_does_that_of_a_check(void **state)
{
	struct session session;

	hold_trials(true);
	session = say("check", "", CUTS "\n");
	assert_true(waits(true));
	assert_at("status", "limits", "0");
	let_go();
	hears(&session, "data.warnings.0.code", "lock-out");
	session = say("check", "", "set-limit x\n");
	hears(&session, "error.code", "config-invalid");
	assert_at("status", "limits", "0");
	assert_int_equal(fake_dp()->rules.limits, 0);
}

static void each_of_a_batch_has_its_own_answer(void **state)
{
	assert_string_equal(daemon_together("set-limit a 1000/second match tcp dport 22;" CUTS ";"
					    "set-limit c 1000/second match udp"),
			    "ok refused ok ");
	assert_at("status", "limits", "2");
}

static void what_one_who_left_wanted_is_done_whole(void **state)
{
	struct session session = say_and_hold(GOOD);

	session_close(&session);
	assert_at("status", "limits", "0");
	let_go();
	daemon_good("deny add 198.51.100.1"); /* its turn is after that */
	assert_at("status", "limits", "1");
	assert_at("status", "persisted", "true");
	assert_int_equal(fake_dp()->rules.limits, 1);
	daemon_crash();
	daemon_start();
	assert_at("status", "limits", "1");
}

static void or_not_at_all(void **state)
{
	struct session session = say_and_hold(CUTS);

	session_close(&session);
	let_go();
	daemon_good("deny add 198.51.100.1");
	assert_at("status", "limits", "0");
	assert_int_equal(fake_dp()->rules.limits, 0);
	daemon_bad(CUTS, "refused",
		   "this would cut off the established session from 192.0.2.7 to port 22: limit x "
		   "admits too few of its packets");
}

static void a_stop_waits_for_the_trial_and_drops_the_change(void **state)
{
	struct session session = say_and_hold(GOOD);

	assert_int_equal(kill(getpid(), SIGTERM), 0);
	usleep(100000);
	hold_trials(false);
	hears(&session, "error.message", "rld is stopping");
	assert_int_equal(daemon_join(), 0);
	daemon_start();
	assert_at("status", "limits", "0");
}

static void what_ends_meanwhile_ends_after_it(void **state)
{
	struct session session;

	daemon_good("ban 198.51.100.1 for 1s");
	session = say_and_hold(GOOD);
	usleep(2200000);
	assert_at("status", "denied", "1");
	let_go();
	hears(&session, "data.changed", "true");
	assert_at("status", "denied", "0");
	assert_null(fake_dp_entry(DP_SET_DENY, "198.51.100.1"));
}

/* Also of a test that failed. */
static int tear_down(void **state)
{
	hold_trials(false);
	return daemon_tear_down(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_trial_holds_up_changes_and_nothing_else),
		TEST(so_does_that_of_a_reload),
		TEST(so_does_that_of_a_check),
		TEST(each_of_a_batch_has_its_own_answer),
		TEST(what_one_who_left_wanted_is_done_whole),
		TEST(or_not_at_all),
		TEST(a_stop_waits_for_the_trial_and_drops_the_change),
		TEST(what_ends_meanwhile_ends_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
