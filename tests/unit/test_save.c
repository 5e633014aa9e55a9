/* SPDX-License-Identifier: GPL-2.0-only */
/* What a saved file cannot say of the configuration at work, and which line is in the way. */
#include "daemon.h"
#include "rld/change/save_check.h"

static void write_saved(const struct conf *others, const struct conf *now)
{
	FILE *file = fopen(daemon_path("saved.conf"), "we");

	assert_non_null(file);
	conf_diff(others, now, file, NULL);
	fclose(file);
}

/* `others` are the files without the saved one, `after` what they and it would come to. */
static const char *judged(const char *others_text, const char *commands)
{
	static struct diag d;
	struct conf *others = conf_new(), *now, *after;
	struct save_check check;
	char text[512], *rest = text, *line;

	daemon_write_config(others_text);
	assert_int_equal(conf_load_file(others, daemon_path("rld.conf"), NOW, NULL, &d), 0);
	now = conf_copy(others);
	after = conf_copy(others);
	snprintf(text, sizeof(text), "%s", commands);
	while ((line = strsep(&rest, ";")))
		if (*line)
			unit_good(now, line);
	write_saved(others, now);
	assert_int_equal(conf_load_file(after, daemon_path("saved.conf"), NOW, NULL, &d), 0);
	check = (struct save_check){others, after, now, NOW};
	d = (struct diag){0};
	if (!save_check_limits(others, now, &d))
		save_check(&check, &d);
	conf_free(others);
	conf_free(after);
	conf_free(now);
	return d.message;
}

static void accepted(const char *others, const char *commands)
{
	assert_string_equal(judged(others, commands), "");
}

static void refused(const char *others, const char *commands, const char *start, const char *line)
{
	const char *message = judged(others, commands);

	if (strncmp(message, start, strlen(start)) || !strstr(message, line))
		fail_msg("%s: %s", commands, message);
}

#define A "set-limit a 1000/second match tcp\n"
#define B "set-limit b 1000/second match udp\n"

static void what_a_file_can_add_is_saved(void **state)
{
	accepted(A, "");
	accepted(A, "set-limit b 1000/second match udp;mode monitor;deny add 192.0.2.1");
	accepted(A, "set-limit a 2000/second match tcp");
	accepted(A, "disable a");
	accepted(A, "attach eth0;set-option idle-timeout 7m");
	accepted("deny add 192.0.2.1 for 1h\n", "deny del 192.0.2.1"); /* begins anew each time */
	accepted(A, "ban 192.0.2.1 for 1h");			       /* is state */
}

static void what_was_taken_back_stands_in_a_line(void **state)
{
	refused(A B, "del-limit b", "limit b was deleted, which a file cannot say: remove it from",
		"rld.conf:2");
	refused(A "attach eth0\n", "detach eth0", "attach eth0 was taken back", "rld.conf:2");
	refused("deny add 192.0.2.1\n", "deny del 192.0.2.1", "deny 192.0.2.1 was deleted",
		"rld.conf:1");
	refused(A "allow add 192.0.2.0/24\n", "allow del 192.0.2.0/24",
		"allow 192.0.2.0/24 was deleted", "rld.conf:2");
}

static void an_order_that_a_file_cannot_say_is_refused(void **state)
{
	refused(A B, "del-limit a;set-limit a 1000/second match tcp",
		"limit a judges in another place, which a file cannot say: move it in",
		"rld.conf:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_file_can_add_is_saved),
		cmocka_unit_test(what_was_taken_back_stands_in_a_line),
		cmocka_unit_test(an_order_that_a_file_cannot_say_is_refused),
	};

	return cmocka_run_group_tests(tests, daemon_set_up, daemon_tear_down);
}
