/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the strategies no packet can show at will: counting without the lock after another CPU
 * was faster, and products of 128 bits. */
#include "bpf/strategy.h"
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
		cmocka_unit_test(products_of_128_bits_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
