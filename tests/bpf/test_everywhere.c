// SPDX-License-Identifier: GPL-2.0-only
/* Bans from everything. */
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

static bool any_ban(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	return true;
}

static void lift_all(struct harness *h)
{
	struct dp_bans_at at = {0};
	int r;

	do
		r = dp_bans_lift_piece(h->dp, &at, any_ban, NULL);
	while (r > 0);
	assert_int_equal(r, 0);
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
	lift_all(h);
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
	lift_all(h);
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

#define MANY 5000

struct looks {
	unsigned char seen[MANY];
	unsigned piece, all;
};

static void look(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	struct looks *looks = ctx;

	assert_in_range(ban->until, 0, MANY - 1);
	looks->seen[ban->until]++;
	looks->piece++;
	looks->all++;
}

/* Also when bans end between two pieces, those that were seen and those that were not. */
static void a_look_at_many_bans_takes_pieces_and_sees_each_once(void **state)
{
	struct harness *h = *state;
	int r = 1, pieces = 0, fd = bpf_map__fd(h->dp->skel->maps.bans);
	struct rl_ban_key key[MANY];
	struct dp_bans_at at = {0};
	struct looks looks = {0};

	memset(key, 0, sizeof(key));
	for (__u32 i = 0; i < MANY; i++) {
		const struct rl_ban ban = {.until = i};

		memcpy(&key[i].source, &i, sizeof(i));
		assert_int_equal(bpf_map_update_elem(fd, &key[i], &ban, BPF_ANY), 0);
	}
	for (; r > 0; pieces++) {
		looks.piece = 0;
		r = dp_bans_look(h->dp, &at, look, &looks);
		assert_in_range(looks.piece, 0, DP_BANS_PIECE);
		for (int i = 0; i < MANY / 20; i++)
			bpf_map_delete_elem(fd, &key[pieces * (MANY / 20) + i]);
	}
	assert_int_equal(r, 0);
	assert_in_range(pieces, MANY / DP_BANS_PIECE / 2, MANY / DP_BANS_PIECE + 3);
	for (int i = 0; i < MANY; i++)
		assert_in_range(looks.seen[i], i < pieces * (MANY / 20) ? 0 : 1, 1);
	assert_in_range(looks.all, MANY / 2, MANY);
}

static void a_ban_from_everything_is_made_longer(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp dport 2 ban for 1m everywhere\n"
			"set-limit b 1/second match tcp ban for 5m everywhere");
	breach(h);
	assert_int_equal(dp_control(h->dp)->bans, 1);
	h->now += MINUTE;
	/* It has ended, though it is still there. */
	harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, 0), 3);
	assert_int_equal(dp_control(h->dp)->bans, 1);
	packet_icmp(&f, SRC, DST, 8, 0);
	h->now += 5 * MINUTE - 1;
	assert_reason(h, &f, RL_REASON_BANNED);
	h->now += 1;
	assert_reason(h, &f, RL_REASON_NO_LIMIT);
}

/* Both CPUs may judge a packet of the source when the first of them bans it. */
static void a_ban_that_ends_sooner_leaves_a_longer_one(void **state)
{
	struct harness *h = *state;
	struct rl_ban_key key;
	struct rl_ban ban;
	struct frame f;
	int fd = bpf_map__fd(h->dp->skel->maps.bans);

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	breach(h);
	assert_int_equal(bpf_map_get_next_key(fd, NULL, &key), 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &key, &ban), 0);
	assert_int_equal(ban.until, h->now + MINUTE);
	h->now += MINUTE;
	/* Made between this packet's look and its own ban. */
	ban.until = h->now + 9 * MINUTE;
	assert_int_equal(bpf_map_update_elem(fd, &key, &ban, BPF_ANY), 0);
	dp_control(h->dp)->bans = 0;
	breach(h);
	assert_int_equal(bpf_map_lookup_elem(fd, &key, &ban), 0);
	assert_int_equal(ban.until, h->now + 9 * MINUTE);
	dp_control(h->dp)->bans = 1;
	assert_reason(h, packet_icmp(&f, SRC, DST, 8, 0), RL_REASON_BANNED);
}

static void a_limit_that_says_nothing_of_everywhere_bans_for_itself(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m\n"
			"set-limit b 1/second match tcp ban for 5m everywhere");
	breach(h);
	assert_true(banned(h));
	assert_reason(h, packet_icmp(&f, SRC, DST, 8, 0), RL_REASON_NO_LIMIT);
	assert_int_equal(dp_control(h->dp)->bans, 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everywhere_bans_from_everything),
		TEST(everywhere_bans_by_the_limits_prefix),
		TEST(a_look_at_many_bans_takes_pieces_and_sees_each_once),
		TEST(a_ban_from_everything_is_made_longer),
		TEST(a_ban_that_ends_sooner_leaves_a_longer_one),
		TEST(a_limit_that_says_nothing_of_everywhere_bans_for_itself),
		TEST(a_walk_in_pieces_comes_to_all_bans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
