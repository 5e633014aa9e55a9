// SPDX-License-Identifier: GPL-2.0-only
/* Limit strings: the vectors of the library that others know them from, and what is said here
 * beyond it. */
#include <jansson.h>
#include <stdio.h>

#include "base/units.h"
#include "unit.h"

#define S UNITS_NS_PER_S

/* What the library refuses and the grammar here accepts, by its canonical form; or refuses beyond
 * it (NULL). */
static const struct {
	const char *text;
	const char *canonical;
} deviations[] = {
	{"10/m", "10/1m"},
	{"10/s", "10/1s"},
	{"10/min", "10/1m"},
	{"10/sec", "10/1s"},
	{"10/h", "10/1h"},
	{"10/d", "10/1d"},
	{"10/week", "10/1w"},
	{"10/ms", "10/1ms"},
	{"10/millisecond", "10/1ms"},
	{"10k/minute", "10000/1m"},
	{"10/0 minutes", NULL},
	{"10/minute:;5/second", NULL},
	{"99999999999999999999/second", NULL},
};

static int parse(const char *text, struct rl_limit *l)
{
	char line[512];
	struct conf *c = conf_new();
	struct diag d = {0};
	int err;

	snprintf(line, sizeof(line), "set-limit x %s match any", text);
	/* A line feed ends a line, so that it is no blank here. */
	for (char *at = line; *at; at++)
		*at = *at == '\n' ? ' ' : *at;
	err = unit_line(c, line, NULL, NULL, &d);
	if (!err)
		*l = c->limit[0]->abi;
	conf_free(c);
	return err;
}

static void check_canonical(const char *text, const char *canonical)
{
	struct rl_limit l = {0};
	char all[2048] = "", buf[CONF_TEXT];

	if (parse(text, &l) != 0)
		fail_msg("refused: \"%s\"", text);
	for (unsigned i = 0; i < l.windows; i++) {
		strcat(all, i ? ", " : "");
		strcat(all, conf_format_window(&l, i, buf));
	}
	assert_string_equal(all, canonical);
}

static bool deviates(const char *text)
{
	struct rl_limit l;

	for (size_t i = 0; i < sizeof(deviations) / sizeof(deviations[0]); i++) {
		if (strcmp(deviations[i].text, text) != 0)
			continue;
		if (deviations[i].canonical)
			check_canonical(text, deviations[i].canonical);
		else if (parse(text, &l) == 0)
			fail_msg("not refused: \"%s\"", text);
		return true;
	}
	return false;
}

static bool has_window(const struct rl_limit *l, json_t *expected)
{
	__u64 amount = (__u64)json_integer_value(json_object_get(expected, "amount"));
	__u64 period = (__u64)json_integer_value(json_object_get(expected, "window_s")) * S;

	for (unsigned i = 0; i < l->windows; i++)
		if (l->window[i].amount == amount && l->window[i].period_ns == period)
			return true;
	return false;
}

static void check_vector(json_t *vector)
{
	const char *text = json_string_value(json_object_get(vector, "in"));
	json_t *out = json_object_get(vector, "out"), *expected;
	struct rl_limit l = {0};
	size_t i;

	if (deviates(text))
		return;
	if ((parse(text, &l) == 0) != !!out)
		fail_msg("%s: \"%s\"", out ? "refused" : "not refused", text);
	if (!out)
		return;
	assert_int_equal(l.windows, json_array_size(out));
	json_array_foreach (out, i, expected)
		if (!has_window(&l, expected))
			fail_msg("window %zu of \"%s\"", i, text);
}

static void test_vectors(void **state)
{
	json_t *root = json_load_file("tests/unit/data/grammar_vectors.json", 0, NULL);
	json_t *cases, *vector;
	size_t i;

	if (!root)
		fail_msg("cannot read the vectors");
	cases = json_object_get(root, "cases");
	assert_true(json_array_size(cases) > 60);
	json_array_foreach (cases, i, vector)
		check_vector(vector);
	json_decref(root);
}

static void test_deviations(void **state)
{
	for (size_t i = 0; i < sizeof(deviations) / sizeof(deviations[0]); i++)
		assert_true(deviates(deviations[i].text));
}

static void test_canonical_form(void **state)
{
	check_canonical("10 per 2 minutes", "10/2m");
	check_canonical("10per2minutes", "10/2m");
	check_canonical("10 / 2 minutes", "10/2m");
	check_canonical("10perhour", "10/1h");
	check_canonical("10 PER HOUR", "10/1h");
	check_canonical("5000000 bytes/s", "5MB/1s");
	check_canonical("5 MB / 1000ms", "5MB/1s");
	check_canonical("8kbit/s", "1kB/1s");
	check_canonical("2048 byte per 7 days", "2KiB/1w");
	check_canonical("1500 bytes/s", "1500 bytes/1s");
	check_canonical("0 bytes/s", "0 bytes/1s");
	check_canonical("20 connections per minute", "20 connections/1m");
	check_canonical("1 connection/s, 30/min", "1 connections/1s, 30 connections/1m");
	check_canonical("10k/s", "10000/1s");
	check_canonical("1M packets/s", "1000000/1s");
	check_canonical("3G per 1 sec", "3000000000/1s");
	check_canonical("1/month", "1/30d");
	check_canonical("1/2 years", "1/720d");
	check_canonical("1/90s", "1/90s");
	check_canonical("1/3600 seconds", "1/1h");
	check_canonical("100/day, 5/s|7/min;9/hours", "5/1s, 7/1m, 9/1h, 100/1d");
	check_canonical("'5/second; 10 / minute '", "5/1s, 10/1m");
	check_canonical("140737488355327/s", "140737488355327/1s");
}

static void test_overflow_is_refused(void **state)
{
	struct rl_limit l;

	assert_int_not_equal(parse("140737488355328/s", &l), 0);
	assert_int_not_equal(parse("140737488356k/s", &l), 0);
	assert_int_equal(parse("140737488355k/s", &l), 0);
	assert_int_not_equal(parse("131072GiB/s", &l), 0);
	assert_int_equal(parse("131071GiB/s", &l), 0);
	assert_int_equal(parse("1/9223372036854ms", &l), 0);
	assert_int_not_equal(parse("1/9223372036855ms", &l), 0);
	assert_int_not_equal(parse("1/300 years", &l), 0);
	assert_int_not_equal(parse("1/18446744073709551616 s", &l), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_deviations),
		cmocka_unit_test(test_canonical_form),
		cmocka_unit_test(test_overflow_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
