// SPDX-License-Identifier: GPL-2.0-only
/* The front table: until when an entry refuses and whom, what it counts, and where there is room.
 */
#include <string.h>

#include "bpf/quick/front.h"
#include "unit.h"

#define UNIT RL_FRONT_UNIT_NS
#define TURN ((RL_FRONT_TIME + 1) * UNIT) /* after which time comes round */
#define HORIZON (RL_FRONT_HORIZON * UNIT)
#define MARK(n) ((__u64)(n) << RL_FRONT_MARK_SHIFT)
#define SOMEBODY (1ull << 63 | 0x1234567ull << 32 | 0x89abcde)
#define TAG(n) ((__u64)(n) << RL_FRONT_TIME_BITS)

/* Whether a packet of 100 bytes is refused at that time. */
static bool refused(struct rl_front_bucket *b, __u64 fingerprint, __u64 mark, __u64 now)
{
	struct rl_front_entry *entry = rl_front_find(b, fingerprint);

	if (!entry || !rl_front_refuses(entry, mark, rl_front_time(now)))
		return false;
	rl_front_add(entry, rl_front_one(100));
	return true;
}

static bool put_and_refused(__u64 now, __u64 until, __u64 at)
{
	struct rl_front_bucket b = {};

	rl_front_put(&b, SOMEBODY, MARK(1), now, until);
	return refused(&b, SOMEBODY, MARK(1), at);
}

static void an_entry_refuses_up_to_the_unit_of_its_end(void **state)
{
	static const __u64 starts[] = {0,
				       1,
				       UNIT - 1,
				       1000 * UNIT,
				       TURN - 1,
				       TURN - 5 * UNIT,
				       TURN,
				       7 * TURN - UNIT,
				       TURN / 2 - 1,
				       TURN - HORIZON};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		__u64 now = starts[i], until = now + 10 * UNIT, end = until / UNIT * UNIT;

		assert_true(put_and_refused(now, until, now));
		assert_true(put_and_refused(now, until, end - 1));
		assert_false(put_and_refused(now, until, end));
		assert_false(put_and_refused(now, until, until));
		assert_false(put_and_refused(now, until, until + HORIZON));
		assert_false(put_and_refused(now, until, until + TURN / 2));
	}
}

static void an_end_in_the_same_unit_or_in_the_past_makes_no_entry(void **state)
{
	struct rl_front_bucket b = {}, none = {};

	rl_front_put(&b, SOMEBODY, MARK(1), 10 * UNIT, 11 * UNIT - 1);
	rl_front_put(&b, SOMEBODY, MARK(1), 10 * UNIT, 10 * UNIT);
	rl_front_put(&b, SOMEBODY, MARK(1), 10 * UNIT, 9 * UNIT);
	rl_front_put(&b, SOMEBODY, MARK(1), 10 * UNIT, 0);
	assert_memory_equal(&b, &none, sizeof(b));
	rl_front_put(&b, SOMEBODY, MARK(1), 11 * UNIT - 1, 11 * UNIT);
	assert_true(refused(&b, SOMEBODY, MARK(1), 11 * UNIT - 1));
}

static void an_entry_holds_for_the_horizon_at_most(void **state)
{
	static const __u64 lengths[] = {HORIZON, HORIZON + UNIT, 86400ull * 1000000000,
					TURN,	 TURN + UNIT,	 ~0ull - 3 * UNIT};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		__u64 now = 3 * UNIT;

		assert_true(put_and_refused(now, now + lengths[i], now));
		assert_true(put_and_refused(now, now + lengths[i], now + HORIZON - 1));
		assert_false(put_and_refused(now, now + lengths[i], now + HORIZON));
	}
}

