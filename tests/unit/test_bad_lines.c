// SPDX-License-Identifier: GPL-2.0-only
/* Wrong lines: each is refused at the right column, says what is wrong and what was expected, and
 * changes nothing. */
#include <stdio.h>

#include "unit.h"

static unsigned failures;

static void fail_line(const char *what, const char *line, const struct diag *d)
{
	failures++;
	fprintf(stderr, "# %s:\n", what);
	diag_print(stderr, d, NULL, 0);
	fprintf(stderr, "#   column %d, line: %s\n", d->column, line);
}

static struct conf *some_conf(void)
{
	struct conf *c = conf_new();

	unit_good(c, "attach eth0");
	unit_good(c, "set-limit ssh 6/minute match tcp dport 22");
	unit_good(c, "set-limit 1000/s");
	unit_good(c, "deny add 192.0.2.1 comment \"who knows\"");
	unit_good(c, "set-option metrics-top 3");
	return c;
}

static void check(struct conf *c, const char *line, int column, const char *fragment)
{
	char *before = unit_export(c), *after;
	struct diag d = {0};

	if (unit_line(c, line, NULL, NULL, &d) == 0)
		fail_line("accepted", line, &d);
	else if (d.column != column)
		fail_line("another column", line, &d);
	else if (!strstr(d.message, fragment))
		fail_line("another message", line, &d);
	else if (!d.expected[0])
		fail_line("no expectation", line, &d);
	else if (d.width < 1 || strncmp(d.text, line, strlen(d.text)) != 0)
		fail_line("no excerpt", line, &d);
	after = unit_export(c);
	if (strcmp(before, after) != 0)
		fail_line("changed something", line, &d);
	free(before);
	free(after);
}

static void test_bad_lines(void **state)
{
	FILE *f = fopen("tests/unit/data/bad_lines.txt", "r");
	struct conf *c = some_conf();
	unsigned count = 0;
	char row[1024];

	assert_non_null(f);
	while (fgets(row, sizeof(row), f)) {
		char *save, *column = strtok_r(row, "\t\n", &save);
		char *fragment = strtok_r(NULL, "\t\n", &save), *line = strtok_r(NULL, "\n", &save);

		assert_non_null(line);
		check(c, line, atoi(column), fragment);
		count++;
	}
	fclose(f);
	conf_free(c);
	assert_true(count >= 200);
	assert_int_equal(failures, 0);
}

static void in_file(const char *line, int column, const char *fragment)
{
	struct conf *c = some_conf();
	struct diag d = {0};

	if (unit_line(c, line, "/etc/rld/rld.conf", NULL, &d) == 0)
		fail_msg("accepted in a file: %s", line);
	assert_int_equal(d.kind, DIAG_CONFIG);
	assert_string_equal(d.file, "/etc/rld/rld.conf");
	assert_int_equal(d.line, 1);
	assert_int_equal(d.column, column);
	assert_non_null(strstr(d.message, fragment));
	assert_true(d.expected[0] != 0);
	conf_free(c);
}

static void test_files_hold_no_commands(void **state)
{
	in_file("detach eth0", 1, "is a command");
	in_file("  del-limit ssh", 3, "is a command");
	in_file("enable ssh", 1, "is a command");
	in_file("ban 192.0.2.9", 1, "is a command");
	in_file("unban 192.0.2.9", 1, "is a command");
	in_file("allow del 192.0.2.9", 7, "is a command");
	in_file("deny del 192.0.2.1", 6, "is a command");
	in_file("status", 1, "unknown statement");
	in_file("disable nosuch", 9, "there is no limit");
}

static void hint(const char *line, const char *expected)
{
	struct conf *c = some_conf();
	struct diag d = unit_bad(c, line);

	assert_string_equal(d.hint, expected);
	conf_free(c);
}

static void test_the_nearest_word_is_suggested(void **state)
{
	hint("set-limt a 1/s match any", "did you mean \"set-limit\"?");
	hint("set-limit a 1/minuet match any", "did you mean \"minute\"?");
	hint("set-limit a 1/s match dprot 22", "did you mean \"dport\"?");
	hint("set-limit a 1/s match any stratgy elastic", "did you mean \"strategy\"?");
	hint("set-limit a 1/s match any strategy elstic", "did you mean \"elastic\"?");
	hint("set-limit a 1/s match any per sorce", "did you mean \"source\"?");
	hint("set-limit a 10mbit/s match any", "did you mean \"Mbit\"?");
	hint("set-limit a 1gb/s match any", "did you mean \"GB\"?");
	hint("set-limit a 5kbytes/s match any", "did you mean \"kB\"?");
	hint("set-limit a 5Mibyte/s match any", "did you mean \"MiB\"?");
	hint("set-limit a 5 paket/s match any", "did you mean \"packets\"?");
	hint("set-limit a 10/mn match any", "did you mean \"minute\"?");
	hint("set-limit a 10/hr match any", "did you mean \"hour\"?");
	hint("set-limit a 10/mo match any", "did you mean \"month\"?");
	hint("set-limit a 10/wk match any", "did you mean \"week\"?");
	hint("set-option idle-timout 1m", "did you mean \"idle-timeout\"?");
	hint("set-limit a 1/fortnight match any", "");
}

static void test_kinds_of_errors(void **state)
{
	struct conf *c = some_conf();

	assert_int_equal(unit_bad(c, "mode on").kind, DIAG_SYNTAX);
	assert_int_equal(unit_bad(c, "set-limit a 1/s match any action reject").kind,
			 DIAG_UNSUPPORTED);
	assert_int_equal(unit_bad(c, "enable nosuch").kind, DIAG_REFUSED);
	conf_free(c);
}

static void test_an_error_looks_as_the_manual_says(void **state)
{
	struct conf *c = some_conf();
	struct diag d = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_not_equal(unit_line(c, "set-limit ssh 10/fortnight per source",
				       "/etc/rld/rld.conf", NULL, &d),
			     0);
	d.line = 7;
	diag_print(out, &d, "rld", 0);
	fclose(out);
	assert_string_equal(text, "/etc/rld/rld.conf:7:18: error: unknown period \"fortnight\"\n"
				  "    set-limit ssh 10/fortnight per source\n"
				  "                     ^^^^^^^^^   one of: ms second minute hour "
				  "day week month year\n");
	free(text);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_files_hold_no_commands),
		cmocka_unit_test(test_the_nearest_word_is_suggested),
		cmocka_unit_test(test_kinds_of_errors),
		cmocka_unit_test(test_an_error_looks_as_the_manual_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
