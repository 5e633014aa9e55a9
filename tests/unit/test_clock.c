// SPDX-License-Identifier: GPL-2.0-only
/* Ends of entries while the wall clock is set at random, against two clocks that are only counted.
 */
#include "conf/model/conf_internal.h"
#include "rld/loop/clock.h"
#include "unit.h"

#define SECOND 1000000000LL
#define YEAR_2026 1767225600

static void tick(struct moment *m, __s64 elapsed_ns, __s64 step_s)
{
	m->mono_ns += (__u64)elapsed_ns;
	m->wall_ns += elapsed_ns + step_s * SECOND;
}

/* Never more than a second away, as seconds are what ends are kept in. */
static void near_to(__u64 a, __u64 b)
{
	assert_true(a < b + 2 * SECOND && b < a + 2 * SECOND);
}

static void test_durations_keep_and_times_follow(void **state)
{
	unit_seed("clock");
	for (unsigned round = 0; round < 2000; round++) {
		struct moment m = {(YEAR_2026 + (__s64)unit_random(1000000)) * SECOND +
					   unit_random(1000000000),
				   unit_random(1000000000) * 100ULL};
		struct clock clock = clock_at(&m);
		struct conf_block block = {
			.count = 3,
			.soonest_s = 1,
			.entry = {{.prefix.len = 1, .timed = true, .elapsed = true},
				  {.prefix.len = 2, .timed = true},
				  {.prefix.len = 3, .timed = true}},
		};
		struct conf_block *blocks[] = {&block};
		struct conf_list l = {.block = blocks, .blocks = 1, .count = 3};
		struct conf_entry *entries = block.entry;
		__u64 lasts_ns = (1 + unit_random(100000)) * (__u64)SECOND;
		__u64 end_ns = m.mono_ns + lasts_ns;
		__s64 time_s = m.wall_ns / SECOND + unit_random(100000);

		entries[0].until_s = m.wall_ns / SECOND + (__s64)(lasts_ns / SECOND);
		entries[1].until_s = time_s;
		for (unsigned i = 0; i < 10; i++) {
			__s64 step_s = unit_chance(30) ? 0 : (__s64)unit_random(200000) - 100000;

			tick(&m, unit_random(2000000000), step_s);
			conf_list_step(&l, clock_step(&clock, &m));
			near_to(clock_mono(&clock, entries[0].until_s), end_ns);
			assert_int_equal(entries[1].until_s, time_s);
			assert_int_equal(entries[2].until_s, 0);
			assert_int_equal(clock_mono(&clock, 0), 0);
			if (time_s * SECOND > m.wall_ns)
				near_to(clock_mono(&clock, time_s) - m.mono_ns,
					(__u64)(time_s * SECOND - m.wall_ns));
			assert_int_equal(clock_step(&clock, &m), 0);
		}
	}
}

static void test_a_time_before_the_boot_is_over(void **state)
{
	struct moment m = {YEAR_2026 * SECOND, 5 * SECOND};
	struct clock clock = clock_at(&m);

	assert_int_equal(clock_mono(&clock, 1), 1);
	assert_int_equal(clock_mono(&clock, 32472144000), INT64_MAX); /* in the year 2999 */
	assert_int_equal(clock_mono(&clock, YEAR_2026 + 5), 10 * SECOND);
}

static void test_a_drift_of_less_than_a_second_waits(void **state)
{
	struct moment m = {YEAR_2026 * SECOND, 5 * SECOND};
	struct clock clock = clock_at(&m);

	for (unsigned i = 0; i < 3; i++) {
		m.wall_ns -= 300000000;
		assert_int_equal(clock_step(&clock, &m), 0);
	}
	m.wall_ns -= 300000000;
	assert_int_equal(clock_step(&clock, &m), -1);
}

static void test_what_has_passed_since_a_file_was_written(void **state)
{
	static const struct {
		const char *what;
		struct moment then, now;
		bool same_boot;
		__s64 seconds;
	} cases[] = {
		{"same boot, clock set back",
		 {YEAR_2026 * SECOND, 10 * SECOND},
		 {1000 * SECOND, 25 * SECOND},
		 true,
		 15},
		{"another boot, clock set",
		 {YEAR_2026 * SECOND, 900 * SECOND},
		 {(YEAR_2026 + 60) * SECOND, 5 * SECOND},
		 false,
		 60},
		{"... not set now",
		 {YEAR_2026 * SECOND, 900 * SECOND},
		 {60 * SECOND, 5 * SECOND},
		 false,
		 0},
		{"... not set then",
		 {60 * SECOND, 900 * SECOND},
		 {YEAR_2026 * SECOND, 5 * SECOND},
		 false,
		 0},
		{"... never set", {60 * SECOND, 60 * SECOND}, {90 * SECOND, 90 * SECOND}, false, 0},
		{"... slow: before the file",
		 {YEAR_2026 * SECOND, 5 * SECOND},
		 {(YEAR_2026 - 1) * SECOND, 5 * SECOND},
		 false,
		 0},
		{"same id, but the machine was up for less: another boot",
		 {YEAR_2026 * SECOND, 900 * SECOND},
		 {(YEAR_2026 + 7) * SECOND, 5 * SECOND},
		 true,
		 7},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%s\n", cases[i].what);
		assert_int_equal(clock_since(&cases[i].then, &cases[i].now, cases[i].same_boot),
				 cases[i].seconds * SECOND);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations_keep_and_times_follow),
		cmocka_unit_test(test_a_time_before_the_boot_is_over),
		cmocka_unit_test(test_a_drift_of_less_than_a_second_waits),
		cmocka_unit_test(test_what_has_passed_since_a_file_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