/* Never after the end, and to the last whole unit before it. */
static void random_entries_refuse_for_no_longer_than_the_block(void **state)
{
	unit_seed("random_entries_refuse_for_no_longer_than_the_block");
	for (int i = 0; i < 300000; i++) {
		__u64 now = (__u64)unit_random(1 << 30) * unit_random(1 << 30);
		__u64 until = now + (__u64)unit_random(1 << 20) * unit_random(1 << 18);
		__u64 at = now + (__u64)unit_random(1 << 20) * unit_random(1 << 18);
		bool got = put_and_refused(now, until, at);

		if (at >= until || at - now >= HORIZON)
			assert_false(got);
		else if (until - at >= UNIT && at - now < HORIZON - UNIT)
			assert_true(got);
	}
}

static void a_new_mark_ends_all_entries(void **state)
{
	for (unsigned bit = 0; bit < 64 - RL_FRONT_MARK_SHIFT; bit++) {
		struct rl_front_bucket b = {};

		rl_front_put(&b, SOMEBODY, MARK(1), UNIT, 90 * UNIT);
		rl_front_put(&b, SOMEBODY + TAG(1), MARK(1) | RL_FRONT_BANNED, UNIT, 90 * UNIT);
		assert_true(refused(&b, SOMEBODY, MARK(1), UNIT));
		assert_true(refused(&b, SOMEBODY + TAG(1), MARK(1), UNIT));
		assert_false(refused(&b, SOMEBODY, MARK(1 ^ 1u << bit), UNIT));
		assert_false(refused(&b, SOMEBODY + TAG(1), MARK(1 ^ 1u << bit), UNIT));
	}
}

static void an_entry_says_whether_it_is_a_bans(void **state)
{
	for (int banned = 0; banned < 2; banned++) {
		struct rl_front_bucket b = {};
		__u64 mark = MARK(RL_FRONT_MARKS - 1), count;

		rl_front_put(&b, SOMEBODY, mark | (banned ? RL_FRONT_BANNED : 0), UNIT, 9 * UNIT);
		count = rl_front_refuses(&b.entry[0], mark, rl_front_time(UNIT));
		assert_true(count);
		assert_int_equal(!!(count & RL_FRONT_BANNED), banned);
	}
}

/* Another bit of what is compared is another source; of the rest, the same as far as it can tell.
 */
static void an_entry_refuses_its_own_source_only(void **state)
{
	struct rl_front_bucket b = {};

	rl_front_put(&b, SOMEBODY, MARK(1), UNIT, 90 * UNIT);
	for (unsigned bit = 0; bit < 64; bit++)
		assert_int_equal(refused(&b, SOMEBODY ^ 1ull << bit, MARK(1), UNIT),
				 bit < RL_FRONT_TIME_BITS);
	assert_int_equal(rl_front_take_out(&b, SOMEBODY ^ TAG(1)), 0);
	assert_true(refused(&b, SOMEBODY, MARK(1), UNIT));
	assert_true(rl_front_take_out(&b, SOMEBODY));
	assert_false(refused(&b, SOMEBODY, MARK(1), UNIT));
}

static void an_empty_place_is_nobodys(void **state)
{
	struct rl_front_bucket b = {};

	for (__u64 i = 0; i < 16; i++)
		assert_null(rl_front_find(&b, 1ull << 63 | i));
}

static void what_is_counted_comes_out_again(void **state)
{
	struct rl_front_bucket b = {};
	__u64 count;

	rl_front_put(&b, SOMEBODY, MARK(5) | RL_FRONT_BANNED, UNIT, 90 * UNIT);
	for (int i = 0; i < 7; i++) {
		assert_true(rl_front_refuses(&b.entry[0], MARK(5), rl_front_time(UNIT)));
		rl_front_add(&b.entry[0], rl_front_one(1500));
	}
	count = rl_front_take_out(&b, SOMEBODY);
	assert_int_equal(rl_front_packets(count), 7);
	assert_int_equal(rl_front_bytes(count), 7 * 1500);
	assert_int_equal(rl_front_take_out(&b, SOMEBODY), 0);
}

/* Refuses by the entry until that does no more; returns how many packets it took. */
static __u64 exhaust(struct rl_front_entry *entry, __u32 bytes)
{
	__u64 packets = 0;

	for (; rl_front_refuses(entry, MARK(5), rl_front_time(UNIT)); packets++)
		rl_front_add(entry, rl_front_one(bytes));
	return packets;
}

