// SPDX-License-Identifier: GPL-2.0-only
/* What of the strategies no packet can show at will: counting without the lock after another CPU
 * was faster, counts that are full, and products of 128 bits. */
#include "bpf/quick/front.h"
#include "bpf/strategy/strategy.h"
#include "unit.h"

#define TAG (0x9abcull << RL_COUNT_BITS)

static void what_is_counted_without_the_lock_ends_at_the_amount(void **state)
{
	struct rl_window w = {.amount = 20, .period_ns = 1000};

	for (__u64 cost = 1; cost < 25; cost++) {
		struct rl_window_state s = {.a = TAG, .b = 1000};
		__u64 passed = 0;

		while (rl_add_fixed(&s, &w, TAG, cost))
			passed += cost;
		assert_int_equal(passed, 20 / cost * cost);
		assert_int_equal(s.a, TAG | passed);
		assert_int_equal(s.b, 1000);
	}
}

static void what_has_another_tag_is_not_counted(void **state)
{
	struct rl_window w = {.amount = 20, .period_ns = 1000};

	for (unsigned bit = RL_COUNT_BITS; bit < 64; bit++) {
		struct rl_window_state s = {.a = (TAG ^ 1ull << bit) | 3};

		assert_false(rl_add_fixed(&s, &w, TAG, 1));
		assert_int_equal(s.a, (TAG ^ 1ull << bit) | 3);
	}
}

/* Whose tag is in it, of those who count without the lock. */
static void a_window_that_opens_is_tagged(void **state)
{
	struct rl_window w = {.amount = 20, .period_ns = 1000};
	struct rl_window_state s = {};
	struct rl_take take;

	rl_take_fixed(&s, &w, 5000, 3, 0, TAG, &take);
	assert_true(take.admitted & take.opened);
	assert_int_equal(s.a, TAG | 3);
	assert_int_equal(s.b, 6000);
	assert_true(rl_add_fixed(&s, &w, TAG, 17));
	rl_take_fixed(&s, &w, 5999, 1, 0, TAG, &take);
	assert_false(take.admitted | take.opened);
	assert_int_equal(take.count, 21);
	assert_int_equal(s.a, TAG | 21);
}

static void expect_full(const struct rl_window_state *s)
{
	assert_int_equal(s->a & ~RL_COUNT, TAG);
	assert_true((s->a & RL_COUNT) > RL_AMOUNT_MAX);
}

/* As many hits as would get into the tag, and would be 0 again, twice. */
#define HITS_MAX 0xffffffffu
#define TIMES (1 << 17)

static void a_count_that_is_full_refuses_until_the_window_ends(void **state)
{
	struct rl_window w = {.amount = RL_AMOUNT_MAX, .period_ns = 1000};
	struct rl_take take;

	for (int elastic = 0; elastic < 2; elastic++) {
		struct rl_window_state s = {.a = TAG | (RL_AMOUNT_MAX - 1), .b = 2000};

		rl_take_fixed(&s, &w, 1999, 1, elastic, TAG, &take);
		assert_true(take.admitted);
		for (int i = 0; i < TIMES; i++) {
			rl_take_fixed(&s, &w, 1999, HITS_MAX, elastic, TAG, &take);
			assert_false(take.admitted | take.opened);
			assert_true(take.count > RL_AMOUNT_MAX);
			expect_full(&s);
		}
		assert_false(rl_add_fixed(&s, &w, TAG, 1));
		rl_take_fixed(&s, &w, 3000, 1, elastic, TAG, &take);
		assert_true(take.admitted & take.opened);
		assert_int_equal(s.a, TAG | 1);
	}
}

static void what_the_front_table_counted_fills_a_count_and_no_more(void **state)
{
	struct rl_limit limit = {.strategy = RL_STRATEGY_FIXED_WINDOW, .unit = RL_UNIT_BYTES};
	struct rl_state st = {.window[0].a = TAG | RL_AMOUNT_MAX};

	for (int i = 0; i < TIMES; i++) {
		rl_front_hits(&st, &limit, rl_front_one(HITS_MAX));
		expect_full(&st.window[0]);
	}
}

static __u64 random_word(void)
{
	return ((__u64)unit_random(~0u) << 32 | unit_random(~0u)) >> unit_random(64);
}

static void products_of_128_bits_are_compared(void **state)
{
	unit_seed("products_of_128_bits_are_compared");
	for (int i = 0; i < 300000; i++) {
		__u64 a = random_word(), b = random_word(), c = random_word(), d = random_word();

		if (unit_chance(20)) {
			c = b;
			d = a + unit_random(3) - 1;
		}
		assert_int_equal(rl_product_less(a, b, c, d),
				 (unsigned __int128)a * b < (unsigned __int128)c * d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_counted_without_the_lock_ends_at_the_amount),
		cmocka_unit_test(what_has_another_tag_is_not_counted),
		cmocka_unit_test(a_window_that_opens_is_tagged),
		cmocka_unit_test(a_count_that_is_full_refuses_until_the_window_ends),
		cmocka_unit_test(what_the_front_table_counted_fills_a_count_and_no_more),
		cmocka_unit_test(products_of_128_bits_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
