// SPDX-License-Identifier: GPL-2.0-only
/* Files of sources that are whole, and have records in them that no rld writes: read without harm.
 */
#include "base/time.h"
#include "kept.h"
#include "rld/kept/kept.h"

/* With the right sum, as a faulty rld might write them: nothing but no crash is asked for. */
static void test_nonsense_with_the_right_sum_does_no_harm(void **state)
{
	static const __u64 odd[] = {0,	       1,	   0xff,	 1ull << 32,
				    INT64_MAX, 1ull << 63, ~0ull - 1000, UINT64_MAX};

	unit_seed("kept_file nonsense");
	for (unsigned round = 0; round < 20000; round++) {
		struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);

		for (unsigned i = 0; i < 1 + round % 8; i++) {
			size_t word = unit_random((unsigned)kept_good.size / 8 - 1);
			__u64 value = odd[unit_random(sizeof(odd) / sizeof(*odd))];

			if (unit_chance(30))
				value = unit_random(1u << 31) * 0x9e3779b97f4a7c15;
			memcpy(bytes.at + word * 8, &value, 8);
		}
		kept_sum_again(&bytes);
		kept_wrong_with(&bytes);
		free(bytes.at);
	}
}

static void test_counts_beyond_the_file_are_refused(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);

	kept_tail(&bytes)->bans = UINT64_MAX;
	kept_sum_again(&bytes);
	kept_assert_wrong(&bytes, "its size");
	kept_tail(&bytes)->bans = KEPT_BANS;
	kept_tail(&bytes)->states = UINT64_MAX;
	kept_sum_again(&bytes);
	kept_assert_wrong(&bytes, "its size");
	/* So many that their size, in 64 bits, is that of those there are. */
	kept_tail(&bytes)->states = KEPT_STATES - 1 + (1ull << 61);
	kept_sum_again(&bytes);
	kept_assert_wrong(&bytes, "its size");
	free(bytes.at);
}

static void test_records_that_no_rld_writes_are_left_out(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);
	struct sources_ban *ban = kept_bans(&bytes);
	struct kept_seen seen;

	ban[0].limit = UINT64_MAX;
	ban[1].key.prefix6 = 129;
	ban[2].key.prefix4 = 33;
	ban[3].limit = 1; /* another limit's prefixes */
	kept_states(&bytes)[0].key.limit_id = UINT32_MAX;
	kept_states(&bytes)[1].key.limit_id = 4; /* as many as there are */
	kept_sum_again(&bytes);
	assert_null(kept_take(&bytes, &seen));
	assert_int_equal(seen.bans[KEPT_STRANGE], 4);
	assert_int_equal(seen.bans[KEPT_LIVE], 1);
	assert_int_equal(seen.states[KEPT_STRANGE], 2);
	assert_int_equal(seen.states[KEPT_LIVE], KEPT_STATES - 3);
	free(bytes.at);
}

static void test_limits_that_no_rld_writes_are_not_known(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);
	struct sources_limit *limit = (void *)((struct sources_head *)bytes.at + 1);
	struct kept_seen seen;

	memset(limit[0].name, 'x', sizeof(limit[0].name)); /* without an end */
	limit[1].windows = 255;
	limit[2].prefix6 = 255;
	limit[3].period_ns[0] = UINT64_MAX;
	kept_sum_again(&bytes);
	assert_null(kept_take(&bytes, &seen));
	assert_int_equal(seen.bans[KEPT_STRANGE], KEPT_BANS);
	assert_int_equal(seen.states[KEPT_STRANGE], KEPT_STATES - 1);
	free(bytes.at);
}

static void test_times_far_away_stay_far_away(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);
	struct sources_head *head = (void *)bytes.at;
	struct kept_seen seen;

	kept_bans(&bytes)[0].until = UINT64_MAX;
	kept_bans(&bytes)[1].until = 1;
	kept_bans(&bytes)[2].until = 0;
	kept_sum_again(&bytes);
	assert_null(kept_take(&bytes, &seen));
	assert_int_equal(seen.bans[KEPT_OVER], 2);
	assert_true(seen.latest > INT64_MAX / 2);
	/* A clock that ran for centuries, by which all the file's ends are long over ... */
	head->written.mono_ns = UINT64_MAX / 2;
	strcpy(head->boot, "another");
	kept_sum_again(&bytes);
	assert_null(kept_take(&bytes, &seen));
	assert_in_range(seen.bans[KEPT_OVER], KEPT_BANS - 1, KEPT_BANS);
	/* ... one that is set to the end of time, and one before its beginning. */
	head->written = (struct moment){INT64_MAX, kept_now.mono_ns};
	kept_sum_again(&bytes);
	assert_null(kept_take(&bytes, &seen));
	assert_int_equal(seen.bans[KEPT_LIVE], KEPT_BANS - 2);
	head->written = (struct moment){INT64_MIN, kept_now.mono_ns};
	kept_sum_again(&bytes);
	assert_null(kept_take(&bytes, &seen));
	assert_int_equal(seen.bans[KEPT_LIVE], KEPT_BANS - 2);
	free(bytes.at);
}

/* The machine was up for 20 days before, and for a minute kept_now. */
static void test_a_boot_later_bans_end_as_much_later_as_they_had_left(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);
	struct sources_head *head = (void *)bytes.at;
	struct moment then = kept_now;
	struct kept_seen seen;

	strcpy(head->boot, "another");
	head->written.mono_ns += 480 * KEPT_HOUR;
	for (int i = 0; i < KEPT_BANS; i++)
		kept_bans(&bytes)[i].until += 480 * KEPT_HOUR;
	kept_sum_again(&bytes);
	kept_now.wall_ns = head->written.wall_ns + 2 * KEPT_HOUR + KEPT_HOUR / 2;
	kept_now.mono_ns = 60 * TIME_NS;
	assert_null(kept_take(&bytes, &seen));
	kept_now = then;
	assert_int_equal(seen.bans[KEPT_OVER], 2);
	assert_int_equal(seen.bans[KEPT_LIVE], KEPT_BANS - 2);
	/* 5 hours were left of the last one, give or take what writing the file took. */
	assert_in_range(seen.latest / TIME_NS, 60 + 2 * 3600 + 1795, 60 + 2 * 3600 + 1805);
	free(bytes.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nonsense_with_the_right_sum_does_no_harm),
		cmocka_unit_test(test_counts_beyond_the_file_are_refused),
		cmocka_unit_test(test_records_that_no_rld_writes_are_left_out),
		cmocka_unit_test(test_limits_that_no_rld_writes_are_not_known),
		cmocka_unit_test(test_times_far_away_stay_far_away),
		cmocka_unit_test(test_a_boot_later_bans_end_as_much_later_as_they_had_left),
	};

	return cmocka_run_group_tests(tests, kept_set_up, kept_tear_down);
}
