/* SPDX-License-Identifier: GPL-2.0-only */
/* Budgets of refused commands. */
#include "base/time.h"
#include "rld/events/refusals.h"
#include "unit.h"

static void what_is_beyond_the_budget_is_told_with_the_next(void **state)
{
	static struct refusals refusals;
	__u64 untold = 0, now_ns = 1000 * TIME_NS;

	for (int i = 0; i < REFUSALS_BURST; i++)
		assert_true(refusals_take(&refusals, 7, now_ns, &untold));
	for (int i = 0; i < 41; i++)
		assert_false(refusals_take(&refusals, 7, now_ns, &untold));
	assert_false(refusals_take(&refusals, 7, now_ns + REFUSALS_EACH_NS - 1, &untold));
	assert_int_equal(untold, 0);
	assert_true(refusals_take(&refusals, 7, now_ns + REFUSALS_EACH_NS, &untold));
	assert_int_equal(untold, 42);
	assert_false(refusals_take(&refusals, 7, now_ns + REFUSALS_EACH_NS, &untold));
	now_ns += 1000 * REFUSALS_EACH_NS; /* no more is saved than fits */
	for (int i = 0; i < REFUSALS_BURST; i++)
		assert_true(refusals_take(&refusals, 7, now_ns, &untold));
	assert_false(refusals_take(&refusals, 7, now_ns, &untold));
}

static void too_many_users_share_a_budget(void **state)
{
	static struct refusals refusals;
	__u64 untold, now_ns = 1000 * TIME_NS;
	size_t taken = 0;

	for (__u32 uid = 0; uid < 1000; uid++)
		taken += refusals_take(&refusals, uid, now_ns, &untold);
	assert_int_equal(taken, REFUSALS_USERS + REFUSALS_BURST);
	now_ns +=
		REFUSALS_EACH_NS; /* those of one refusal are as good as new: their places are free */
	for (__u32 uid = 2000; uid < 2000 + REFUSALS_USERS; uid++)
		assert_true(refusals_take(&refusals, uid, now_ns, &untold));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_beyond_the_budget_is_told_with_the_next),
		cmocka_unit_test(too_many_users_share_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
