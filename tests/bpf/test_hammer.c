// SPDX-License-Identifier: GPL-2.0-only
/* Two CPUs send as one source all the time, by every strategy, while the clock moves and while
 * their source is forgotten: what passes is what the definition admits, to the packet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/strategy/strategy.h"
#include "hammer.h"
#include "strangers.h"

#define SRC HAMMER_SRC
#define DST HAMMER_DST
#define STEPS 100
#define EACH HAMMER_EACH

static const char *const limits[] = {
	"set-limit a 20/second match udp",
	"set-limit a 1/second match udp",
	"set-limit a 9/second,60/10s match udp",
	"set-limit a 5/second,12/2s,40/10s,70/20s match udp",
	"set-limit a 1000 bytes/second match udp",
	"set-limit a 500 bytes/second,4000 bytes/10s match udp",
	"set-limit a 20/second match udp strategy sliding-window",
	"set-limit a 9/second,60/10s match udp strategy sliding-window",
	"set-limit a 1000 bytes/second match udp strategy sliding-window",
	"set-limit a 20/second match udp strategy moving-window",
	"set-limit a 9/second,60/10s match udp strategy moving-window",
	"set-limit a 20/second match udp strategy elastic",
	"set-limit a 1000 bytes/second match udp strategy elastic",
	"set-limit a 20/second match udp strategy token-bucket",
	"set-limit a 7/second burst 13 match udp strategy token-bucket",
	"set-limit a 1000 bytes/second match udp strategy token-bucket",
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

/* Times of the clock, from now on: quarters of a second, and some beside them. */
static void make_times(struct harness *h, __u64 times[static STEPS])
{
	for (int i = 0; i < STEPS; i++) {
		times[i] = h->now + i * (SECOND / 4);
		if (i % 3 == 1)
			times[i] += SECOND / 50 + i;
		else if (i % 16 == 8)
			times[i] -= 1;
	}
	h->now = times[STEPS - 1];
}

/* A packet as the definition sees it. */
static bool admits(struct rl_state *st, __u64 log[RL_WINDOWS_MAX][RL_LOG_MAX],
		   const struct rl_limit *l, __u64 now, __u64 bytes)
{
	struct rl_take t;

	for (__u32 i = 0; i < l->windows; i++) {
		if (l->strategy == RL_STRATEGY_MOVING_WINDOW)
			rl_take_log(&st->window[i], &l->window[i], now, log[i], RL_LOG_MAX - 1, &t);
		else
			rl_take_window(&st->window[i], l, i, now,
				       l->unit == RL_UNIT_BYTES ? bytes : 1, 0, &t);
		if (!t.admitted)
			return false;
	}
	return true;
}

/* How many pass of more than enough at each of these times. */
static unsigned defined(const struct rl_limit *l, const __u64 *times, int count, __u64 bytes)
{
	__u64(*log)[RL_LOG_MAX] = calloc(RL_WINDOWS_MAX, sizeof(*log));
	struct rl_state st = {};
	unsigned passed = 0;

	for (int i = 0; i < count; i++) {
		for (int n = 0; n < EACH; n++)
			passed += admits(&st, log, l, times[i], bytes);
	}
	free(log);
	return passed;
}

static void same(const char *limit, unsigned got, unsigned want)
{
	if (got != want)
		fail_msg("%s: %u passed, the definition admits %u", limit, got, want);
}

static void two_cpus_admit_what_is_defined_while_the_clock_moves(void **state)
{
	struct harness *h = *state;
	__u64 times[STEPS], bytes;
	struct frame f;

	bytes = packet_udp(&f, SRC, DST, 1, 2)->len;
	for (size_t i = 0; i < LIMITS; i++) {
		unsigned got, want;

		harness_conf(h, limits[i]);
		make_times(h, times);
		want = defined(&dp_rules(h->dp)->limit[0], times, STEPS, bytes);
		got = hammer(h, times, STEPS, NULL);
		same(limits[i], got, want);
		assert_int_equal(source_state(h, "a", SRC).pass_packets, got);
		assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_PASS].packets, got);
		harness_conf(h, "del-limit a");
	}
}

/* Window after window: of the two that see the last place free, one takes it. */
static void two_cpus_never_take_the_last_place_twice(void **state)
{
	static const char *const small[] = {
		"set-limit a 20/second match udp",
		"set-limit a 30/second,45/2s match udp",
	};
	static __u64 times[400];
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		int count = sizeof(times) / sizeof(times[0]);

		harness_conf(h, small[i]);
		for (int step = 0; step < count; step++)
			times[step] = h->now += SECOND;
		same(small[i], hammer(h, times, count, NULL),
		     defined(&dp_rules(h->dp)->limit[0], times, count, 42));
		harness_conf(h, "del-limit a");
	}
}

