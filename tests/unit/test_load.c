// SPDX-License-Identifier: GPL-2.0-only
/* Files: their lines, their order, and that an error leaves nothing behind. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char dir[] = "/tmp/rld-unit-load-XXXXXX";
static char main_path[64], sub[64], a_path[80], b_path[80], other_path[80], hidden_path[80];

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(main_path, sizeof(main_path), "%s/rld.conf", dir);
	snprintf(sub, sizeof(sub), "%s/rld.d", dir);
	snprintf(a_path, sizeof(a_path), "%s/10-a.conf", sub);
	snprintf(b_path, sizeof(b_path), "%s/20-B.conf", sub);
	snprintf(other_path, sizeof(other_path), "%s/15-x.bak", sub);
	snprintf(hidden_path, sizeof(hidden_path), "%s/.conf", sub);
	return mkdir(sub, 0700);
}

static int teardown(void **state)
{
	unlink(main_path);
	unlink(a_path);
	unlink(b_path);
	unlink(other_path);
	unlink(hidden_path);
	rmdir(sub);
	return rmdir(dir);
}

static void test_a_text_is_read_like_a_file(void **state)
{
	struct conf *c = conf_new();
	struct diag d = {0};

	assert_int_equal(conf_load_text(c, "mode monitor\nset-limit 9/s", NOW, &d), 0);
	assert_int_equal(c->mode, RL_MODE_MONITOR);
	assert_int_equal(c->limits, 1);
	assert_int_equal(conf_load_text(c, "mode off\n\nset-limit 9/x\n", NOW, &d), -EINVAL);
	assert_string_equal(d.file, "config");
	assert_int_equal(d.line, 3);
	assert_int_equal(c->mode, RL_MODE_MONITOR);
	assert_int_equal(conf_load_text(c, "", NOW, &d), 0);
	conf_free(c);
}

static void test_files_are_read_in_order(void **state)
{
	struct conf *c = conf_new();
	char *notices = NULL, expected[1024];
	struct diag d = {0};
	size_t len = 0;
	FILE *out = open_memstream(&notices, &len);

	unit_write(main_path, "# first\r\n\r\nmode monitor\r\nset-limit ssh 1/s match tcp dport "
			      "22\nset-limit web 1/s match tcp dport 80");
	unit_write(b_path, "set-limit ssh 3/s match tcp dport 22\nallow add ::/1\n");
	unit_write(a_path, "\tset-limit ssh 2/s match tcp dport 22 # again\nset-limit 9/s\n");
	unit_write(other_path, "nonsense\n");
	unit_write(hidden_path, "nonsense\n");
	assert_int_equal(conf_load(c, main_path, sub, false, NOW, out, &d), 0);
	fclose(out);
	snprintf(expected, sizeof(expected),
		 "%s:1: limit \"ssh\" replaces the one of %s:4\n%s:1: limit \"ssh\" replaces the "
		 "one of %s:1\n%s:2: warning: ::/1 is half of all IPv6 addresses or more: no "
		 "limit, ban "
		 "or deny refuses them any more\n",
		 a_path, main_path, b_path, a_path, b_path);
	assert_string_equal(notices, expected);
	free(notices);
	assert_int_equal(c->mode, RL_MODE_MONITOR);
	assert_int_equal(c->limits, 3);
	assert_string_equal(c->limit[0]->abi.name, "ssh");
	assert_int_equal(c->limit[0]->abi.window[0].amount, 3);
	assert_string_equal(c->limit[0]->file, b_path);
	assert_string_equal(c->limit[2]->abi.name, "default");
	/* The same again is no limit that stands twice in a file. */
	assert_int_equal(conf_load(c, main_path, sub, false, NOW, NULL, &d), 0);
	assert_int_equal(c->limits, 3);
	conf_free(c);
}

