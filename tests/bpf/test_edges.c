// SPDX-License-Identifier: GPL-2.0-only
/* Single values at which something changes: nothing at all, the very cutoff, the 65th limit. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

static void nothing_admits_nothing(void **state)
{
	static const char *const strategies[] = {"fixed-window", "elastic", "sliding-window",
						 "moving-window"};
	struct harness *h = *state;
	struct frame f;
	char line[96];

	packet_udp(&f, SRC, DST, 1, 2);
	for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
		snprintf(line, sizeof(line), "set-limit a 0/minute match any strategy %s",
			 strategies[i]);
		harness_conf(h, line);
		for (int minute = 0; minute < 5; minute++, h->now += 61 * SECOND)
			assert_int_equal(harness_passed(h, &f, 5), 0);
		harness_conf(h, "del-limit a");
	}
}

static void a_source_seen_at_the_cutoff_is_not_idle(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u64 seen = h->now;

	harness_conf(h, "set-limit a 5/second match any");
	harness_run(h, packet_udp(&f, SRC, DST, 1, 2));
	dp_control(h->dp)->test_now = h->now += 10 * SECOND;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, seen), 0);
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, seen + 1), 1);
}

static unsigned logs_of(struct bpf_map *map)
{
	struct rl_key key, *before = NULL;
	unsigned count = 0;

	while (!bpf_map_get_next_key(bpf_map__fd(map), before, &key)) {
		before = &key;
		count++;
	}
	return count;
}

static void logs_go_with_their_source(void **state)
{
	struct harness *h = *state;

	harness_conf(
		h,
		"set-limit a 10/second,100/minute match any strategy moving-window on-full drop");
	harness_strangers(h, 0, 20);
	assert_int_equal(logs_of(h->dp->skel->maps.logs16), 20);
	assert_int_equal(logs_of(h->dp->skel->maps.logs256), 20);
	assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 20);
	assert_int_equal(logs_of(h->dp->skel->maps.logs16), 0);
	assert_int_equal(logs_of(h->dp->skel->maps.logs256), 0);
}

/* The log of the short window is made first. */
static void a_source_without_room_for_all_logs_keeps_none(void **state)
{
	struct harness *h = *state;
	unsigned room = bpf_map__max_entries(h->dp->skel->maps.logs1024);

	harness_conf(h, "set-limit a 10/second,1000/hour match any strategy moving-window on-full "
			"drop");
	assert_int_equal(harness_strangers(h, 0, room + 88), room);
	assert_int_equal(logs_of(h->dp->skel->maps.logs1024), room);
	assert_int_equal(logs_of(h->dp->skel->maps.logs16), room);
}

/* Of more than 64 limits, or with prefixes, the match takes another way. */
static void many_limits_leave_the_default_what_few_do(void **state)
{
	struct harness *h = *state;
	struct frame f;
	char line[96];

	harness_conf(h, "set-limit 0/minute");
	for (int i = 0; i < 130; i++) {
		snprintf(line, sizeof(line), "set-limit l%d 5/minute match udp dport %d%s", i,
			 100 + i, i == 129 ? " monitor" : "");
		harness_apply(h, line);
	}
	harness_apply(h, "set-limit net 5/minute match tcp src 192.0.2.0/24");
	harness_publish(h);
	for (int i = 0; i < 129; i += 16)
		assert_reason(h, packet_udp(&f, SRC, DST, 1, 100 + i), RL_REASON_UNDER_LIMIT);
	assert_reason(h, packet_tcp(&f, SRC, DST, 1, 2, TCP_ACK), RL_REASON_UNDER_LIMIT);
	assert_reason(h, packet_tcp(&f, "192.0.3.1", DST, 1, 2, TCP_ACK), RL_REASON_OVER_LIMIT);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 229), RL_REASON_OVER_LIMIT);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 99), RL_REASON_OVER_LIMIT);
}

