/* SPDX-License-Identifier: GPL-2.0-only */
/* rlctl as its user sees it: options, exit statuses, and the text of answers, which a daemon on a
 * data path in memory gives. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "conf/grammar/lex.h"
#include "daemon.h"
#include "rlctl/rlctl.h"

static char out[1 << 16], err[1 << 16]; /* of the last run; `err` has the daemon's log too */

static int put_aside(int fd, const char *name)
{
	int saved = dup(fd), file = open(daemon_path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);

	dup2(file, fd);
	close(file);
	return saved;
}

static void bring_back(int fd, int saved, char text[static 1 << 16])
{
	ssize_t len = pread(fd, text, (1 << 16) - 1, 0);

	text[len > 0 ? len : 0] = 0;
	dup2(saved, fd);
	close(saved);
}

/* The exit status of "rlctl LINE", words as in a file. */
static int rlctl(const char *line)
{
	static char name[] = "rlctl";
	char *argv[64] = {name};
	int saved_out, saved_err, status;
	struct words words;
	struct diag d;

	assert_int_equal(words_split(line, strlen(line), &words, &d), 0);
	for (size_t i = 0; i < words.count; i++)
		argv[i + 1] = (char *)(uintptr_t)words.word[i].text;
	fflush(stdout);
	saved_out = put_aside(STDOUT_FILENO, "out");
	saved_err = put_aside(STDERR_FILENO, "err");
	status = cli_run((int)words.count + 1, argv);
	fflush(stdout);
	bring_back(STDOUT_FILENO, saved_out, out);
	bring_back(STDERR_FILENO, saved_err, err);
	words_done(&words);
	return status;
}

static void assert_says(const char *line, int status, const char *text)
{
	int is = rlctl(line);

	if (is != status || !strstr(out, text))
		fail_msg("%s: %d: no \"%s\" in: %s%s", line, is, text, out, err);
}

static void assert_complains(const char *line, int status, const char *text)
{
	int is = rlctl(line);

	if (is != status || !strstr(err, text))
		fail_msg("%s: %d: no \"%s\" in: %s", line, is, text, err);
}

static int set_up(void **state)
{
	int failed = daemon_set_up(state);

	setenv("RLD_SOCKET", daemon_path("rld.sock"), 1);
	setenv("SSH_CONNECTION", "", 1);
	fake_dp_device("eth0");
	daemon_write_config("attach eth0\nset-limit ssh 10/second,100/hour match tcp dport 22 ban "
			    "for 1h comment door\n");
	daemon_start();
	return failed;
}

static int set_up_alone(void **state)
{
	setenv("RLD_SOCKET", "/nonexistent/rld.sock", 1);
	return daemon_set_up(state);
}

static void options_stand_before_the_command_and_some_after(void **state)
{
	assert_says("-V", 0, "rlctl " RL_VERSION);
	assert_says("--version", 0, "rlctl " RL_VERSION);
	assert_says("--help", 0, "Usage: rlctl [OPTION]... COMMAND");
	assert_says("help set-limit", 0, "Usage: rlctl set-limit [NAME] RATES {CLAUSE}");
	assert_says("explain -h", 0, "Usage: rlctl explain ADDR");
	assert_complains("", 2, "Usage: rlctl");
	assert_complains("--jsn status", 2, "unknown option --jsn");
	assert_complains("--jsn status", 2, "--json");
	assert_complains("--timeout x status", 2, "--timeout takes a number of seconds");
	assert_complains("--timeout", 2, "--timeout takes a number of seconds");
	assert_complains("-t -1 status", 2, "--timeout takes a number of seconds");
	assert_complains("--color alway status", 2, "always");
	assert_complains("--json=1 status", 2, "--json takes no value");
}

static void unknown_commands_get_a_suggestion(void **state)
{
	assert_complains("statsu", 2, "did you mean \"stat");
	assert_complains("xyzzy", 2, "`rlctl --help` lists the commands");
	assert_says("--json statsu", 2, "\"code\":\"usage\"");
}

static void without_a_daemon_the_status_says_so(void **state)
{
	assert_complains("status", 7, "rld is not running (no socket at /nonexistent/rld.sock)");
	assert_says("--json status", 7, "\"code\":\"not-running\"");
	assert_complains("events -f", 7, "rld is not running");
}

static void errors_have_a_place_and_a_status(void **state)
{
	assert_complains("set-limit x 10/fortnight match any", 2, "unknown period \"fortnight\"");
	assert_complains("set-limit x 10/fortnight match any", 2, "^^^^^^^^^");
	assert_complains("deny add 0.0.0.0/0", 1, "this would refuse every IPv4 packet");
	assert_complains("stats nobody", 1, "there is no limit nobody");
	assert_complains("--color always stats nobody", 1, "\033[");
	assert_complains("--color never stats nobody", 1, "rlctl: there is no limit nobody");
	assert_null(strstr(err, "\033["));
	assert_complains("status -t 3", 2, "\"-t\" is not expected here"); /* not after it */
	assert_says("-q stats", 0, "");
	assert_string_equal(out, "");
}

