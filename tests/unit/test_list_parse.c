// SPDX-License-Identifier: GPL-2.0-only
/* Lists as the world publishes them, and what is no list at all. */
#include <stdio.h>
#include <unistd.h>

#include "conf/grammar/list_file.h"
#include "conf/grammar/list_parse.h"
#include "conf/model/conf_internal.h"
#include "unit.h"

#define DATA "tests/unit/data/lists/"

static struct list_report report;

/* All prefixes, with a blank behind each. Holds until the next call. */
static const char *parse_bytes(const char *text, size_t len)
{
	static char all[8192];
	struct conf_list list = {0};
	const struct conf_entry *e;
	char buf[ADDR_TEXT], *copy = malloc(len ? len : 1);
	size_t at = 0;

	memcpy(copy, text, len); /* nothing behind it may be read */
	assert_int_equal(list_parse(copy, len, &list, &report), 0);
	all[0] = 0;
	conf_list_each (e, p, &list)
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s ",
				       addr_format_prefix(&e->prefix, buf));
	conf_list_done(&list);
	free(copy);
	return all;
}

static const char *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void assert_bad(const char *text, unsigned line, unsigned column)
{
	assert_string_equal(parse(text), "");
	assert_int_equal(report.bad, 1);
	assert_int_equal(report.place[0].line, line);
	assert_int_equal(report.place[0].column, column);
}

static void what_a_line_can_be(void **state)
{
	assert_string_equal(parse("192.0.2.7"), "192.0.2.7 ");
	assert_string_equal(parse("192.0.2.0/24\n2001:db8::/32\n::1\n"),
			    "192.0.2.0/24 ::1 2001:db8::/32 ");
	assert_string_equal(parse("192.0.2.0/255.255.255.0\n"), "192.0.2.0/24 ");
	assert_string_equal(parse("192.0.2.0 255.255.255.128\n"), "192.0.2.0/25 ");
	assert_string_equal(parse("192.0.2.0\t255.255.255.255 x\n"), "192.0.2.0 ");
	assert_string_equal(parse("192.0.2.1 , 000 , name\n192.0.2.2|x|y\n192.0.2.3,x\n"),
			    "192.0.2.1 192.0.2.2 192.0.2.3 ");
	assert_string_equal(parse("10.0.0.1 198.51.100.7\n"), "10.0.0.1 "); /* no netmask */
	assert_string_equal(parse("::ffff:192.0.2.7\n0.0.0.0/0\n"), "0.0.0.0/0 192.0.2.7 ");
	assert_int_equal(report.bad + report.masked, 0);
}

