// SPDX-License-Identifier: GPL-2.0-only
/* Misspelled words of closed sets: the one that was meant is suggested. */
#include <stdio.h>

#include "conf/grammar/nearest.h"
#include "unit.h"

static const char *suggested(const struct diag *d, char buf[static 64])
{
	if (sscanf(d->hint, "did you mean \"%60[^\"]\"?", buf) != 1)
		snprintf(buf, 64, "-");
	return buf;
}

static void test_slips_in_lines(void **state)
{
	FILE *f = fopen("tests/unit/data/slips.txt", "r");
	struct conf *c = conf_new();
	unsigned failures = 0, count = 0;
	char row[512], seen[64];

	assert_non_null(f);
	while (fgets(row, sizeof(row), f)) {
		char *save, *word = strtok_r(row, "\t\n", &save);
		char *line = strtok_r(NULL, "\n", &save);
		struct diag d;

		if (*word == '#')
			continue;
		assert_non_null(line);
		d = unit_bad(c, line);
		count++;
		if (!strcmp(suggested(&d, seen), word))
			continue;
		failures++;
		fprintf(stderr, "# %s: %s, not %s\n", line, seen, word);
	}
	fclose(f);
	conf_free(c);
	assert_true(count > 100);
	assert_int_equal(failures, 0);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const words[] = {
	"status", "show",   "stats",	 "sources",   "events",	    "explain", "test",
	"attach", "detach", "set-limit", "del-limit", "enable",	    "disable", "allow",
	"deny",	  "ban",    "unban",	 "mode",      "set-option", "clear",   "check",
	"replay", "export", "save",	 "reload",    "version",
};

/* Of each word, each single slip that is possible is either another of the words or one slip away
 * from it, so that something at that distance is suggested. */
static void suggest(const char *slip, const char *word)
{
	const char *near;

	for (size_t i = 0; i < COUNT(words); i++)
		if (!strcmp(slip, words[i]))
			return;
	near = nearest_word(slip, strlen(slip), words, COUNT(words));
	if (!near)
		fail_msg("nothing for %s, of %s", slip, word);
	/* What is one slip away from two words may mean either. */
	if (strcmp(near, word) && strlen(word) > 6 && strcmp(word, "set-limit") &&
	    strcmp(word, "del-limit") && strcmp(word, "disable"))
		fail_msg("%s for %s, not %s", near, slip, word);
}

static void test_every_single_slip(void **state)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		size_t len = strlen(words[i]);
		char slip[64];

		for (size_t at = 0; at < len; at++) {
			snprintf(slip, sizeof(slip), "%.*s%s", (int)at, words[i],
				 words[i] + at + 1);
			suggest(slip, words[i]);
			snprintf(slip, sizeof(slip), "%.*sx%s", (int)at, words[i], words[i] + at);
			suggest(slip, words[i]);
			snprintf(slip, sizeof(slip), "%s", words[i]);
			slip[at] = 'x';
			suggest(slip, words[i]);
			if (at + 1 == len)
				continue;
			slip[at] = words[i][at + 1];
			slip[at + 1] = words[i][at];
			suggest(slip, words[i]);
		}
	}
}

static void near(const char *text, const char *expected, const char *list)
{
	struct diag d = {0};
	char seen[64];

	nearest_hint_of(&d, text, strlen(text), list);
	assert_string_equal(suggested(&d, seen), expected);
}

static void test_what_decides(void **state)
{
	near("sek", "second", "week second"); /* sounds like it, and begins like it */
	near("xab", "xaa", "yab xaa");	      /* the same first letter */
	near("ba", "ab", "cb ab");	      /* a swap is one slip */
	near("ab_cd", "ab-cd", "abxcd ab-cd");
	near("abcd", "ab-cd", "abxcd ab-cd");
	near("ABC", "abc", "abd abc");
	near("xyz", "-", "abc def");
	near("ax", "-", "bc"); /* not a letter in common */
	near("", "-", "a ab abc");
	near("abc", "-", "axy"); /* two slips in three letters */
	near("abcd", "-", "abxy");
	near("abcd", "abxd", "abxd");
	near("speed", "-", "seen pass"); /* nor in a short word */
	near("abcdefgh", "abxdexgh", "abxdexgh");
	near("abcdefgh", "-", "abxdxxgh"); /* three never */
	near("ip", "-", "icmp");	   /* more than vowels left out */
}

static void option(const char *word, const char *expected)
{
	static const char *const known[] = {"json", "socket", "timeout"};
	struct diag d = {0};
	char seen[64];

	nearest_option_hint(&d, word, known, COUNT(known));
	assert_string_equal(suggested(&d, seen), expected);
}

static void test_options(void **state)
{
	option("--jsn", "--json");
	option("--sokcet=/run/x", "--socket");
	option("-json", "--json");
	option("-x", "-");
	option("--", "-");
	option("jsn", "-");
	option("--verbose", "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slips_in_lines),
		cmocka_unit_test(test_every_single_slip),
		cmocka_unit_test(test_what_decides),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
