// SPDX-License-Identifier: GPL-2.0-only
/* The front table: it refuses whom the state would refuse, for as long, and nobody else; what it
 * counts is lost nowhere. */
#include <stdio.h>
#include <string.h>

#include "bpf/quick/front.h"
#include "bpf/state/key.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define HORIZON (RL_FRONT_HORIZON * RL_FRONT_UNIT_NS)

static __u64 fingerprint_of(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = source_key(h, limit, source);

	return rl_fingerprint(&key, dp_control(h->dp)->secret);
}

/* Packets that pass of `count` from SRC by UDP. */
static unsigned udp_passed(struct harness *h, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), count);
}

static void the_front_table_refuses_to_the_end_of_the_block_and_no_longer(void **state)
{
	static const char *const limits[] = {
		"set-limit a 5/10s match udp",
		"set-limit a 5/10s,100/hour match udp",
		"set-limit a 5/10s match udp strategy sliding-window",
		"set-limit a 5/10s match udp strategy moving-window",
		"set-limit a 1/10s match udp strategy token-bucket",
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		__u64 amount, start = h->now;
		bool sliding = strstr(limits[i], "sliding");

		harness_conf(h, limits[i]);
		amount = dp_rules(h->dp)->limit[0].window[0].amount;
		assert_int_equal(udp_passed(h, 15), amount);
		assert_int_equal(source_in_front(h, "a", SRC), 14 - amount);
		assert_int_equal(source_state(h, "a", SRC).drop_packets, 1);
		h->now = start + 10 * SECOND - RL_FRONT_UNIT_NS;
		assert_int_equal(udp_passed(h, 5), 0);
		assert_int_equal(source_in_front(h, "a", SRC), 19 - amount);
		h->now = start + 10 * SECOND - 1;
		assert_int_equal(udp_passed(h, 5), 0);
		/* A sliding window has not slid yet, a moving one has both ends in it. */
		h->now = start + 10 * SECOND + !!strstr(limits[i], "moving");
		assert_int_equal(udp_passed(h, 1), !sliding);
		assert_int_equal(source_state(h, "a", SRC).drop_packets, 25 - amount + sliding);
		harness_conf(h, "del-limit a");
		h->now += 100 * SECOND;
	}
}

/* What elastic windows refuse extends them, and longer windows leave the shorter ones counting:
 * both have to see each packet. */
static void where_refusals_count_the_front_table_keeps_out(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/10s match udp strategy elastic");
	assert_int_equal(udp_passed(h, 15), 5);
	assert_int_equal(source_in_front(h, "a", SRC), 0);
	harness_conf(h, "del-limit a\nset-limit a 50/10s,5/hour match udp");
	assert_int_equal(udp_passed(h, 15), 5);
	assert_int_equal(source_in_front(h, "a", SRC), 0);
	assert_int_equal(source_state(h, "a", SRC).window[0].a & RL_COUNT, 15);
	harness_conf(h, "del-limit a\nset-limit a 5/hour match udp monitor");
	assert_int_equal(udp_passed(h, 15), 15);
	assert_int_equal(source_in_front(h, "a", SRC), 0);
}

/* Entries end after 69 s, and the state makes the next. */
static void long_windows_refuse_beyond_the_horizon(void **state)
{
	static const char *const limits[] = {
		"set-limit a 5/hour match udp",
		"set-limit a 5/day match udp",
		"set-limit a 5/hour match udp strategy moving-window",
		"set-limit a 5/hour match udp ban for 1d",
	};
	static const __u64 blocks[] = {3600, 86400, 3600, 86400};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		__u64 start = h->now, end = start + blocks[i] * SECOND;
		unsigned sent = 6;

		harness_conf(h, limits[i]);
		assert_int_equal(udp_passed(h, 6), 5);
		for (; h->now < end - HORIZON; h->now += HORIZON / 2, sent += 2)
			assert_int_equal(udp_passed(h, 2), 0);
		h->now = end - 1;
		assert_int_equal(udp_passed(h, 2), 0);
		h->now = end + !!strstr(limits[i], "moving");
		assert_int_equal(udp_passed(h, 1), 1);
		assert_int_equal(source_state(h, "a", SRC).drop_packets, sent + 2 - 5);
		harness_conf(h, "del-limit a");
		h->now += 2 * 86400 * SECOND;
	}
}

static void what_the_front_table_counted_is_among_the_sources_counts(void **state)
{
	struct harness *h = *state;
	struct rl_state st;
	struct frame f;

	harness_conf(h, "set-limit a 200 bytes/minute match udp");
	packet_udp(&f, SRC, DST, 1, 2); /* 42 bytes */
	assert_int_equal(harness_passed(h, &f, 10), 4);
	st = source_state(h, "a", SRC);
	assert_int_equal(st.drop_packets, 1);
	st = source_settled(h, "a", SRC);
	assert_int_equal(st.drop_packets, 6);
	assert_int_equal(st.drop_bytes, 6 * 42);
	assert_int_equal(st.window[0].a & RL_COUNT, 10 * 42);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 6);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].bytes, 6 * 42);
	h->now += 60 * SECOND;
	assert_int_equal(harness_passed(h, &f, 1), 1);
	st = source_state(h, "a", SRC);
	assert_int_equal(st.drop_packets, 6);
	assert_int_equal(st.drop_bytes, 6 * 42);
	assert_int_equal(source_in_front(h, "a", SRC), 0);
}

