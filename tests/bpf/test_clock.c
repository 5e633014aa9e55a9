/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's own clock: exact where windows are short, late by less than a tick elsewhere. */
#include <string.h>

#include "bpf/front.h"
#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
/* Two readings of the clock may be as far apart, in the kernel and here, while it is adjusted. */
#define READINGS (MS / 20)

/* When the last packet was let in: between these two. */
struct seen {
	__u64 before, after;
	unsigned passed;
};

/* One in each period passes, from the end of the last one's on: none before, however late the clock
 * may be, and none is refused after that. */
static void watch(struct harness *h, __u64 period, __u64 late, __u64 length)
{
	struct frame f;
	struct seen last = {};
	__u64 start = dp_now_ns(), now = start;

	packet_udp(&f, SRC, DST, 1, 2);
	while (now < start + length) {
		__u64 before = dp_now_ns();
		bool passed = harness_run(h, &f) == XDP_PASS;

		now = dp_now_ns();
		if (passed && last.passed && now + late < last.before + period)
			fail_msg("passed %llu ns early", last.before + period - now - late);
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
		TEST(moving_windows_are_exact),
		TEST(a_short_window_is_exact_behind_a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