static void refused(const char *text, size_t len, int line, int column, const char *fragment)
{
	struct conf *c = conf_new();
	struct diag d = {0};
	char *before, *after;
	FILE *f = fopen(main_path, "w");

	fwrite(text, 1, len, f);
	fclose(f);
	unit_good(c, "set-limit a 1/s match any");
	unit_good(c, "deny add 192.0.2.1");
	before = unit_export(c);
	assert_int_equal(conf_load_file(c, main_path, NOW, NULL, &d), -EINVAL);
	assert_int_equal(d.kind, DIAG_CONFIG);
	assert_string_equal(d.file, main_path);
	assert_int_equal(d.line, line);
	assert_int_equal(d.column, column);
	assert_non_null(strstr(d.message, fragment));
	after = unit_export(c);
	assert_string_equal(before, after);
	free(before);
	free(after);
	conf_free(c);
}

#define REFUSED(text, ...) refused(text, sizeof(text) - 1, __VA_ARGS__)

static void test_errors_have_their_place_and_change_nothing(void **state)
{
	static char long_line[CONF_LINE_MAX + 8];

	REFUSED("mode off\ndeny add 192.0.2.2\n\n  mode on\n", 4, 8, "unknown mode");
	REFUSED("set-limit b 1/s match any\nset-limit b 2/s match any\n", 2, 11, "stands twice");
	REFUSED("set-limit 1/s\nset-limit default 2/s\n", 2, 11, "stands twice");
	REFUSED("mode off\0\n", 1, 9, "NUL");
	REFUSED("# \xff\n", 1, 3, "UTF-8");
	REFUSED("mode off\rmode off\n", 1, 9, "control");
	REFUSED("mode \"off\n", 1, 6, "never closed");
	memset(long_line, '#', sizeof(long_line));
	refused(long_line, CONF_LINE_MAX + 1, 1, CONF_LINE_MAX + 1, "longer than 4096");
	long_line[CONF_LINE_MAX + 4] = '\n';
	refused(long_line, sizeof(long_line), 1, CONF_LINE_MAX + 1, "longer than 4096");
}

static void test_the_longest_line_is_read(void **state)
{
	static char line[CONF_LINE_MAX + 32];
	struct conf *c = conf_new();
	struct diag d = {0};

	memset(line, '#', CONF_LINE_MAX);
	strcpy(line + CONF_LINE_MAX, "\r\nmode off\n");
	unit_write(main_path, line);
	assert_int_equal(conf_load_file(c, main_path, NOW, NULL, &d), 0);
	assert_int_equal(c->mode, RL_MODE_OFF);
	conf_free(c);
}

static void test_absent_files(void **state)
{
	struct conf *c = conf_new();
	struct diag d = {0};

	assert_int_equal(conf_load(c, "/nonexistent/x", "/nonexistent/d", true, NOW, NULL, &d), 0);
	assert_int_equal(conf_load(c, "/nonexistent/x", NULL, false, NOW, NULL, &d), -ENOENT);
	assert_int_equal(conf_load(c, NULL, "/nonexistent/d", false, NOW, NULL, &d), -ENOENT);
	assert_int_equal(conf_load_file(c, "/", NOW, NULL, &d), -EISDIR);
	conf_free(c);
}

static void test_a_long_list_loads_fast(void **state)
{
	struct conf *c = conf_new();
	struct diag d = {0};
	FILE *f = fopen(main_path, "w");

	for (unsigned i = 0; i < 60000; i++)
		fprintf(f, "deny add 10.%u.%u.%u\n", i * 7919 % 251, i / 251 % 256, i % 251);
	fclose(f);
	assert_int_equal(conf_load_file(c, main_path, NOW, NULL, &d), 0);
	assert_true(c->deny.count > 50000);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_is_read_like_a_file),
		cmocka_unit_test(test_files_are_read_in_order),
		cmocka_unit_test(test_errors_have_their_place_and_change_nothing),
		cmocka_unit_test(test_the_longest_line_is_read),
		cmocka_unit_test(test_absent_files),
		cmocka_unit_test(test_a_long_list_loads_fast),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
