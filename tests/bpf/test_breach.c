// SPDX-License-Identifier: GPL-2.0-only
/* What a breach and its end tell. */
#include <netinet/in.h>
#include <string.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

struct seen {
	struct rl_event event[64];
	int count;
};

static void see(void *ctx, const struct rl_event *event)
{
	struct seen *s = ctx;

	if (s->count < 64)
		s->event[s->count++] = *event;
}

static void a_breach_is_told_once_a_source_and_window(void **state)
{
	struct harness *h = *state;
	struct seen s = {};
	struct frame f;

	harness_conf(h, "set-limit a 2/second match any");
	packet_udp(&f, SRC, DST, 1, 53);
	harness_passed(h, &f, 10);
	h->now += SECOND / 2;
	harness_passed(h, &f, 10); /* no recovery: less than a period before the next window */
	h->now += SECOND / 2;
	harness_passed(h, &f, 10);
	packet_udp(&f, "192.0.2.77", DST, 1, 53);
	harness_passed(h, &f, 10);
	dp_events(h->dp, see, &s);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.event[0].kind, RL_EVENT_BREACH);
	assert_int_equal(s.event[0].count, 3);
	assert_int_equal(s.event[0].dport, 53);
	assert_int_equal(s.event[0].proto, IPPROTO_UDP);
	assert_int_equal(s.event[0].until, h->now);
	assert_int_equal(s.event[1].until, h->now + SECOND);
	assert_int_equal(s.event[0].verdict, RL_VERDICT_DROP);
	assert_int_equal(s.event[2].source.byte[15], 77);
	assert_memory_equal(&s.event[2].destination.byte[12], "\xc0\x00\x02\x02", 4);
	assert_int_equal(harness_limit(h, "a").breaches, 3);
}

static void a_log_tells_a_breach_once_a_period(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 2/second match any strategy moving-window");
	packet_udp(&f, SRC, DST, 1, 53);
	for (int i = 0; i < 3; i++, h->now += 2 * SECOND)
		assert_int_equal(harness_passed(h, &f, 9), 2);
	assert_int_equal(harness_limit(h, "a").breaches, 3);
}

static void recovery_is_told_after_a_period_without_refusals(void **state)
{
	struct harness *h = *state;
	struct seen s = {};
	struct frame f;

	harness_conf(h, "set-limit a 2/second match any");
	packet_udp(&f, SRC, DST, 1, 53);
	harness_passed(h, &f, 10);
	h->now += SECOND;
	harness_passed(h, &f,
		       1); /* too early: the last refusal is just a period ago, and more follow */
	harness_passed(h, &f, 4);
	h->now += 3 * SECOND;
	harness_passed(h, &f, 1);
	dp_events(h->dp, see, &s);
	assert_true(s.count >= 3);
	assert_int_equal(s.event[s.count - 1].kind, RL_EVENT_RECOVERED);
	assert_int_equal(s.event[s.count - 1].verdict, RL_VERDICT_PASS);
}

/* The front table knows not when its last refusal was: as if at the end of the block. */
static void recovery_waits_for_what_the_front_table_refused(void **state)
{
	static const char *const limits[] = {
		"set-limit a 2/second match any",
		"set-limit a 2/second match any strategy moving-window",
	};
	struct harness *h = *state;
	struct frame f;

	packet_udp(&f, SRC, DST, 1, 53);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		__u64 start = h->now;
		struct seen s = {};

		harness_conf(h, limits[i]);
		assert_int_equal(harness_passed(h, &f, 3), 2);
		h->now = start + SECOND / 2;
		assert_int_equal(harness_passed(h, &f, 2), 0);
		h->now = start + SECOND + 1;
		assert_int_equal(harness_passed(h, &f, 1), 1);
		h->now = start + 2 * SECOND - 1;
		assert_int_equal(harness_passed(h, &f, 1), 1);
		dp_events(h->dp, see, &s);
		assert_int_equal(s.count, 1);
		h->now = start + 3 * SECOND;
		assert_int_equal(harness_passed(h, &f, 1), 1);
		dp_events(h->dp, see, &s);
		assert_int_equal(s.count, 2);
		assert_int_equal(s.event[1].kind, RL_EVENT_RECOVERED);
		assert_int_equal(s.event[1].count, 3);
		harness_conf(h, "del-limit a");
		h->now += 100 * SECOND;
	}
}

static void events_keep_to_the_budget_and_count_what_they_withhold(void **state)
{
	struct harness *h = *state;
	struct seen s = {};
	struct frame f;
	char src[32];

	harness_conf(h, "set-limit a 0/second match any");
	dp_control(h->dp)->events_per_second = 5;
	h->now = 2000 * SECOND;
	for (int i = 1; i <= 30; i++) {
		snprintf(src, sizeof(src), "198.51.100.%d", i);
		harness_passed(h, packet_udp(&f, src, DST, 1, 2), 2);
	}
	dp_events(h->dp, see, &s);
	assert_int_equal(s.count, 5);
	h->now += SECOND;
	harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 1);
	dp_events(h->dp, see, &s);
	assert_int_equal(s.count, 6);
	assert_int_equal(s.event[5].suppressed, 25);
	assert_int_equal(harness_limit(h, "a").breaches, 31);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_breach_is_told_once_a_source_and_window),
		TEST(a_log_tells_a_breach_once_a_period),
		TEST(recovery_is_told_after_a_period_without_refusals),
		TEST(recovery_waits_for_what_the_front_table_refused),
		TEST(events_keep_to_the_budget_and_count_what_they_withhold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
