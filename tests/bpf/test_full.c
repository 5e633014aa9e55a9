// SPDX-License-Identifier: GPL-2.0-only
/* A full table: with on-full shared strangers share one bucket, exactly; whoever has a state is
 * judged by it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/strategy/strategy.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define ROOM 64
#define PACKETS 3000

static int small_setup(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

/* A packet of a source that has no state, and finds no room. */
static bool stranger_passes(struct harness *h)
{
	struct frame f;
	char src[32];
	static unsigned n;

	n++;
	snprintf(src, sizeof(src), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	return harness_run(h, packet_udp(&f, src, DST, 1, 2)) == XDP_PASS;
}

static unsigned strangers_passed(struct harness *h, unsigned count)
{
	unsigned passed = 0;

	while (count--)
		passed += stranger_passes(h);
	return passed;
}

/* Other packets' sources take all room. */
static void fill(struct harness *h)
{
	struct frame f;
	char src[32];

	harness_conf(h, "set-limit fill 1/day match tcp on-full drop");
	for (unsigned i = 0; i < 4 * ROOM; i++) {
		snprintf(src, sizeof(src), "198.51.%u.%u", i / 256, i % 256);
		harness_run(h, packet_tcp(&f, src, DST, 1, 2, TCP_SYN));
	}
	assert_true(harness_limit(h, "fill").full > ROOM);
}

static __u64 random_up_to(__u64 most)
{
	return ((__u64)rand() << 31 | rand()) % (most + 1);
}

/* A moving window's log has no place in the bucket, which counts by pairs of buckets instead. */
static void strangers_are_judged_as_one_source(void **state)
{
	static const char *const limits[] = {
		"set-limit a 9/10s match udp on-full shared",
		"set-limit a 4/second,20/minute match udp on-full shared",
		"set-limit a 9/10s match udp strategy sliding-window on-full shared",
		"set-limit a 9/10s match udp strategy moving-window on-full shared",
		"set-limit a 9/10s match udp strategy elastic on-full shared",
		"set-limit a 9/10s match udp strategy token-bucket on-full shared",
		"set-limit a 4/second,20/minute match udp strategy sliding-window on-full shared",
		"set-limit a 420 bytes/10s match udp on-full shared",
	};
	struct harness *h = *state;
	unsigned seed = (unsigned)time(NULL);

	srand(seed);
	print_message("# seed %u\n", seed);
	fill(h);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct rl_limit *l;
		struct rl_state model = {};
		unsigned passed = 0;

		harness_conf(h, limits[i]);
		l = &dp_rules(h->dp)->limit[harness_index(h, "a")];
		for (unsigned n = 0; n < PACKETS; n++) {
			__u64 cost = l->unit == RL_UNIT_BYTES ? 42 : 1;
			bool want = true, got;
			struct rl_take t;

			if (rand() % 4 == 0)
				h->now += random_up_to(l->window[0].period_ns / 9);
			else if (rand() % 64 == 0)
				h->now += random_up_to(3 * l->window[l->windows - 1].period_ns);
			for (__u32 w = 0; w < l->windows && want; w++) {
				rl_take_window(&model.window[w], l, w, h->now, cost, 0, &t);
				want = t.admitted;
			}
			got = stranger_passes(h);
			passed += got;
			if (got != want)
				fail_msg("%s: packet %u at %" PRIu64 " %s", limits[i], n,
					 (uint64_t)h->now, got ? "passed" : "was refused");
		}
		if (passed < PACKETS / 50 || passed > PACKETS / 50 * 49)
			fail_msg("%s: %u of %u passed: no test", limits[i], passed, PACKETS);
		harness_conf(h, "del-limit a");
	}
}

static void strangers_are_refused_to_the_end_of_their_window(void **state)
{
	struct harness *h = *state;

	fill(h);
	harness_conf(h, "set-limit a 5/minute match udp on-full shared");
	for (int minute = 0; minute < 5; minute++) {
		__u64 start = h->now;

		assert_int_equal(strangers_passed(h, 20), 5);
		h->now = start + 60 * SECOND - 1;
		assert_int_equal(strangers_passed(h, 5), 0);
		h->now = start + 60 * SECOND;
	}
}

static void a_new_amount_is_the_strangers_at_once(void **state)
{
	struct harness *h = *state;

	fill(h);
	harness_conf(h, "set-limit a 5/minute match udp strategy sliding-window on-full shared");
	assert_int_equal(strangers_passed(h, 20), 5);
	harness_conf(h, "set-limit a 8/minute match udp strategy sliding-window on-full shared");
	assert_int_equal(strangers_passed(h, 20), 3);
	harness_conf(h, "set-limit a 2/minute match udp strategy sliding-window on-full shared");
	assert_int_equal(strangers_passed(h, 20), 0);
	/* Another limit, with a bucket of its own, perhaps in the same place. */
	harness_conf(h, "del-limit a\nset-limit b 5/minute match udp on-full shared");
	assert_int_equal(strangers_passed(h, 20), 5);
	harness_conf(h, "del-limit b");
	harness_conf(h, "set-limit c 7/minute match udp on-full shared");
	assert_int_equal(strangers_passed(h, 20), 7);
}

static void see_banned(void *ctx, const struct rl_event *event)
{
	*(unsigned *)ctx += event->kind == RL_EVENT_BANNED;
}