static void changes_are_told_in_a_line(void **state)
{
	assert_says("set-limit x 1000/second match udp", 0, "limit x set\n");
	assert_says("set-limit x 2000/second match udp", 0, "limit x replaced; its counts stay\n");
	assert_says("set-limit x 2000/minute match udp", 0,
		    "limit x replaced; its counts start afresh\n");
	assert_says("set-limit x 2000/minute match udp", 0, "nothing to change\n");
	assert_says("del-limit x", 0, "del-limit x: done\n");
	assert_says("mode monitor", 0, "mode monitor: done\n");
	assert_says("attach eth7", 0, "eth7: pending, attached when it can be\n");
	fake_dp_device("eth5");
	assert_says("attach eth5", 0, "eth5: attached in generic mode\n");
	assert_says("attach eth0", 0, "nothing to change\n");
	assert_complains("set-option sources-max 5000", 0, "acts after a restart of rld");
	assert_says("--yes deny add 0.0.0.0/0", 0, "deny 0.0.0.0/0: done\n");
	assert_says("-j mode off", 0, "{\"schema\":\"rld/1\",\"data\":{\"changed\":true");
	assert_says("-p mode off", 0, "{\n  \"schema\": \"rld/1\"");
	assert_says("clear all", 0, "0 sources cleared\n");
	assert_says("reload --yes", 0, "reloaded: generation ");
	assert_says("version", 0, "rlctl " RL_VERSION ", rld " RL_VERSION ", kernel ");
}

static void views_are_tables(void **state)
{
	struct fake_dp *fake = fake_dp();

	fake->iface_counters[1].reason[RL_REASON_OVER_LIMIT][RL_VERDICT_DROP].packets = 1234567;
	fake->limit_counters[0].verdict[RL_VERDICT_DROP].packets = 1234567;
	assert_says("status", 0, "INTERFACE  STATE     MODE       PACKETS  NOTE\n");
	assert_says("status", 0, "eth0       attached  generic  1,234,567  -\n");
	assert_says("status", 0, "1 limits, 0 allowed, 0 denied; 0 of ");
	assert_says("stats", 0, "over-limit");
	assert_says("stats", 0, "1,234,567");
	assert_says("show", 0, "ssh");
	assert_says("show limits", 0, "10/1s, 100/1h");
	assert_says("show options", 0, "idle-timeout");
	daemon_good("deny add 192.0.2.0/24 comment pests");
	daemon_good("ban 198.51.100.1 for 1h");
	assert_says("show lists", 0, "192.0.2.0/24");
	assert_says("show lists", 0, "pests");
	assert_says("show lists", 0, "198.51.100.1");
	assert_says("export", 0, "deny add 192.0.2.0/24 comment pests\n");
	assert_says("events --since 1m", 0, "source-banned");
	assert_complains("save", 1, "which save does not touch");
}

static void sources_say_what_remains(void **state)
{
	struct fake_source *source = fake_dp_source("ssh", "192.0.2.7");

	source->state.drop_packets = 4321;
	source->state.window[1].a = 30;
	source->state.window[1].b = time_mono_ns() + 600 * TIME_NS;
	assert_says("sources", 0, "LIMIT");
	assert_says("sources", 0, "ssh    192.0.2.7");
	assert_says("sources", 0, "4,321");
	assert_says("sources", 0, "10 of 10/1s");
	source->state.banned_until = time_mono_ns() + 60 * TIME_NS;
	assert_says("sources", 0, "banned");
	assert_says("show lists", 0, "192.0.2.7");
}

static void a_verdict_is_a_sentence_and_an_exit_status(void **state)
{
	struct dp_explained *e = &fake_dp()->explained;

	*e = (struct dp_explained){.reason = RL_REASON_OVER_LIMIT,
				   .verdict = RL_VERDICT_DROP,
				   .limits = 1,
				   .now_ns = time_mono_ns()};
	e->limit[0].asked = e->limit[0].tracked = true;
	e->limit[0].verdict = RL_VERDICT_DROP;
	e->limit[0].key = fake_dp_source("ssh", "192.0.2.7")->key;
	assert_says("explain 192.0.2.7 tcp dport 22", 0, "is dropped");
	assert_says("explain 192.0.2.7 tcp dport 22", 0, "limit");
	assert_says("test 192.0.2.7 tcp dport 22", 10, "");
	*e = (struct dp_explained){.reason = RL_REASON_MODE_OFF, .decided = -1};
	assert_says("explain 192.0.2.7", 0, "passes");
	assert_says("test 192.0.2.7", 0, "");
	assert_complains("test 192.0.2", 2, "bad address");
}

static void check_finds_mistakes_without_a_daemon(void **state)
{
	char line[256];

	daemon_write_config("set-limit a 10/second match tcp\n");
	snprintf(line, sizeof(line), "check %s", daemon_path("rld.conf"));
	assert_says(line, 0, "1 limits");
	daemon_write_config("set-limit a 10/second match tcp\nnonsense\n");
	assert_complains(line, 6, "rld.conf:2:1: error:");
	assert_complains("check /nonexistent/file", 6, "/nonexistent/file");
	assert_complains("check a b", 2, "check takes the name of one file, - or none");
}

static void check_asks_a_running_daemon_whom_it_would_cut_off(void **state)
{
	char line[256];

	daemon_peer = "192.0.2.7";
	unit_write(daemon_path("new.conf"), "deny add 192.0.2.0/24\n");
	snprintf(line, sizeof(line), "check %s", daemon_path("new.conf"));
	assert_complains(line, 0, "this would cut off the established session from 192.0.2.7");
	assert_complains(line, 0, "eth0: detached");
	assert_int_equal(fake_dp()->ifaces, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)
#define ALONE(name) cmocka_unit_test_setup_teardown(name, set_up_alone, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(options_stand_before_the_command_and_some_after),
		ALONE(unknown_commands_get_a_suggestion),
		ALONE(without_a_daemon_the_status_says_so),
		ALONE(check_finds_mistakes_without_a_daemon),
		TEST(check_asks_a_running_daemon_whom_it_would_cut_off),
		TEST(errors_have_a_place_and_a_status),
		TEST(changes_are_told_in_a_line),
		TEST(views_are_tables),
		TEST(sources_say_what_remains),
		TEST(a_verdict_is_a_sentence_and_an_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
