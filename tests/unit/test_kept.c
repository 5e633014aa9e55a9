// SPDX-License-Identifier: GPL-2.0-only
/* States of sources by the clock of another boot: what they refuse and when that ends. */
#include <string.h>

#include "rld/kept/kept_shift.h"
#include "unit.h"

#define S 1000000000ull
#define HOUR (3600 * S)

static struct rl_limit limit_of(enum rl_strategy strategy)
{
	struct rl_limit limit = {.strategy = strategy, .windows = 2};

	limit.window[0] = (struct rl_window){.amount = 10, .period_ns = 60 * S};
	limit.window[1] = (struct rl_window){.amount = 100, .period_ns = HOUR};
	return limit;
}

static void test_what_matters(void **state)
{
	struct rl_limit limit = limit_of(RL_STRATEGY_FIXED_WINDOW);
	struct rl_state st = {.keep_until = 50 * S};

	assert_true(kept_limit_matters(&limit));
	assert_true(kept_matters(&limit, &st, 49 * S));
	assert_false(kept_matters(&limit, &st, 50 * S));
	limit.window[1].period_ns = HOUR - 1;
	assert_false(kept_limit_matters(&limit));
	assert_false(kept_matters(&limit, &st, 49 * S));
	limit.ban_ns = S;
	assert_true(kept_limit_matters(&limit));
	assert_false(kept_matters(&limit, &st, 49 * S));
	st.ban_breaches = 1;
	assert_true(kept_matters(&limit, &st, 49 * S));
	st = (struct rl_state){.banned_until = 60 * S};
	assert_true(kept_matters(&limit, &st, 59 * S));
	assert_false(kept_matters(&limit, &st, 60 * S));
}

static void test_times_move_and_none_is_before_the_boot(void **state)
{
	struct rl_limit limit = limit_of(RL_STRATEGY_FIXED_WINDOW);
	struct rl_state st = {
		.banned_until = 9000 * S, .first_seen = 10 * S, .last_seen = 8000 * S};

	kept_shift(&st, &limit, -(__s64)(7990 * S), 20 * S);
	assert_int_equal(st.banned_until, 1010 * S);
	assert_int_equal(st.first_seen, 1);
	assert_int_equal(st.last_seen, 10 * S);
	assert_int_equal(st.ban_from, 0);
	kept_shift(&st, &limit, 100 * S, 20 * S);
	assert_int_equal(st.last_seen, 20 * S);
}

static void test_fixed_windows_end_when_they_would_have(void **state)
{
	struct rl_limit limit = limit_of(RL_STRATEGY_ELASTIC);
	struct rl_state st = {.window = {{7, 5000 * S}, {70, 8000 * S}}};

	kept_shift(&st, &limit, -(__s64)(4000 * S), 1000 * S);
	assert_int_equal(st.window[0].a | st.window[0].b, 0); /* over in this moment */
	assert_int_equal(st.window[1].a, 70);
	assert_int_equal(st.window[1].b, 4000 * S);
}

/* What a sliding window counts at a time, before the shift and after it. */
static double counted(const struct rl_window_state *s, __u64 period, double now)
{
	double age = now - (double)(__s64)s->a, before = (double)s->b, in = (double)s->c;

	if (age >= 2 * (double)period || !(s->a | s->b | s->c))
		return 0;
	if (age >= (double)period) {
		before = in;
		in = 0;
		age -= (double)period;
	}
	return in + before * ((double)period - age) / (double)period;
}

static void test_sliding_windows_never_count_less(void **state)
{
	struct rl_limit limit = limit_of(RL_STRATEGY_SLIDING_WINDOW);

	unit_seed("kept");
	for (unsigned round = 0; round < 20000; round++) {
		__u64 start = 100000 * S + unit_random(7200) * S, now = S + unit_random(9000) * S;
		struct rl_state was = {
			.window = {[1] = {start, unit_random(100), unit_random(100)}}};
		struct rl_state is = was;
		__s64 shift = (__s64)(now + unit_random(9000) * S) - (__s64)(start + 9000 * S);
		bool whole = (__s64)start + shift >= 1;

		kept_shift(&is, &limit, shift, now);
		for (__u64 later = now; later < now + 3 * HOUR; later += 600 * S) {
			double then =
				counted(&was.window[1], HOUR, (double)(__s64)later - (double)shift);
			double here = counted(&is.window[1], HOUR, (double)later);

			assert_true(here >= then - 0.001);
			if (whole)
				assert_true(here <= then + 0.001);
		}
	}
}

static void test_buckets_fill_while_off(void **state)
{
	struct rl_limit limit = limit_of(RL_STRATEGY_TOKEN_BUCKET);
	struct rl_state st = {.window = {{500 * S, 3, 400 * S}, {9000 * S, 5, 0}}};

	kept_shift(&st, &limit, -(__s64)(490 * S), 100 * S);
	assert_int_equal(st.window[0].a | st.window[0].b, 0);
	assert_int_equal(st.window[1].a, 8510 * S);
	assert_int_equal(st.window[1].b, 5);
}

static void test_logs_are_not_kept(void **state)
{
	struct rl_limit limit = limit_of(RL_STRATEGY_MOVING_WINDOW);
	struct rl_state st = {.window = {{9, 0, 50 * S}, {9, 0, 50 * S}}, .ban_times = 2};

	kept_shift(&st, &limit, 0, 10 * S);
	assert_int_equal(st.window[0].a | st.window[0].c | st.window[1].a, 0);
	assert_int_equal(st.ban_times, 2);
}

static void test_the_sum_sees_each_bit_and_the_order(void **state)
{
	__u64 data[64], sum;

	unit_seed("sum");
	for (unsigned i = 0; i < 64; i++)
		data[i] = unit_random(1u << 30);
	sum = kept_sum(0, data, sizeof(data));
	assert_int_equal(kept_sum(kept_sum(0, data, 80), data + 10, sizeof(data) - 80), sum);
	for (unsigned bit = 0; bit < 64 * 64; bit++) {
		data[bit / 64] ^= 1ull << bit % 64;
		assert_int_not_equal(kept_sum(0, data, sizeof(data)), sum);
		data[bit / 64] ^= 1ull << bit % 64;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_matters),
		cmocka_unit_test(test_times_move_and_none_is_before_the_boot),
		cmocka_unit_test(test_fixed_windows_end_when_they_would_have),
		cmocka_unit_test(test_sliding_windows_never_count_less),
		cmocka_unit_test(test_buckets_fill_while_off),
		cmocka_unit_test(test_logs_are_not_kept),
		cmocka_unit_test(test_the_sum_sees_each_bit_and_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