/* RFC 6980 and RFC 3810. */
static void discovery_in_fragments_and_routed_mld_are_judged(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit 0/minute");
	packet_fragment(packet_ip(&f, "fe80::1", "ff02::1"), 0, true);
	packet_end(frame_icmp(&f, 135, 0));
	f.data[14 + 7] = 255;
	assert_reason(h, &f, RL_REASON_OVER_LIMIT);
	packet_icmp(&f, "fe80::1", "ff02::16", 143, 0);
	f.data[14 + 7] = 2;
	assert_reason(h, &f, RL_REASON_OVER_LIMIT);
}

static void after_a_ban_breaches_are_counted_anew(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match any ban for 2s after 3 breaches in 1h");
	packet_udp(&f, SRC, DST, 1, 2);
	for (int ban = 1; ban < 4; ban++) {
		for (int breach = 0; breach < 3; breach++, h->now += SECOND)
			assert_int_equal(harness_passed(h, &f, 3), 1);
		assert_reason(h, &f, RL_REASON_BANNED);
		assert_int_equal(harness_limit(h, "a").bans, ban);
		h->now += SECOND;
	}
}

/* Refused by a longer window, none of them is met in the front table. */
static void a_breach_is_the_first_refusal_of_a_window(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 100/second,5/minute match any ban for 1h after 3 breaches in "
			"1h");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 50), 5);
	assert_int_equal(harness_limit(h, "a").breaches, 1);
	assert_int_equal(harness_limit(h, "a").bans, 0);
	assert_reason(h, &f, RL_REASON_OVER_LIMIT);
}

static __u64 sweeps(struct harness *h)
{
	struct rl_losses l;

	assert_int_equal(dp_losses(h->dp, &l), 0);
	return l.sweeps;
}

/* Without a daemon: a flood of strangers must not walk the table each time. */
static void packets_sweep_a_full_table_each_ten_seconds(void **state)
{
	struct harness *h = *state;
	struct rl_control *c = dp_control(h->dp);

	harness_conf(h, "set-limit a 5/hour match any on-full drop");
	c->idle_ns = SECOND;
	c->heartbeat = 1;
	harness_strangers(h, 0, dp_sources_max(h->dp) + 100);
	assert_int_equal(sweeps(h), 1);
	h->now += 10 * SECOND - 1;
	harness_strangers(h, 60000, 100);
	assert_int_equal(sweeps(h), 1);
	h->now += 1;
	harness_strangers(h, 60000, 100);
	assert_int_equal(sweeps(h), 2);
}

/* More than 64, of which two match that are far apart, one does, or none but the default. */
static void limits_of_many_words_judge_together(void **state)
{
	struct harness *h = *state;
	struct frame f;
	char line[80];

	for (int i = 0; i < 128; i++) {
		snprintf(line, sizeof(line), "set-limit l%03d 2/minute match udp dport %d", i,
			 1000 + i);
		harness_conf(h, line);
	}
	harness_conf(h, "set-limit l000 100/minute match udp dport 1000-1200");
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.1", DST, 1, 1127), 5), 2);
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.2", DST, 1, 1200), 5), 5);
	assert_int_equal(harness_limit(h, "l000").verdict[RL_VERDICT_PASS].packets, 10);
	harness_conf(h, "set-limit 1/minute");
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.3", DST, 1, 1200), 5), 5);
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.3", DST, 1, 2), 5), 1);
	/* Two words full, and the default alone in the third. */
	harness_conf(h, "set-limit l000 2/minute match udp dport 1000");
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.4", DST, 1, 1127), 5), 2);
	harness_conf(h, "set-limit l070 5/minute match udp dport 1070 monitor");
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.5", DST, 1, 1070), 5), 1);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_admits_nothing),
		TEST(limits_of_many_words_judge_together),
		TEST(a_source_seen_at_the_cutoff_is_not_idle),
		TEST(logs_go_with_their_source),
		TEST(a_source_without_room_for_all_logs_keeps_none),
		TEST(many_limits_leave_the_default_what_few_do),
		TEST(discovery_in_fragments_and_routed_mld_are_judged),
		TEST(after_a_ban_breaches_are_counted_anew),
		TEST(a_breach_is_the_first_refusal_of_a_window),
		TEST(packets_sweep_a_full_table_each_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