static void nobody_is_banned_for_the_strangers(void **state)
{
	struct harness *h = *state;
	unsigned banned = 0;

	fill(h);
	harness_conf(h, "set-limit a 5/second match udp ban for 1h everywhere on-full shared");
	assert_int_equal(strangers_passed(h, 20), 5);
	h->now += SECOND;
	assert_int_equal(strangers_passed(h, 20), 5);
	dp_events(h->dp, see_banned, &banned);
	assert_int_equal(banned, 0);
	assert_int_equal(dp_control(h->dp)->bans, 0);
	assert_int_equal(harness_limit(h, "a").bans, 0);
}

/* Once a packet has found no room, who has a state is asked of the presence filter first. */
static void see_known(struct harness *h, unsigned amount)
{
	struct frame f;
	char src[32];

	for (unsigned i = 0; i < 8; i++) {
		strangers_passed(h, 3);
		snprintf(src, sizeof(src), "192.0.2.%u", i);
		assert_int_equal(harness_passed(h, packet_udp(&f, src, DST, 1, 2), 9), amount);
		assert_int_equal(source_state(h, "a", src).pass_packets, 5);
	}
}

static void the_known_are_known_while_the_table_is_full(void **state)
{
	struct harness *h = *state;
	struct frame f;
	char src[32];

	harness_conf(h, "set-limit a 5/minute match udp on-full drop");
	for (unsigned i = 0; i < 8; i++) {
		snprintf(src, sizeof(src), "192.0.2.%u", i);
		assert_int_equal(harness_passed(h, packet_udp(&f, src, DST, 1, 2), 1), 1);
	}
	fill(h);
	see_known(h, 4);
	see_known(h, 0);
	/* Their states move to another table, which is as full. */
	harness_resize(h, 2 * ROOM);
	fill(h);
	see_known(h, 0);
}

/* Room that is made is found, by strangers too. */
static void strangers_get_the_room_that_is_made(void **state)
{
	struct harness *h = *state;
	__u64 count = 0;

	fill(h);
	harness_conf(h, "set-limit a 5/minute match udp on-full drop");
	assert_int_equal(strangers_passed(h, 9), 0);
	assert_true(harness_sweep(h, RL_SWEEP_CLEAR, 0) >= ROOM);
	assert_int_equal(source_presence(h), 0);
	h->now++;
	assert_int_equal(strangers_passed(h, 9), 9);
	assert_int_equal(source_presence(h), 9);
	count = harness_limit(h, "a").created;
	assert_int_equal(count, 9);
}

/* Leaves a source's state as one that is being forgotten; returns its place. */
static __u64 leave_half_forgotten(struct harness *h, const char *src)
{
	int states = bpf_map__fd(h->dp->skel->maps.states);
	struct rl_state st = source_state(h, "a", src);
	__u64 fingerprint = st.fingerprint;

	st.fingerprint = RL_DEAD;
	for (int i = 0; i < RL_WINDOWS_MAX; i++)
		st.window[i].a = 0;
	assert_int_equal(bpf_map_update_elem(states, &fingerprint, &st, BPF_EXIST), 0);
	return fingerprint;
}

static void see_told_full(void *ctx, const struct rl_event *event)
{
	*(unsigned *)ctx += event->kind == RL_EVENT_STATE_FULL;
}

/* There is room, so no policy may let through what its next state could let through again. */
static void who_is_being_forgotten_all_the_time_is_refused(void **state)
{
	static const char *const strategies[] = {"fixed-window", "sliding-window", "moving-window",
						 "elastic", "token-bucket"};
	static const char *const policies[] = {"spread", "shared", "pass", "drop"};
	struct harness *h = *state;
	unsigned told = 0;
	struct frame f;
	char line[128];

	packet_udp(&f, SRC, DST, 1, 2);
	for (size_t i = 0; i < 5 * 4; i++) {
		__u64 fingerprint;
		__u32 verdict;

		snprintf(line, sizeof(line),
			 "set-limit a 5/second match udp strategy %s on-full %s", strategies[i / 4],
			 policies[i % 4]);
		harness_conf(h, line);
		h->now += 10 * SECOND;
		assert_int_equal(harness_passed(h, &f, 1), 1);
		fingerprint = leave_half_forgotten(h, SRC);
		assert_int_equal(harness_reason(h, &f, &verdict), RL_REASON_STATE_FULL);
		assert_int_equal(verdict, RL_VERDICT_DROP);
		assert_int_equal(harness_passed(h, &f, 8), 0);
		assert_int_equal(harness_limit(h, "a").full, 9);
		assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 9);
		/* Once it is forgotten it is as new. */
		bpf_map_delete_elem(bpf_map__fd(h->dp->skel->maps.states), &fingerprint);
		assert_int_equal(harness_passed(h, &f, 8), 5);
		harness_conf(h, "del-limit a");
	}
	dp_events(h->dp, see_told_full, &told);
	assert_int_equal(told, 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, small_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strangers_are_judged_as_one_source),
		TEST(strangers_are_refused_to_the_end_of_their_window),
		TEST(a_new_amount_is_the_strangers_at_once),
		TEST(nobody_is_banned_for_the_strangers),
		TEST(the_known_are_known_while_the_table_is_full),
		TEST(strangers_get_the_room_that_is_made),
		TEST(who_is_being_forgotten_all_the_time_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
