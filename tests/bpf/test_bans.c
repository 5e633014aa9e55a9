// SPDX-License-Identifier: GPL-2.0-only
/* Bans that limits give. */
#include <string.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define MINUTE (60 * SECOND)

/* Breaches the limit of 1 a second once, at h->now. */
static void breach(struct harness *h)
{
	struct frame f;

	packet_udp(&f, SRC, DST, 1, 2);
	harness_passed(h, &f, 3);
}

static bool banned(struct harness *h)
{
	struct frame f;

	return harness_reason(h, packet_udp(&f, SRC, DST, 1, 2), NULL) == RL_REASON_BANNED;
}

static void the_third_breach_within_the_time_bans(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m after 3 breaches in 10s");
	breach(h);
	h->now += SECOND;
	breach(h);
	assert_false(banned(h));
	h->now += SECOND;
	breach(h);
	assert_true(banned(h));
	assert_reason(h, packet_udp(&f, "192.0.2.9", DST, 1, 2), RL_REASON_UNDER_LIMIT);
	/* It bans from what the limit matches, not from everything. */
	assert_reason(h, packet_tcp(&f, SRC, DST, 1, 2, 0), RL_REASON_NO_LIMIT);
	h->now += MINUTE - 1;
	assert_true(banned(h));
	h->now += 1;
	assert_false(banned(h));
	assert_int_equal(harness_limit(h, "a").bans, 1);
}

static void breaches_too_far_apart_do_not_ban(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m after 3 breaches in 10s");
	for (int i = 0; i < 12; i++, h->now += 5 * SECOND) {
		breach(h);
		assert_false(banned(h));
	}
}

/* Length of the ban that starts now. */
static __u64 ban_length(struct harness *h)
{
	__u64 start = h->now;

	breach(h);
	while (banned(h) && h->now < start + 100 * MINUTE)
		h->now += MINUTE / 2;
	return h->now - start;
}

static void bans_double_up_to_the_longest_and_are_forgiven(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m up to 5m");
	assert_int_equal(ban_length(h), MINUTE);
	h->now += SECOND;
	assert_int_equal(ban_length(h), 2 * MINUTE);
	h->now += SECOND;
	assert_int_equal(ban_length(h), 4 * MINUTE);
	h->now += SECOND;
	assert_int_equal(ban_length(h), 5 * MINUTE);
	h->now += SECOND;
	assert_int_equal(ban_length(h), 5 * MINUTE);
	h->now += 5 * MINUTE; /* as long as the longest ban without another */
	assert_int_equal(ban_length(h), MINUTE);
}

static void a_moving_window_bans_too(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp strategy moving-window ban for 1m");
	breach(h);
	assert_true(banned(h));
	h->now += MINUTE;
	assert_false(banned(h));
}

static void a_monitored_limit_bans_nobody(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m monitor");
	breach(h);
	assert_false(banned(h));
	assert_int_equal(harness_limit(h, "a").bans, 0);
}

static void the_allowed_are_never_banned(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m");
	breach(h);
	assert_true(banned(h));
	harness_conf(h, "allow add " SRC);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_ALLOW_LIST);
}

struct told {
	unsigned banned, unbanned;
	__u64 until;
};

static void see(void *ctx, const struct rl_event *event)
{
	struct told *t = ctx;

	t->unbanned += event->kind == RL_EVENT_UNBANNED;
	if (event->kind != RL_EVENT_BANNED)
		return;
	t->banned++;
	t->until = event->until;
}

static void both_ends_of_a_ban_are_told_and_no_sweep_forgets_it(void **state)
{
	struct harness *h = *state;
	struct told t = {};

	harness_conf(h, "set-limit a 1/second match udp ban for 1m");
	breach(h);
	dp_control(h->dp)->test_now = h->now += MINUTE - 1;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now), 0);
	dp_events(h->dp, see, &t);
	assert_int_equal(t.banned, 1);
	assert_int_equal(t.until, h->now + 1);
	assert_int_equal(t.unbanned, 0);
	dp_control(h->dp)->test_now = h->now += 1;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now),
			 0); /* remembered, for the next ban */
	dp_events(h->dp, see, &t);
	assert_int_equal(t.unbanned, 1);
	dp_control(h->dp)->test_now = h->now += MINUTE;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now), 1);
}

/* Packets that are admitted without the lock must not make it forgotten early. */
static void a_source_that_behaves_is_remembered_as_long_as_its_ban(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 2/second match udp ban for 1m up to 10m");
	breach(h);
	h->now += 2 * MINUTE;
	packet_udp(&f, SRC, DST, 1, 2);
	for (int i = 0; i < 20; i++, h->now += SECOND / 2)
		assert_int_equal(harness_passed(h, &f, 1), 1);
	dp_control(h->dp)->test_now = h->now += SECOND;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now), 0);
	assert_int_equal(ban_length(h), 2 * MINUTE);
}

static void breaches_are_remembered_for_as_long_as_they_count(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m after 2 breaches in 1h");
	breach(h);
	dp_control(h->dp)->test_now = h->now += 59 * MINUTE;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now), 0);
	breach(h);
	assert_true(banned(h));
}

static void clearing_a_source_frees_it_at_once(void **state)
{
	struct harness *h = *state;
	struct told t = {};
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1h");
	breach(h);
	assert_true(banned(h));
	assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 1);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_UNDER_LIMIT);
	dp_events(h->dp, see, &t);
	assert_int_equal(t.unbanned, 1);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_third_breach_within_the_time_bans),
		TEST(breaches_too_far_apart_do_not_ban),
		TEST(bans_double_up_to_the_longest_and_are_forgiven),
		TEST(a_moving_window_bans_too),
		TEST(a_monitored_limit_bans_nobody),
		TEST(the_allowed_are_never_banned),
		TEST(both_ends_of_a_ban_are_told_and_no_sweep_forgets_it),
		TEST(a_source_that_behaves_is_remembered_as_long_as_its_ban),
		TEST(breaches_are_remembered_for_as_long_as_they_count),
		TEST(clearing_a_source_frees_it_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
