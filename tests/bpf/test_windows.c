// SPDX-License-Identifier: GPL-2.0-only
/* Windows to the nanosecond, stacks and units. */
#include <string.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

static void a_window_opens_at_the_first_hit_and_is_half_open(void **state)
{
	struct harness *h = *state;
	__u64 start = h->now = 5 * SECOND + 123;
	struct frame f;

	harness_conf(h, "set-limit a 3/second match any");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	h->now = start + SECOND - 1;
	assert_int_equal(harness_passed(h, &f, 5), 2);
	h->now = start + SECOND;
	assert_int_equal(harness_passed(h, &f, 5), 3);
	h->now = start + 2 * SECOND - 1;
	assert_int_equal(harness_passed(h, &f, 1), 0);
	h->now = start + 2 * SECOND;
	assert_int_equal(harness_passed(h, &f, 1), 1);
}

static void refusals_never_extend_a_fixed_window(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match any");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	for (int i = 0; i < 9; i++) {
		h->now += SECOND / 10;
		assert_int_equal(harness_passed(h, &f, 1), 0);
	}
	h->now += SECOND / 10;
	assert_int_equal(harness_passed(h, &f, 1), 1);
}

static void every_hit_extends_an_elastic_window(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match any strategy elastic");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	for (int i = 0; i < 30; i++) {
		h->now += SECOND - 1;
		assert_int_equal(harness_passed(h, &f, 1), 0);
	}
	h->now += SECOND;
	assert_int_equal(harness_passed(h, &f, 1), 1);
}

static void a_clock_that_runs_backwards_moves_no_window(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 2/second match any");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	h->now -= 3 * SECOND;
	assert_int_equal(harness_passed(h, &f, 9), 1);
	h->now += 4 * SECOND - 1;
	assert_int_equal(harness_passed(h, &f, 9), 0);
	h->now += 1;
	assert_int_equal(harness_passed(h, &f, 9), 2);
}

static void a_clock_that_runs_backwards_shortens_no_penalty(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match any strategy elastic");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	h->now -= 3 * SECOND;
	assert_int_equal(harness_passed(h, &f, 1), 0);
	h->now += 3 * SECOND + SECOND / 2;
	assert_int_equal(harness_passed(h, &f, 1), 0);
}

static void a_bucket_loses_no_fraction_of_a_nanosecond(void **state)
{
	struct harness *h = *state;
	__u64 start = h->now;
	struct frame f;

	harness_conf(h, "set-limit a 3/second match any strategy token-bucket");
	packet_udp(&f, SRC, DST, 1, 2);
	for (__u64 third = 0; third < 300;
	     third += 3) { /* a token a third of a second, used at once */
		h->now = start + third / 3 * SECOND;
		assert_int_equal(harness_passed(h, &f, 4), 3);
		h->now += SECOND / 3; /* a third of a nanosecond too early */
		assert_int_equal(harness_passed(h, &f, 1), 0);
	}
}

static void stacked_windows_are_asked_shortest_first_and_nothing_is_rolled_back(void **state)
{
	struct harness *h = *state;
	struct frame f;

	/* Of 6 the second window admits 5; the refused one stays counted in the first. */
	harness_conf(h, "set-limit a 5/minute,3/second match any");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 4), 3);
	h->now += SECOND;
	assert_int_equal(harness_passed(h, &f, 2), 2);
	h->now += SECOND;
	assert_int_equal(harness_passed(h, &f, 3), 0); /* the minute is used up */
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_PASS].packets, 5);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 4);
	/* Breaches: the second once, then the minute once. */
	assert_int_equal(harness_limit(h, "a").breaches, 2);
}

/* The first limit counts without the lock, up to its last window, the second one under it. */
static void what_one_limit_has_counted_is_no_other_limits(void **state)
{
	static const char *const strategies[] = {"fixed-window", "elastic", "sliding-window",
						 "moving-window"};
	struct harness *h = *state;
	struct frame f;
	char conf[256];

	packet_udp(&f, SRC, DST, 1, 2);
	for (size_t i = 0; i < sizeof(strategies) / sizeof(*strategies); i++) {
		snprintf(conf, sizeof(conf),
			 "set-limit a 100/second,1000/minute match udp\n"
			 "set-limit b 5/second,100/minute match udp strategy %s",
			 strategies[i]);
		harness_conf(h, conf);
		assert_int_equal(harness_passed(h, &f, 20), 5);
		harness_conf(h, "del-limit a\ndel-limit b");
		h->now += 100 * SECOND;
	}
}

static void four_windows_all_hold(void **state)
{
	struct harness *h = *state;
	unsigned passed = 0;
	struct frame f;

	harness_conf(h, "set-limit a 2/100ms,6/second,20/10s,30/minute match any");
	packet_udp(&f, SRC, DST, 1, 2);
	for (int i = 0; i < 200; i++) { /* 20 s, one of 10 windows of 100 ms after the other */
		passed += harness_passed(h, &f, 3);
		h->now += 100 * MS;
	}
	assert_int_equal(passed, 30);
}

static void bytes_count_the_frame(void **state)
{
	struct harness *h = *state;
	struct frame f, g;

	harness_conf(h, "set-limit a 200 bytes/second match any");
	packet_udp(&f, SRC, DST, 1, 2); /* 42 bytes */
	assert_int_equal(f.len, 42);
	assert_int_equal(harness_passed(h, &f, 10), 4);
	/* A refused big frame uses the window up. */
	h->now += SECOND;
	packet_end(frame_put(packet_udp(&g, SRC, DST, 1, 2), NULL, 200));
	assert_int_equal(harness_passed(h, &g, 1), 0);
	assert_int_equal(harness_passed(h, &f, 1), 0);
	h->now += SECOND;
	assert_int_equal(harness_passed(h, &f, 1), 1);
}

static void connections_are_syns_without_ack(void **state)
{
	struct harness *h = *state;
	struct frame syn, ack, both, udp;

	harness_conf(h, "set-limit a 2 connections/second match any");
	packet_tcp(&syn, SRC, DST, 1, 2, TCP_SYN);
	packet_tcp(&ack, SRC, DST, 1, 2, TCP_ACK);
	packet_tcp(&both, SRC, DST, 1, 2, TCP_SYN | TCP_ACK);
	packet_udp(&udp, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &ack, 9), 9);
	assert_int_equal(harness_passed(h, &both, 9), 9);
	assert_int_equal(harness_passed(h, &udp, 9), 9);
	assert_int_equal(harness_passed(h, &syn, 9), 2);
}

static void zero_refuses_everything(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 0/minute match udp");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 5), 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_window_opens_at_the_first_hit_and_is_half_open),
		TEST(refusals_never_extend_a_fixed_window),
		TEST(every_hit_extends_an_elastic_window),
		TEST(a_clock_that_runs_backwards_moves_no_window),
		TEST(a_clock_that_runs_backwards_shortens_no_penalty),
		TEST(a_bucket_loses_no_fraction_of_a_nanosecond),
		TEST(stacked_windows_are_asked_shortest_first_and_nothing_is_rolled_back),
		TEST(what_one_limit_has_counted_is_no_other_limits),
		TEST(four_windows_all_hold),
		TEST(bytes_count_the_frame),
		TEST(connections_are_syns_without_ack),
		TEST(zero_refuses_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
