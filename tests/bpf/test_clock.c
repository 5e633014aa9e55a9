// SPDX-License-Identifier: GPL-2.0-only
/* The machine's own clock: exact where windows are short, late by less than a tick elsewhere. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "bpf/quick/front.h"
#include "hot.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define OTHER "192.0.2.3"
/* Two readings of the clock may be as far apart, in the kernel and here, while it is adjusted. */
#define READINGS (MS / 20)

/* When the last packet was let in: between these two. */
struct seen {
	__u64 before, after;
	unsigned passed;
};

/* One in each period passes, from the end of the last one's on: none before, and none is refused
 * after that, however late the clock may be. */
static void watch(struct harness *h, __u64 period, __u64 late, __u64 length)
{
	struct frame f;
	struct seen last = {};
	__u64 start = time_mono_ns(), now = start;

	packet_udp(&f, SRC, DST, 1, 2);
	while (now < start + length) {
		__u64 before = time_mono_ns();
		bool passed = harness_run(h, &f) == XDP_PASS;

		now = time_mono_ns();
		if (passed && last.passed && now + READINGS < last.before + period)
			fail_msg("passed %llu ns early", last.before + period - now);
		if (!passed && before > last.after + period + late)
			fail_msg("refused %llu ns late", before - last.after - period - late);
		if (passed)
			last = (struct seen){before, now, last.passed + 1};
	}
	assert_true(last.passed >= 1);
	assert_true(last.passed >= length / (period + late) / 2);
}

static void short_windows_end_on_time(void **state)
{
	static const char *const limits[] = {
		"set-limit a 1/20ms match udp",
		"set-limit a 1/20ms match udp strategy token-bucket",
		"set-limit a 1/20ms match udp strategy moving-window",
	};
	struct harness *h = *state;

	harness_real_clock(h);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		harness_conf(h, limits[i]);
		watch(h, 20 * MS, READINGS, SECOND / 2);
		harness_conf(h, "del-limit a");
	}
}

static void long_windows_end_within_a_tick(void **state)
{
	struct harness *h = *state;

	harness_real_clock(h);
	harness_conf(h, "set-limit a 1/second match udp");
	watch(h, SECOND, RL_TICK_MAX_NS + READINGS, 5 * SECOND / 2);
}

static __u64 last_tick(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (__u64)t.tv_sec * SECOND + (__u64)t.tv_nsec;
}

static __u64 tick_ns(void)
{
	struct timespec t;

	clock_getres(CLOCK_MONOTONIC_COARSE, &t);
	return (__u64)t.tv_nsec;
}

/* Comes back late in a tick in whose beginning this CPU has seen a packet. */
static void be_late_in_a_tick(struct harness *h)
{
	__u64 before = last_tick(), begun;
	struct frame f;

	while (last_tick() == before)
		;
	begun = time_mono_ns();
	harness_run(h, packet_tcp(&f, SRC, DST, 1, 2, TCP_ACK));
	while (time_mono_ns() < begun + tick_ns() * 2 / 3)
		;
}

/* A window of two that opens has one more for the rest of its period, the packet that opened it
 * being late in its tick. `nth`: it is this one of a source with a state, whose end is exact; or
 * -1. */
static void expect_a_whole_period(struct harness *h, const char *source, __u64 period, int nth)
{
	struct frame f;
	__u64 end;
	unsigned passed;

	packet_udp(&f, source, DST, 1, 2);
	be_late_in_a_tick(h);
	end = time_mono_ns() + period - READINGS;
	passed = harness_passed(h, &f, 1);
	if (nth >= 0)
		assert_true(source_state(h, "a", source).window[nth].b <=
			    time_mono_ns() + period + READINGS);
	for (;;) {
		unsigned more = harness_passed(h, &f, 1);

		if (time_mono_ns() >= end)
			break;
		passed += more;
	}
	assert_int_equal(passed, 2);
}

/* A second and most of a tick, in milliseconds: by ticks it ends with one, and sooner. */
static unsigned odd_ms(void)
{
	return (unsigned)(1000 + tick_ns() * 5 / 6 / MS);
}

static void a_long_window_never_ends_early(void **state)
{
	struct harness *h = *state;
	char text[64];

	hot_run_on(0);
	harness_real_clock(h);
	snprintf(text, sizeof(text), "set-limit a 2/%ums match udp", odd_ms());
	harness_conf(h, text);
	for (int i = 0; i < 2; i++) /* the first one, and the one after it */
		expect_a_whole_period(h, SRC, odd_ms() * MS, 0);
}

/* The second window opens while the first one is open. */
static void nor_does_a_longer_one_beside_it(void **state)
{
	struct harness *h = *state;
	unsigned longer = odd_ms() + 200; /* of ticks of any length */
	char text[64];
	struct frame f;

	hot_run_on(0);
	harness_real_clock(h);
	snprintf(text, sizeof(text), "set-limit a 1M/second,2/%ums match udp", longer);
	harness_conf(h, text);
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	usleep(1050000);
	assert_int_equal(harness_passed(h, &f, 1), 1);
	usleep(200000);
	expect_a_whole_period(h, SRC, longer * MS, 1);
}

static void nor_does_that_of_all_strangers(void **state)
{
	struct harness *h = harness_new(64);
	char text[64];

	hot_run_on(0);
	harness_real_clock(h);
	snprintf(text, sizeof(text), "set-limit a 2/%ums match udp", odd_ms());
	harness_conf(h, text);
	harness_strangers(h, 0, 100);
	usleep(1050000);
	expect_a_whole_period(h, SRC, odd_ms() * MS, -1);
	harness_free(h);
}

/* Whatever their length: the log is of when packets came. */
static void moving_windows_are_exact(void **state)
{
	struct harness *h = *state;

	harness_real_clock(h);
	harness_conf(h, "set-limit a 1/second match udp strategy moving-window");
	watch(h, SECOND, READINGS, 7 * SECOND / 2);
}

/* The same packet is judged by both kinds of clock. */
static void a_short_window_is_exact_behind_a_long_one(void **state)
{
	struct harness *h = *state;

	harness_real_clock(h);
	harness_conf(h, "set-limit a 1000M/second match udp\nset-limit b 1/20ms match udp");
	watch(h, 20 * MS, READINGS, SECOND / 2);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(short_windows_end_on_time),
		TEST(long_windows_end_within_a_tick),
		TEST(a_long_window_never_ends_early),
		TEST(nor_does_a_longer_one_beside_it),
		TEST(nor_does_that_of_all_strangers),
		TEST(moving_windows_are_exact),
		TEST(a_short_window_is_exact_behind_a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
