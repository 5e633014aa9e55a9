/* SPDX-License-Identifier: GPL-2.0-only */
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

static bool any_ban(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	return true;
}

static void everywhere_bans_from_everything(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	breach(h);
	assert_reason(h, packet_tcp(&f, SRC, DST, 1, 2, 0), RL_REASON_BANNED);
	assert_reason(h, packet_icmp(&f, SRC, DST, 8, 0), RL_REASON_BANNED);
	assert_reason(h, packet_tcp(&f, "192.0.2.9", DST, 1, 2, 0), RL_REASON_NO_LIMIT);
	harness_conf(h, "mode monitor");
	assert_int_equal(harness_run(h, packet_icmp(&f, SRC, DST, 8, 0)), XDP_PASS);
	harness_conf(h, "mode enforce\nallow add " SRC);
	assert_reason(h, &f, RL_REASON_ALLOW_LIST);
	harness_conf(h, "allow del " SRC "\ndisable a");
	assert_reason(h, &f, RL_REASON_NO_LIMIT);
	harness_conf(h, "enable a");
	assert_reason(h, &f, RL_REASON_BANNED);
	h->now += MINUTE;
	assert_reason(h, &f, RL_REASON_NO_LIMIT);
	assert_int_equal(dp_control(h->dp)->bans, 1); /* until the daemon looks */
	dp_bans_lift(h->dp, any_ban, NULL);
	assert_int_equal(dp_control(h->dp)->bans, 0);
}

/* A ban holds for the prefix that its limit counts per, and the longest of several does. */
static void everywhere_bans_by_the_limits_prefix(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second per source/24/56 match udp ban for 1m everywhere\n"
			"set-limit b 1/second match tcp ban for 2m everywhere");
	breach(h);
	assert_reason(h, packet_icmp(&f, "192.0.2.200", DST, 8, 0), RL_REASON_BANNED);
	assert_reason(h, packet_icmp(&f, "192.0.3.1", DST, 8, 0), RL_REASON_NO_LIMIT);
	harness_passed(h, packet_tcp(&f, "192.0.3.1", DST, 1, 2, 0), 3);
	harness_passed(h, packet_udp(&f, "2001:db8:0:1ff::1", "2001:db8::1", 1, 2), 3);
	assert_reason(h, packet_icmp(&f, "2001:db8:0:100::9", "2001:db8::1", 128, 0),
		      RL_REASON_BANNED);
	assert_reason(h, packet_icmp(&f, "2001:db8:0:200::9", "2001:db8::1", 128, 0),
		      RL_REASON_NO_LIMIT);
	h->now += MINUTE;
	assert_reason(h, packet_icmp(&f, "192.0.2.200", DST, 8, 0), RL_REASON_NO_LIMIT);
	assert_reason(h, packet_icmp(&f, "192.0.3.1", DST, 8, 0), RL_REASON_BANNED);
	assert_int_equal(dp_control(h->dp)->bans, 3);
	dp_bans_lift(h->dp, any_ban, NULL);
	assert_int_equal(dp_control(h->dp)->bans, 0);
}

static bool count_and_keep(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	++*(int *)ctx;
	return false;
}

/* Pieces have 64 bans. Those that stay are seen once a round, those that go leave no gap. */
static void a_walk_in_pieces_comes_to_all_bans(void **state)
{
	struct harness *h = *state;
	struct frame f;
	char source[ADDR_TEXT];
	int seen = 0;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	for (int i = 0; i < 200; i++) {
		snprintf(source, sizeof(source), "192.0.2.%d", i);
		harness_passed(h, packet_udp(&f, source, DST, 1, 2), 2);
	}
	assert_int_equal(dp_control(h->dp)->bans, 200);
	for (int round = 1; round <= 2; round++) {
		for (int piece = 0; piece < 4; piece++)
			dp_bans_lift_some(h->dp, count_and_keep, &seen);
		assert_int_equal(seen, round * 200);
	}
	for (int left = 200 - 64; left > 0; left -= 64) {
		dp_bans_lift_some(h->dp, any_ban, NULL);
		assert_int_equal(dp_control(h->dp)->bans, left);
	}
	dp_bans_lift_some(h->dp, any_ban, NULL);
	assert_int_equal(dp_control(h->dp)->bans, 0);
	assert_reason(h, packet_icmp(&f, "192.0.2.7", DST, 8, 0), RL_REASON_NO_LIMIT);
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
		TEST(clearing_a_source_frees_it_at_once),
		TEST(everywhere_bans_from_everything),
		TEST(everywhere_bans_by_the_limits_prefix),
		TEST(a_walk_in_pieces_comes_to_all_bans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
