// SPDX-License-Identifier: GPL-2.0-only
/* Packets that open fixed windows admit are counted without the lock, and only they. Which way a
 * packet went is told by `first_seen`, which is made up for under the lock alone. */
#include <string.h>

#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define OTHER (1ull << 63 | 1ull << RL_COUNT_BITS) /* a tag that is hardly anybody's */

static void change_state(struct harness *h, const struct rl_state *st)
{
	__u64 place = st->fingerprint;

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(h->dp->skel->maps.states), &place, st, BPF_EXIST),
		0);
}

static unsigned udp_passed(struct harness *h, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), count);
}

/* Sends one packet more, which passes. Returns whether that took the lock. */
static bool takes_the_lock(struct harness *h)
{
	struct rl_state st = source_state(h, "a", SRC);

	st.first_seen = 0;
	change_state(h, &st);
	assert_int_equal(udp_passed(h, 1), 1);
	return source_state(h, "a", SRC).first_seen;
}

static void open_fixed_windows_take_no_lock(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 9/second,90/minute match udp");
	assert_int_equal(udp_passed(h, 1), 1);
	assert_false(takes_the_lock(h));
	h->now += SECOND - 1;
	assert_false(takes_the_lock(h));
	h->now += 1; /* a window is to be opened */
	assert_true(takes_the_lock(h));
	assert_false(takes_the_lock(h));
}

static void other_strategies_take_it(void **state)
{
	static const char *const limits[] = {
		"set-limit a 9/second match udp strategy sliding-window",
		"set-limit a 9/second match udp strategy moving-window",
		"set-limit a 9/second match udp strategy elastic",
		"set-limit a 9/second match udp strategy token-bucket",
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		harness_conf(h, limits[i]);
		assert_int_equal(udp_passed(h, 1), 1);
		assert_true(takes_the_lock(h));
		harness_conf(h, "del-limit a");
	}
}

/* It has a recovery to tell of, or a ban to look at. */
static void a_source_that_was_refused_takes_it(void **state)
{
	struct harness *h = *state;
	struct rl_state st;

	harness_conf(h, "set-limit a 2/second match udp");
	assert_int_equal(udp_passed(h, 2), 2);
	h->now += SECOND / 2;
	assert_int_equal(udp_passed(h, 1), 0);
	h->now += SECOND / 2;
	assert_int_equal(udp_passed(h, 1), 1);
	assert_true(takes_the_lock(h));
	h->now += 9 * SECOND;
	assert_int_equal(udp_passed(h, 1), 1);
	assert_false(takes_the_lock(h));
	h->now += 9 * SECOND;
	assert_int_equal(udp_passed(h, 1), 1);
	st = source_state(h, "a", SRC);
	st.banned_until = h->now + 1;
	change_state(h, &st);
	assert_int_equal(udp_passed(h, 1), 0);
}

/* As if the element became another's after the look at it: what the other's window holds is not
 * this source's to count, and no window counts a packet twice. */
static void a_window_with_the_tag_of_another_is_left_to_the_lock(void **state)
{
	struct harness *h = *state;
	struct rl_state st;

	for (int window = 0; window < 2; window++) {
		__u64 counts[2];

		harness_conf(h, "set-limit a 9/second,90/minute match udp");
		assert_int_equal(udp_passed(h, 3), 3);
		st = source_state(h, "a", SRC);
		st.window[window].a = (OTHER ^ (st.fingerprint & 1ull << RL_COUNT_BITS)) | 3;
		change_state(h, &st);
		assert_true(takes_the_lock(h));
		st = source_state(h, "a", SRC);
		for (int i = 0; i < 2; i++)
			counts[i] = st.window[i].a & RL_COUNT;
		assert_int_equal(counts[0], 4);
		assert_int_equal(counts[1], 4);
		harness_conf(h, "del-limit a");
	}
}

static void a_packet_without_the_lock_is_seen(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 9/second match udp");
	assert_int_equal(udp_passed(h, 1), 1);
	h->now += SECOND / 2;
	assert_int_equal(udp_passed(h, 1), 1);
	assert_int_equal(source_state(h, "a", SRC).last_seen, h->now);
	h->now -= SECOND / 4; /* of another CPU, say */
	assert_int_equal(udp_passed(h, 1), 1);
	assert_int_equal(source_state(h, "a", SRC).last_seen, h->now + SECOND / 4);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(open_fixed_windows_take_no_lock),
		TEST(other_strategies_take_it),
		TEST(a_source_that_was_refused_takes_it),
		TEST(a_window_with_the_tag_of_another_is_left_to_the_lock),
		TEST(a_packet_without_the_lock_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