/* So far below what the words hold that all other CPUs can still count what they have begun. */
static void an_entry_that_is_half_full_counts_no_more(void **state)
{
	struct rl_front_bucket b = {};
	__u64 few, many;

	rl_front_put(&b, SOMEBODY, MARK(5), UNIT, 90 * UNIT);
	many = exhaust(&b.entry[0], 60);
	assert_int_equal(many, 1 << 19);
	assert_int_equal(rl_front_packets(b.entry[0].count), many);
	assert_int_equal(rl_front_bytes(b.entry[0].count), many * 60);
	rl_front_take_out(&b, SOMEBODY);
	rl_front_put(&b, SOMEBODY, MARK(5), UNIT, 90 * UNIT);
	few = exhaust(&b.entry[0], 65535);
	assert_int_equal(few, (1ull << 31) / 65535 + 1);
	assert_int_equal(rl_front_bytes(b.entry[0].count), few * 65535);
	for (int cpu = 0; cpu < 512; cpu++)
		b.entry[0].count += rl_front_one(65535);
	assert_int_equal(b.entry[0].count >> RL_FRONT_MARK_SHIFT, 5);
	assert_false(b.entry[0].count & RL_FRONT_BANNED);
	assert_int_equal(rl_front_packets(b.entry[0].count), few + 512);
}

static void a_full_bucket_takes_nobody_in_until_a_place_is_free(void **state)
{
	struct rl_front_bucket b = {}, full;
	__u64 now = 50 * UNIT;

	for (unsigned i = 0; i < RL_FRONT_WAYS; i++)
		assert_int_equal(
			rl_front_put(&b, SOMEBODY + TAG(i), MARK(1), now, now + (10 + i) * UNIT),
			0);
	assert_true(refused(&b, SOMEBODY, MARK(1), now));
	assert_true(refused(&b, SOMEBODY, MARK(1), now));
	full = b;
	assert_int_equal(rl_front_put(&b, SOMEBODY + TAG(9), MARK(1), now, now + 90 * UNIT), 0);
	assert_memory_equal(&b, &full, sizeof(b));
	/* The first has ended, and did not come again for what it counted. */
	now += 10 * UNIT;
	assert_int_equal(rl_front_put(&b, SOMEBODY + TAG(9), MARK(1), now, now + 90 * UNIT), 2);
	assert_true(refused(&b, SOMEBODY + TAG(9), MARK(1), now));
	assert_false(refused(&b, SOMEBODY, MARK(1), now));
	for (unsigned i = 1; i < RL_FRONT_WAYS; i++)
		assert_true(refused(&b, SOMEBODY + TAG(i), MARK(1), now));
	assert_int_equal(rl_front_packets(rl_front_take_out(&b, SOMEBODY + TAG(9))), 1);
	/* A place that was left is taken at once. */
	rl_front_take_out(&b, SOMEBODY + TAG(2));
	rl_front_put(&b, SOMEBODY + TAG(8), MARK(1), now, now + UNIT);
	assert_true(refused(&b, SOMEBODY + TAG(8), MARK(1), now));
}

static __u64 counted(unsigned packets, __u32 bytes)
{
	return MARK(3) + packets * rl_front_one(bytes);
}

