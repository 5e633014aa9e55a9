// SPDX-License-Identifier: GPL-2.0-only
/* A file of sources is read as it was written; one that is cut, longer, damaged or of another
 * version is not. */
#include "kept.h"

static void test_what_was_written_is_read(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);
	struct kept_seen seen;

	assert_null(kept_take(&bytes, &seen));
	assert_int_equal(seen.bans[KEPT_LIVE], KEPT_BANS);
	assert_int_equal(seen.states[KEPT_LIVE], KEPT_STATES - 1); /* but for that of `short` */
	assert_int_equal(seen.states[KEPT_STRANGE] + seen.states[KEPT_OVER], 0);
	assert_int_equal(kept_tail(&bytes)->states, KEPT_STATES - 1);
	free(bytes.at);
}

static void test_each_length_but_the_right_one_is_refused(void **state)
{
	for (size_t size = 0; size < kept_good.size; size++) {
		struct kept_bytes bytes = kept_bytes_of(kept_good.at, size);

		if (size < sizeof(struct sources_head) + sizeof(struct sources_tail))
			kept_assert_wrong(&bytes, "it is cut");
		assert_non_null(kept_wrong_with(&bytes));
		free(bytes.at);
	}
}

static void test_what_was_added_is_refused(void **state)
{
	static const size_t more[] = {1, 7, 8, 24, 40, 296, 4096, 1 << 20};

	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		struct kept_bytes bytes = {calloc(1, kept_good.size + more[i]),
					   kept_good.size + more[i]};

		assert_non_null(bytes.at);
		memcpy(bytes.at, kept_good.at, kept_good.size);
		kept_assert_wrong(&bytes, "its size is not that of what it counts: it is cut, or "
					  "something was added");
		free(bytes.at);
	}
}

static void test_a_size_that_no_file_has_is_refused_without_being_read(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);

	bytes.size = 1ull << 40;
	kept_assert_wrong(&bytes, "it is larger than any such file");
	free(bytes.at);
}

static void test_each_flipped_bit_is_seen(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);

	for (size_t bit = 0; bit < kept_good.size * 8; bit++) {
		bytes.at[bit / 8] ^= (char)(1 << bit % 8);
		assert_non_null(kept_wrong_with(&bytes));
		bytes.at[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_null(kept_wrong_with(&bytes));
	free(bytes.at);
}

static void test_random_bytes_are_refused(void **state)
{
	unit_seed("kept_file");
	for (unsigned round = 0; round < 2000; round++) {
		struct kept_bytes bytes =
			kept_bytes_of(kept_good.at, unit_random((unsigned)kept_good.size) / 8 * 8);

		/* Behind a head that is kept_good.at, every second time. */
		for (size_t i = round % 2 ? 24 : 0; i < bytes.size; i++)
			bytes.at[i] = (char)unit_random(256);
		assert_non_null(kept_wrong_with(&bytes));
		free(bytes.at);
	}
}

static void test_a_later_version_is_told_from_damage(void **state)
{
	struct kept_bytes bytes = kept_bytes_of(kept_good.at, kept_good.size);

	((struct sources_head *)bytes.at)->version++;
	kept_assert_wrong(&bytes, "it is of another version of rld");
	kept_sum_again(&bytes);
	kept_assert_wrong(&bytes, "it is of another version of rld");
	((struct sources_head *)bytes.at)->version--;
	((struct sources_head *)bytes.at)->state_bytes += 8;
	kept_sum_again(&bytes);
	kept_assert_wrong(&bytes, "it is of another version of rld");
	free(bytes.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_each_length_but_the_right_one_is_refused),
		cmocka_unit_test(test_what_was_added_is_refused),
		cmocka_unit_test(test_a_size_that_no_file_has_is_refused_without_being_read),
		cmocka_unit_test(test_each_flipped_bit_is_seen),
		cmocka_unit_test(test_random_bytes_are_refused),
		cmocka_unit_test(test_a_later_version_is_told_from_damage),
	};

	return cmocka_run_group_tests(tests, kept_set_up, kept_tear_down);
}
