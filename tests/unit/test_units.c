// SPDX-License-Identifier: GPL-2.0-only
/* Durations, amounts, times and names as text and back. */
#include <errno.h>

#include "base/names.h"
#include "base/units.h"
#include "unit.h"

#define S UNITS_NS_PER_S

static void duration(const char *text, __u64 ns, const char *canonical)
{
	char buf[UNITS_TEXT];
	__u64 got;

	assert_int_equal(units_parse_duration(text, strlen(text), &got), 0);
	assert_int_equal(got, ns);
	assert_string_equal(units_format_duration(got, buf), canonical);
}

static void test_durations(void **state)
{
	__u64 ns;

	duration("500ms", S / 2, "500ms");
	duration("1500ms", S * 3 / 2, "1500ms");
	duration("60s", 60 * S, "1m");
	duration("10m", 600 * S, "10m");
	duration("1h", 3600 * S, "1h");
	duration("2Hours", 7200 * S, "2h");
	duration("7d", 604800 * S, "1w");
	duration("1month", 30 * 86400 * S, "30d");
	duration("1year", 360 * 86400 * S, "360d");
	duration("9223372036854ms", 9223372036854000000, "9223372036854ms");
	assert_int_equal(units_parse_duration("9223372036855ms", 15, &ns), -ERANGE);
	assert_int_equal(units_parse_duration("18446744073709551616ms", 22, &ns), -ERANGE);
	assert_int_equal(units_parse_duration("0s", 2, &ns), -EINVAL);
	assert_int_equal(units_parse_duration("1 s", 3, &ns), -EINVAL);
	assert_int_equal(units_parse_duration("s", 1, &ns), -EINVAL);
	assert_int_equal(units_parse_duration("1", 1, &ns), -EINVAL);
	assert_int_equal(units_parse_duration("", 0, &ns), -EINVAL);
	assert_int_equal(units_parse_duration("10mX", 3, &ns), 0);
}

static void test_every_duration_round_trips(void **state)
{
	unit_seed("units");
	for (unsigned i = 0; i < 20000; i++) {
		__u64 ns = (__u64)(unit_random(1u << 31) + 1) * 1000000 * (1 + unit_random(1000)),
		      got;
		char buf[UNITS_TEXT];

		units_format_duration(ns, buf);
		assert_int_equal(units_parse_duration(buf, strlen(buf), &got), 0);
		assert_int_equal(got, ns);
	}
}

static void amount(const char *text, __u64 value, bool bytes)
{
	__u64 got;
	bool got_bytes;

	assert_int_equal(units_parse_amount(text, strlen(text), &got, &got_bytes), 0);
	assert_int_equal(got, value);
	assert_int_equal(got_bytes, bytes);
}

static void test_amounts(void **state)
{
	static const char *const wrong[] = {"",	   "k",	   "1K", "1m",	 "1 k", "1kb",
					    "1KB", "1kib", "-1", "1.5k", "1kk"};
	bool bytes;
	__u64 got;

	amount("0", 0, false);
	amount("10k", 10000, false);
	amount("2M", 2000000, false);
	amount("3G", 3000000000, false);
	amount("1kB", 1000, true);
	amount("1MB", 1000000, true);
	amount("1GB", 1000000000, true);
	amount("1KiB", 1024, true);
	amount("1MiB", 1048576, true);
	amount("1GiB", 1073741824, true);
	amount("8kbit", 1000, true);
	amount("8Mbit", 1000000, true);
	amount("8Gbit", 1000000000, true);
	amount("18446744073709551615", ~0ull, false);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (units_parse_amount(wrong[i], strlen(wrong[i]), &got, &bytes) != -EINVAL)
			fail_msg("\"%s\"", wrong[i]);
	assert_int_equal(units_parse_amount("18446744073709551616", 20, &got, &bytes), -ERANGE);
	assert_int_equal(units_parse_amount("18446744073709552k", 18, &got, &bytes), -ERANGE);
}

static void test_times(void **state)
{
	char buf[UNITS_TEXT];
	__s64 s;

	assert_int_equal(units_parse_time("2026-01-31T12:00:00Z", 20, &s), 0);
	assert_int_equal(s, 1769860800);
	assert_string_equal(units_format_time(s, buf), "2026-01-31T12:00:00Z");
	assert_int_equal(units_parse_time("2026-01-31t13:00:00.25+01:00", 28, &s), 0);
	assert_int_equal(s, 1769860800);
	assert_int_equal(units_parse_time("2026-01-31T11:30:00-00:30", 25, &s), 0);
	assert_int_equal(s, 1769860800);
	assert_int_equal(units_parse_time("2024-02-29T00:00:00Z", 20, &s), 0);
	assert_int_equal(units_parse_time("2023-02-29T00:00:00Z", 20, &s), -EINVAL);
	assert_int_equal(units_parse_time("2026-13-01T00:00:00Z", 20, &s), -EINVAL);
	assert_int_equal(units_parse_time("2026-01-31T12:00:00", 19, &s), -EINVAL);
	assert_int_equal(units_parse_time("1960-01-31T12:00:00Z", 20, &s), -EINVAL);
	assert_int_equal(units_parse_time("2026-01-31 12:00:00Z", 20, &s), -EINVAL);
}

static void test_names(void **state)
{
	for (unsigned i = 0; i < RL_REASON_COUNT; i++)
		assert_int_equal(names_find(&names_reason, names_text(&names_reason, i),
					    strlen(names_text(&names_reason, i))),
				 i);
	assert_string_equal(names_text(&names_verdict, RL_VERDICT_WOULD_DROP), "would_drop");
	assert_string_equal(names_text(&names_mode, 99), "?");
	assert_int_equal(names_find(&names_mode, "of", 2), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations), cmocka_unit_test(test_every_duration_round_trips),
		cmocka_unit_test(test_amounts),	  cmocka_unit_test(test_times),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