/* Forgets the source if nothing needs it, and others take its element. */
static void forget_idle(struct harness *h, const volatile bool *over)
{
	struct rl_key key = source_key(h, "a", SRC);
	size_t deleted;

	while (!*over)
		dp_sweep(h->dp, RL_SWEEP_EXPIRE, &key, 1, dp_control(h->dp)->test_now, &deleted);
}

/* It comes back after so long that it does not matter whether it was forgotten, before its first
 * packet or under it. */
static void a_source_that_returns_while_it_is_forgotten_gets_its_amount(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u64 bytes = packet_udp(&f, SRC, DST, 1, 2)->len;
	unsigned created = 0;

	for (size_t i = 0; i < LIMITS; i++) {
		harness_conf(h, limits[i]);
		for (int round = 0; round < 30; round++) {
			__u64 times[] = {h->now += 100 * SECOND, h->now + SECOND / 2};

			same(limits[i], hammer(h, times, 2, forget_idle),
			     defined(&dp_rules(h->dp)->limit[0], times, 2, bytes));
		}
		created += harness_limit(h, "a").created;
		harness_conf(h, "del-limit a");
	}
	assert_true(created > LIMITS); /* more than the first time each */
}

static unsigned cleared;

/* Forgets the source whatever it counts; others take its element, and their amount. */
static void forget_always(struct harness *h, const volatile bool *over)
{
	struct rl_key key = source_key(h, "a", SRC);
	size_t deleted;

	cleared = 0;
	while (!*over) {
		dp_sweep(h->dp, RL_SWEEP_CLEAR, &key, 1, 0, &deleted);
		cleared += deleted;
	}
}

static void a_source_that_is_cleared_gets_its_amount_once_more_at_most(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u64 bytes = packet_udp(&f, SRC, DST, 1, 2)->len;

	for (size_t i = 0; i < LIMITS; i++) {
		__u64 times[20];
		unsigned passed, once;

		harness_conf(h, limits[i]);
		for (int step = 0; step < 20; step++)
			times[step] = h->now; /* it stands still */
		once = defined(&dp_rules(h->dp)->limit[0], times, 1, bytes);
		passed = hammer(h, times, 20, forget_always);
		if (passed > once * (cleared + 1))
			fail_msg("%s: %u passed, cleared %u times", limits[i], passed, cleared);
		h->now += 100 * SECOND;
		harness_conf(h, "del-limit a");
	}
	harness_sweep(h, RL_SWEEP_CLEAR, 0);
	assert_int_equal(source_presence(h), 0);
}

static void make_room_once(struct harness *h, const volatile bool *over)
{
	usleep(rand() % 1000);
	strangers_make_room(h);
}

/* Counted in a bucket first, and then, with what that has counted, in a state of its own. */
static void a_source_that_gets_room_under_its_packets_gets_no_more(void **state)
{
	struct harness *h = *state;
	unsigned changed = 0;
	struct frame f;
	__u64 bytes = packet_udp(&f, SRC, DST, 1, 2)->len;

	for (size_t i = 0; i < LIMITS; i++) {
		harness_conf(h, limits[i]);
		for (int round = 0; round < 10; round++) {
			__u64 times[25], full = harness_limit(h, "a").full;
			unsigned once, passed;
			struct rl_key key = source_key(h, "a", SRC);
			struct rl_state st;

			h->now += 100 * SECOND;
			for (int step = 0; step < 25; step++)
				times[step] = h->now + (__u64)step; /* it hardly moves */
			once = defined(&dp_rules(h->dp)->limit[0], times, 1, bytes);
			harness_sweep(h, RL_SWEEP_CLEAR, 0);
			strangers_take_room(h);
			passed = hammer(h, times, 25, make_room_once);
			if (passed > once)
				fail_msg("%s: %u passed of %u", limits[i], passed, once);
			changed +=
				harness_limit(h, "a").full > full && !dp_lookup(h->dp, &key, &st);
			strangers_make_room(h);
		}
		harness_conf(h, "del-limit a");
	}
	print_message("# got room while it sent: %u of %zu\n", changed, 10 * LIMITS);
	assert_true(changed > 2 * LIMITS);
}

static int small_setup(void **state)
{
	*state = harness_new(64);
	return 0;
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_cpus_admit_what_is_defined_while_the_clock_moves),
		TEST(two_cpus_never_take_the_last_place_twice),
		TEST(a_source_that_returns_while_it_is_forgotten_gets_its_amount),
		TEST(a_source_that_is_cleared_gets_its_amount_once_more_at_most),
		cmocka_unit_test_setup_teardown(
			a_source_that_gets_room_under_its_packets_gets_no_more, small_setup,
			harness_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