static void clearing_a_source_takes_its_entry_out(void **state)
{
	static const char *const limits[] = {
		"set-limit a 5/minute match udp",
		"set-limit a 5/minute match udp strategy moving-window",
		"set-limit a 5/minute match udp ban for 1h",
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		harness_conf(h, limits[i]);
		assert_int_equal(udp_passed(h, 10), 5);
		assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 1);
		assert_int_equal(source_in_front(h, "a", SRC), 0);
		assert_int_equal(udp_passed(h, 10), 5);
		harness_conf(h, "del-limit a");
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
	}
}

/* It is still needed while it refuses, and counted off when it has ended. */
static void a_sweep_leaves_entries_that_refuse(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(udp_passed(h, 10), 5);
	dp_control(h->dp)->test_now = h->now += 30 * SECOND;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now), 0);
	assert_int_equal(source_in_front(h, "a", SRC), 4);
	assert_int_equal(source_state(h, "a", SRC).drop_packets, 1);
	dp_control(h->dp)->test_now = h->now += 30 * SECOND;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, 0), 0);
	assert_int_equal(source_in_front(h, "a", SRC), 0);
	assert_int_equal(source_state(h, "a", SRC).drop_packets, 5);
}

/* The next address from `from` on whose entry goes into the bucket of SRC. */
static unsigned same_bucket(struct harness *h, unsigned from, char text[static 32])
{
	__u64 mask = h->dp->skel->rodata_settings->rl_front_mask,
	      mine = fingerprint_of(h, "a", SRC);

	for (;; from++) {
		snprintf(text, 32, "10.%u.%u.%u", from >> 16 & 255, from >> 8 & 255, from & 255);
		if (!((fingerprint_of(h, "a", text) ^ mine) & mask))
			return from;
	}
}

/* More than there are places: whoever finds none is refused by its state. */
static void sources_of_one_bucket_are_told_apart(void **state)
{
	struct harness *h = *state;
	char src[32];
	unsigned at = 0;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(udp_passed(h, 10), 5);
	for (int i = 0; i < 2 * RL_FRONT_WAYS; i++) {
		at = same_bucket(h, at + 1, src);
		packet_udp(&f, src, DST, 1, 2);
		assert_int_equal(harness_passed(h, &f, 4), 4);
		assert_int_equal(harness_passed(h, &f, 6), 1);
		assert_int_equal(source_in_front(h, "a", src), i < RL_FRONT_WAYS - 1 ? 4 : 0);
		assert_int_equal(source_state(h, "a", src).drop_packets,
				 i < RL_FRONT_WAYS - 1 ? 1 : 5);
	}
	assert_int_equal(udp_passed(h, 5), 0);
	/* Those who were forgotten refuse nobody who comes after them. */
	assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 1 + 2 * RL_FRONT_WAYS);
	for (int i = 0; i < 2 * RL_FRONT_WAYS; i++) {
		at = same_bucket(h, at + 1, src);
		assert_int_equal(harness_passed(h, packet_udp(&f, src, DST, 1, 2), 5), 5);
	}
}

static void two_limits_have_an_entry_each(void **state)
{
	struct harness *h = *state;
	struct frame f, g;

	harness_conf(h, "set-limit a 5/minute match udp dport 2\nset-limit b 20/minute match udp");
	assert_int_equal(udp_passed(h, 10), 5);
	/* Refused by the first, they never come to the second. */
	assert_int_equal(harness_limit(h, "b").verdict[RL_VERDICT_PASS].packets, 5);
	packet_udp(&g, SRC, DST, 1, 3);
	assert_int_equal(harness_passed(h, &g, 30), 15);
	assert_int_equal(source_in_front(h, "a", SRC), 4);
	assert_int_equal(source_in_front(h, "b", SRC), 14);
	h->now += 60 * SECOND;
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 30), 5);
	assert_int_equal(harness_passed(h, &g, 30), 15);
}

static void a_ban_is_refused_as_one_beyond_the_window(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 5/10s match udp ban for 1m after 2 breaches in 5m");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(udp_passed(h, 7), 5);
	assert_reason(h, &f, RL_REASON_OVER_LIMIT);
	h->now += 10 * SECOND;
	assert_int_equal(udp_passed(h, 7), 5);
	assert_int_equal(source_in_front(h, "a", SRC), 1);
	for (__u64 at = 0; at < 60; at += 7, h->now += 7 * SECOND)
		assert_reason(h, &f, RL_REASON_BANNED);
	assert_int_equal(source_in_front(h, "a", SRC), 10);
	h->now -= 3 * SECOND;
	assert_int_equal(udp_passed(h, 1), 1);
	/* Packets of a ban are no hits of a window. */
	assert_int_equal(source_state(h, "a", SRC).window[0].a & RL_COUNT, 1);
}

static void a_table_of_another_size_refuses_the_same(void **state)
{
	struct harness *h = *state;
	static const __u32 sizes[] = {64, 4096, 1024};

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(udp_passed(h, 10), 5);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		harness_resize(h, sizes[i]);
		assert_int_equal(source_in_front(h, "a", SRC), 0);
		assert_int_equal(udp_passed(h, 5), 0);
		assert_int_equal(source_in_front(h, "a", SRC), 4);
	}
	h->now += 60 * SECOND;
	assert_int_equal(udp_passed(h, 10), 5);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_front_table_refuses_to_the_end_of_the_block_and_no_longer),
		TEST(where_refusals_count_the_front_table_keeps_out),
		TEST(long_windows_refuse_beyond_the_horizon),
		TEST(what_the_front_table_counted_is_among_the_sources_counts),
		TEST(clearing_a_source_takes_its_entry_out),
		TEST(a_sweep_leaves_entries_that_refuse),
		TEST(sources_of_one_bucket_are_told_apart),
		TEST(two_limits_have_an_entry_each),
		TEST(a_ban_is_refused_as_one_beyond_the_window),
		TEST(a_table_of_another_size_refuses_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
