// SPDX-License-Identifier: GPL-2.0-only
/* What people see of an error. */
#include <errno.h>
#include <stdio.h>

#include "base/json.h"
#include "base/utf8.h"
#include "unit.h"

static void printed(const struct diag *d, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	diag_print(out, d, "rlctl", 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_parts_that_are_unset_are_left_out(void **state)
{
	struct diag d;

	assert_int_equal(diag_set(&d, DIAG_NOT_RUNNING, "rld is not %s", "running"), -EINVAL);
	printed(&d, "rlctl: rld is not running\n");
	diag_hint(&d, "start it");
	printed(&d, "rlctl: rld is not running\n    start it\n");
	strcpy(d.file, "a.conf");
	printed(&d, "a.conf: error: rld is not running\n    start it\n");
	d.line = 3;
	printed(&d, "a.conf:3: error: rld is not running\n    start it\n");
}

static void test_carets_stand_below_what_they_mean(void **state)
{
	struct diag d;

	diag_set(&d, DIAG_SYNTAX, "bad");
	strcpy(d.text, "\tZürich ö x");
	d.column = 10; /* bytes */
	d.width = 2;
	diag_expect(&d, "a");
	printed(&d, "rlctl: bad\n    \tZürich ö x\n    \t       ^   a\n");
	d.column = (int)strlen(d.text) + 2;
	d.width = 1;
	printed(&d, "rlctl: bad\n    \tZürich ö x\n    \t           ^   a\n");
	d.column = 4000;
	printed(&d, "rlctl: bad\n    \tZürich ö x\n    expected: a\n");
}

static void test_nothing_steers_the_terminal(void **state)
{
	static const struct {
		const char *from, *to, *keep;
	} cases[] = {
		{"plain \xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80",
		 "plain \xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80", ""},
		{"\033[31mred\a\177", "?[31mred??", ""},
		{"a\xc2\x9b"
		 "31m\xc2\x80\xc2\xa0",
		 "a??31m??\xc2\xa0", ""},
		{"a\x9b"
		 "31m\xff",
		 "a?31m?", ""},
		{"cut \xe2\x82", "cut ??", ""},
		{"a\tb\nc\r", "a?b?c?", ""},
		{"a\tb\nc\r", "a\tb\nc?", "\n\t"},
		{"", "", "\n"},
	};
	struct diag d;
	char text[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(text, cases[i].from);
		utf8_clean(text, cases[i].keep);
		assert_string_equal(text, cases[i].to);
	}
	diag_set(&d, DIAG_FAILED, "\033]0;title\a");
	diag_hint(&d, "\xc2\x9b"
		      "1m\n");
	strcpy(d.file, "\033.conf");
	strcpy(d.text, "\t\033");
	printed(&d, "?.conf: error: ?]0;title?\n    \t?\n    ??1m?\n");
}

static void test_every_text_of_an_answer_is_cleaned(void **state)
{
	json_t *value = json_pack("{s:s, s:[s, {s:s}], s:i}", "a", "x\ny\033", "b", "\xc2\x9b", "c",
				  "\a", "d", 7);
	char *line;

	json_clean(value, "\n");
	line = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(line, "{\"a\":\"x\\ny?\",\"b\":[\"??\",{\"c\":\"?\"}],\"d\":7}");
	free(line);
	json_decref(value);
}

static void test_errno(void **state)
{
	struct diag d;

	assert_int_equal(diag_errno(&d, ENOENT, "cannot open %s", "x"), -ENOENT);
	assert_string_equal(d.message, "cannot open x: No such file or directory");
	assert_int_equal(d.kind, DIAG_FAILED);
	assert_int_equal(diag_errno(&d, EPERM, "x"), -EPERM);
	assert_int_equal(d.kind, DIAG_PERMISSION);
	assert_int_equal(diag_kind_status(d.kind), 4);
	assert_string_equal(diag_kind_name(DIAG_CONFIG), "config-invalid");
	assert_int_equal(diag_kind_status(DIAG_CONFIG), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_that_are_unset_are_left_out),
		cmocka_unit_test(test_carets_stand_below_what_they_mean),
		cmocka_unit_test(test_nothing_steers_the_terminal),
		cmocka_unit_test(test_every_text_of_an_answer_is_cleaned),
		cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