static void ranges(void **state)
{
	assert_string_equal(parse("192.0.2.0-192.0.2.255"), "192.0.2.0/24 ");
	assert_string_equal(parse("192.0.2.1 - 192.0.2.6 , 100 , name\n"),
			    "192.0.2.1 192.0.2.2/31 192.0.2.4/31 192.0.2.6 ");
	assert_string_equal(parse("192.0.2.7-192.0.2.7"), "192.0.2.7 ");
	assert_string_equal(parse("0.0.0.0-255.255.255.255"), "0.0.0.0/0 ");
	assert_string_equal(parse("255.255.255.254-255.255.255.255"), "255.255.255.254/31 ");
	assert_string_equal(parse("2001:db8::-2001:db8::ffff"), "2001:db8::/112 ");
	assert_string_equal(parse("8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "8000::/1 ");
	assert_string_equal(parse("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "::/0 ");
	assert_int_equal(report.bad, 0);
	assert_bad("192.0.2.9-192.0.2.1", 1, 1);
	assert_bad("192.0.2.9-::1", 1, 1);
	assert_bad("192.0.2.9-", 1, 1);
	assert_bad("192.0.2.9 -", 1, 1);
	assert_bad("-192.0.2.9", 1, 1);
	assert_bad("192.0.2.1-192.0.2.2-192.0.2.3", 1, 1);
}

static void comments_and_blanks(void **state)
{
	assert_string_equal(parse("# 192.0.2.1\n; 192.0.2.2\n// 192.0.2.3\n\n \t\r\n"), "");
	assert_int_equal(report.bad, 0);
	assert_string_equal(parse("  192.0.2.1 # x\n192.0.2.2;x\n192.0.2.4//x\n192.0.2.0/31#\n"),
			    "192.0.2.0/31 192.0.2.1 192.0.2.2 192.0.2.4 ");
	assert_string_equal(parse("\xef\xbb\xbf"
				  "192.0.2.1\r\n192.0.2.2\r"),
			    "192.0.2.1 192.0.2.2 ");
	assert_int_equal(report.bad, 0);
	assert_bad("\n\xef\xbb\xbf"
		   "192.0.2.1",
		   2, 1); /* not where a file begins */
}

static void what_is_no_address_is_told_by_its_place(void **state)
{
	char text[400] = "";

	assert_bad("\n\n   example.org 192.0.2.1\n", 3, 4);
	assert_bad("192.0.2.256", 1, 1);
	assert_bad("192.0.2.0/33", 1, 1);
	assert_bad("192.0.2.0/", 1, 1);
	assert_bad("192.0.2.0/24/24", 1, 1);
	assert_bad("/24", 1, 1);
	assert_bad("192.0.2.0/255.0.255.0", 1, 1);
	assert_bad("2001:db8::/129", 1, 1);
	assert_bad("2001:db8::/255.255.255.0", 1, 1);
	assert_bad("192.0.2.0/-1", 1, 1);
	assert_bad("010.000.000.001", 1, 1); /* octal or not: nobody knows */
	assert_bad(",192.0.2.1", 1, 1);
	for (int i = 0; i < 13; i++)
		strcat(text, "x\n");
	strcat(text, "192.0.2.1\n");
	assert_string_equal(parse(text), "192.0.2.1 ");
	assert_int_equal(report.bad, 13);
	assert_int_equal(report.place[LIST_PLACES - 1].line, LIST_PLACES);
}

static void bits_behind_the_length_are_counted(void **state)
{
	assert_string_equal(parse("192.0.2.7/24\n2001:db8::1/32\n192.0.2.0/24\n192.0.2.9 "
				  "255.255.255.252\n"),
			    "192.0.2.0/24 192.0.2.8/30 2001:db8::/32 ");
	assert_int_equal(report.masked, 3);
	assert_int_equal(report.bad, 0);
}

static void bytes_of_any_kind(void **state)
{
	char junk[256];

	assert_string_equal(parse_bytes("192.0.2.1\0\n192.0.2.2\n", 21), "192.0.2.2 ");
	assert_int_equal(report.bad, 1);
	parse_bytes("", 0);
	assert_int_equal(report.bad, 0);
	unit_seed("junk");
	for (int round = 0; round < 20000; round++) {
		size_t len = unit_random(sizeof(junk));

		for (size_t i = 0; i < len; i++)
			junk[i] = unit_chance(80) ? "0123456789abcdef.:/-, ;#\n25"[unit_random(27)]
						  : (char)unit_random(256);
		parse_bytes(junk, len);
	}
}

static struct conf *with_file(const char *name, const char *more)
{
	struct conf *c = conf_new();
	char line[200];

	snprintf(line, sizeof(line), "list x file %s%s", name, more);
	unit_good(c, line);
	assert_true(conf_has_unread(c));
	return c;
}

/* What is told of reading it. */
static char *read_lists(struct conf *c)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(conf_read_lists(c, out), 0);
	fclose(out);
	assert_false(conf_has_unread(c));
	return text;
}

static void assert_file(const char *name, size_t entries)
{
	char path[300], *told, *here = realpath(DATA, NULL);
	struct conf *c;

	snprintf(path, sizeof(path), "%s/%s", here, name);
	c = with_file(path, " strict");
	told = read_lists(c);
	assert_string_equal(told, "");
	assert_int_equal(conf_named_all(&c->named[0])->count, entries);
	assert_null(c->named[0].trouble);
	free(told);
	free(here);
	conf_free(c);
}

static void files_in_the_shapes_of_known_lists(void **state)
{
	assert_file("drop.txt", 3);
	assert_file("level1.netset", 4);
	assert_file("cdn.txt", 3);
}

static void a_file_that_is_no_good_leaves_what_was_there(void **state)
{
	char path[] = "/tmp/test_list.XXXXXX", *told;
	int fd = mkstemp(path);
	struct conf *c, *again;

	assert_true(fd >= 0);
	unit_write(path, "192.0.2.1\nx\n192.0.2.77/24\n");
	c = with_file(path, "");
	unit_good(c, "deny add @x");
	unit_good(c, "list x add 192.0.2.1,198.51.100.1");
	assert_int_equal(conf_deny(c)->count, 2);
	told = read_lists(c);
	assert_non_null(strstr(told, "1 line is no address or prefix: 2:1; left out"));
	assert_non_null(strstr(told, "1 prefix has bits behind its length"));
	assert_int_equal(conf_deny(c)->count, 3);
	free(told);

	for (int i = 0; i < 4; i++) {
		static const char *const bad[] = {"", "# 192.0.2.1\n", "x\n", "192.0.2.1\nx\n"};

		unit_write(path, bad[i]);
		again = with_file(path, i == 3 ? " strict" : "");
		unit_good(again, "deny add @x");
		told = read_lists(again);
		assert_non_null(strstr(told, "it is refused, and what the list had stays"));
		assert_null(strstr(told, "x\n"));
		assert_non_null(again->named[0].trouble);
		assert_int_equal(conf_deny(again)->count, 0);
		assert_int_equal(conf_lend_lists(again, c), 0);
		assert_int_equal(conf_deny(again)->count, 2);
		free(told);
		conf_free(again);
	}
	unlink(path);
	again = with_file(path, "");
	told = read_lists(again);
	assert_non_null(strstr(told, "No such file"));
	free(told);
	conf_free(again);
	again = with_file("/dev/zero", "");
	told = read_lists(again);
	assert_non_null(strstr(told, "no regular file"));
	free(told);
	conf_free(again);
	conf_free(c);
}

static void a_file_is_a_statement(void **state)
{
	struct conf *a = with_file("'/x y'", " strict"), *b = conf_new();
	char *text = unit_export(a), *diff;
	struct diag d;
	size_t count;

	assert_non_null(strstr(text, "list x file \"/x y\" strict\n"));
	assert_int_equal(conf_load_text(b, text, NOW, &d), 0);
	diff = unit_diff(a, b, &count);
	assert_int_equal(count, 0);
	free(diff);
	unit_good(b, "list x file '/x y'");
	diff = unit_diff(a, b, &count);
	assert_string_equal(diff, "list x file \"/x y\"\n");
	free(diff);
	free(text);
	conf_free(a);
	conf_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_line_can_be),
		cmocka_unit_test(ranges),
		cmocka_unit_test(comments_and_blanks),
		cmocka_unit_test(what_is_no_address_is_told_by_its_place),
		cmocka_unit_test(bits_behind_the_length_are_counted),
		cmocka_unit_test(bytes_of_any_kind),
		cmocka_unit_test(files_in_the_shapes_of_known_lists),
		cmocka_unit_test(a_file_that_is_no_good_leaves_what_was_there),
		cmocka_unit_test(a_file_is_a_statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
