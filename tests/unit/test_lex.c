// SPDX-License-Identifier: GPL-2.0-only
/* Lines to words, and words to lines. */
#include "unit.h"

static void split(const char *line, size_t count, const char *const expected[], const int columns[])
{
	struct words w = {0};
	struct diag d;

	assert_int_equal(words_split(line, strlen(line), &w, &d), 0);
	assert_int_equal(w.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(w.word[i].text, expected[i]);
		assert_int_equal(w.word[i].column, columns[i]);
		assert_int_equal(w.word[i].len, strlen(expected[i]));
	}
	words_done(&w);
}

#define T(...) ((const char *const[]){__VA_ARGS__})
#define C(...) ((const int[]){__VA_ARGS__})

static void test_words(void **state)
{
	split("", 0, NULL, NULL);
	split("  \t ", 0, NULL, NULL);
	split("# all of it", 0, NULL, NULL);
	split("a b", 2, T("a", "b"), C(1, 3));
	split(" \ta  b ", 2, T("a", "b"), C(3, 6));
	split("a #b", 1, T("a"), C(1));
	split("a#b c", 2, T("a#b", "c"), C(1, 5));
	split("a '#b' \"it's\" ''", 4, T("a", "#b", "it's", ""), C(1, 4, 9, 16));
	split("Zürich x", 2, T("Zürich", "x"), C(1, 9));
}

static void refused(const char *line, size_t len, int column)
{
	struct words w = {0};
	struct diag d = {0};

	assert_int_not_equal(words_split(line, len, &w, &d), 0);
	assert_int_equal(d.column, column);
	assert_null(w.word);
}

static void test_what_is_no_line(void **state)
{
	char line[CONF_LINE_MAX + 1];
	struct words w = {0};
	struct diag d;

	refused("a\0b", 3, 2);
	refused("a \xff", 3, 3);
	refused("a \xc0\xaf", 4, 3);	   /* overlong */
	refused("\xed\xa0\x80", 3, 1);	   /* surrogate */
	refused("\xf4\x90\x80\x80", 4, 1); /* past the end */
	refused("a \xc3", 3, 3);	   /* cut */
	refused("a\033[2J", 5, 2);
	refused("a\xc2\x9b"
		"31m",
		6, 2); /* C1 */
	refused("a\rb", 3, 2);
	refused("a \"b", 4, 3);
	refused("a \"b\"c", 6, 6);
	memset(line, 'a', sizeof(line));
	refused(line, CONF_LINE_MAX + 1, CONF_LINE_MAX + 1);
	assert_int_equal(words_split(line, CONF_LINE_MAX, &w, &d), 0);
	assert_int_equal(w.word[0].len, CONF_LINE_MAX);
	words_done(&w);
}

static void test_what_argv_holds_is_quoted(void **state)
{
	char *argv[] = {"a", "b c", "", "#d", "it's", "say \"x\"", "e#"};
	char *both[] = {"it's \"x\""};
	struct words w = {0}, again = {0};
	struct diag d;

	assert_int_equal(words_from_argv(argv, 7, &w, &d), 0);
	assert_string_equal(w.line, "a \"b c\" \"\" \"#d\" \"it's\" 'say \"x\"' e#");
	assert_int_equal(w.word[1].column, 4);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(w.word[i].text, argv[i]);
	words_done(&w);
	assert_int_not_equal(words_from_argv(both, 1, &again, &d), 0);
	assert_null(again.word);
}

static void test_random_words_round_trip(void **state)
{
	static const char chars[] = "ab #'\"\t,\xc3\xbc";

	unit_seed("lex");
	for (unsigned round = 0; round < 5000; round++) {
		char word[6][8], *argv[6];
		struct words w = {0}, again = {0};
		struct diag d;

		for (unsigned i = 0; i < 6; i++) {
			unsigned len = unit_random(7);

			for (unsigned j = 0; j < len; j++)
				word[i][j] = chars[unit_random(8)];
			word[i][len] = 0;
			argv[i] = word[i];
		}
		if (words_from_argv(argv, 6, &w, &d) != 0)
			continue;
		assert_int_equal(words_split(w.line, strlen(w.line), &again, &d), 0);
		assert_int_equal(again.count, 6);
		for (unsigned i = 0; i < 6; i++)
			assert_string_equal(again.word[i].text, argv[i]);
		words_done(&w);
		words_done(&again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_what_is_no_line),
		cmocka_unit_test(test_what_argv_holds_is_quoted),
		cmocka_unit_test(test_random_words_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