static void an_empty_place_is_taken_before_one_that_has_ended(void **state)
{
	struct rl_front_bucket b = {};

	for (int i = 0; i < 2; i++) {
		rl_front_put(&b, SOMEBODY + TAG(i), MARK(1), UNIT, 10 * UNIT);
		assert_true(refused(&b, SOMEBODY + TAG(i), MARK(1), 5 * UNIT));
	}
	for (int i = 2; i < RL_FRONT_WAYS; i++)
		assert_int_equal(rl_front_put(&b, SOMEBODY + TAG(i), MARK(1), 20 * UNIT, 30 * UNIT),
				 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(rl_front_packets(rl_front_take_out(&b, SOMEBODY + TAG(i))), 1);
}

static void counts_go_into_the_state(void **state)
{
	struct rl_state st = {.drop_packets = 1, .drop_bytes = 2, .refused = 3, .last_seen = 100};
	struct rl_state before;

	st.blocked_until = 500;
	st.recover_at = 700;
	before = st;
	rl_front_into(&st, MARK(3) | RL_FRONT_BANNED, 400);
	assert_memory_equal(&st, &before, sizeof(st));
	rl_front_into(&st, counted(5, 60), 400);
	assert_int_equal(st.drop_packets, 6);
	assert_int_equal(st.drop_bytes, 302);
	assert_int_equal(st.refused, 8);
	/* The last of them may have come just now, and a recovery takes as long from then on. */
	assert_int_equal(st.last_seen, 400);
	assert_int_equal(st.recover_at, 1000);
	/* After the block there were none. */
	rl_front_into(&st, counted(1, 60), 90000);
	assert_int_equal(st.last_seen, 500);
	assert_int_equal(st.recover_at, 1100);
	/* Nothing runs backwards. */
	rl_front_into(&st, counted(1, 60), 300);
	assert_int_equal(st.last_seen, 500);
	assert_int_equal(st.recover_at, 1100);
	assert_int_equal(st.drop_packets, 8);
	/* The longer of block and ban; a recovery that is over is not put off. */
	st.banned_until = 2000;
	st.recover_at = 500;
	rl_front_into(&st, counted(1, 60), 1500);
	assert_int_equal(st.last_seen, 1500);
	assert_int_equal(st.recover_at, 500);
}

static __u64 hits(__u8 strategy, __u8 unit, __u64 count)
{
	struct rl_limit limit = {.strategy = strategy, .unit = unit, .windows = 2};
	struct rl_state st = {};

	rl_front_hits(&st, &limit, count);
	assert_int_equal(st.window[1].a, 0);
	return st.window[0].a;
}

static void refusals_are_hits_of_a_fixed_window_alone(void **state)
{
	__u64 count = counted(5, 60);

	assert_int_equal(hits(RL_STRATEGY_FIXED_WINDOW, RL_UNIT_PACKETS, count), 5);
	assert_int_equal(hits(RL_STRATEGY_FIXED_WINDOW, RL_UNIT_CONNECTIONS, count), 5);
	assert_int_equal(hits(RL_STRATEGY_FIXED_WINDOW, RL_UNIT_BYTES, count), 300);
	assert_int_equal(hits(RL_STRATEGY_FIXED_WINDOW, RL_UNIT_BYTES, count | RL_FRONT_BANNED), 0);
	for (int s = 0; s < RL_STRATEGY_COUNT; s++) {
		if (s != RL_STRATEGY_FIXED_WINDOW)
			assert_int_equal(hits(s, RL_UNIT_PACKETS, count), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_refuses_up_to_the_unit_of_its_end),
		cmocka_unit_test(an_end_in_the_same_unit_or_in_the_past_makes_no_entry),
		cmocka_unit_test(an_entry_holds_for_the_horizon_at_most),
		cmocka_unit_test(random_entries_refuse_for_no_longer_than_the_block),
		cmocka_unit_test(a_new_mark_ends_all_entries),
		cmocka_unit_test(an_entry_says_whether_it_is_a_bans),
		cmocka_unit_test(an_entry_refuses_its_own_source_only),
		cmocka_unit_test(an_empty_place_is_nobodys),
		cmocka_unit_test(what_is_counted_comes_out_again),
		cmocka_unit_test(an_entry_that_is_half_full_counts_no_more),
		cmocka_unit_test(a_full_bucket_takes_nobody_in_until_a_place_is_free),
		cmocka_unit_test(an_empty_place_is_taken_before_one_that_has_ended),
		cmocka_unit_test(counts_go_into_the_state),
		cmocka_unit_test(refusals_are_hits_of_a_fixed_window_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
