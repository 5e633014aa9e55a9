// SPDX-License-Identifier: GPL-2.0-only
/* Hits of applications: judged as packets are, in states of their own, and told what is left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define MINUTE (60 * SECOND)

static struct rl_hit hit_of(struct harness *h, const char *limit, __u64 key, __u32 cost)
{
	__u32 index = harness_index(h, limit);

	return (struct rl_hit){.key = {.half = {key, 0x1234567890abcdefull}},
			       .limit_id = dp_rules(h->dp)->limit[index].id,
			       .index = index,
			       .cost = cost};
}

static struct rl_hit hit(struct harness *h, const char *limit, __u64 key, __u32 cost)
{
	struct rl_hit one = hit_of(h, limit, key, cost);

	dp_control(h->dp)->test_now = h->now;
	assert_int_equal(dp_hit(h->dp, &one, 1), 0);
	return one;
}

static enum rl_answer answer(struct harness *h, const char *limit, __u64 key)
{
	return hit(h, limit, key, 1).answer;
}

/* The same limit on packets and on hits, met by both at the same random moments. */
static void hits_are_judged_as_packets_are(void **state)
{
	static const char *const rules[] = {
		"5/10s",
		"5/10s strategy elastic",
		"5/10s,12/minute",
		"5/10s,12/minute strategy elastic",
		"5/10s,12/minute strategy sliding-window",
		"5/10s,12/minute strategy moving-window",
		"5/10s burst 7 strategy token-bucket",
		"3/10s,9/hour ban for 1m up to 5m after 2 breaches in 1m",
		"0/s",
	};
	struct harness *h = *state;
	struct frame f;

	packet_udp(&f, SRC, DST, 1, 2);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		char line[256];

		snprintf(line, sizeof(line),
			 "set-limit packets %s match udp\nset-limit hits %s per app", rules[i],
			 rules[i]);
		harness_conf(h, line);
		for (unsigned n = 0; n < 400; n++) {
			bool passed = harness_passed(h, &f, 1);

			if ((answer(h, "hits", i) == RL_ADMITTED) != passed)
				fail_msg("%s: hit %u, the packet %s", rules[i], n,
					 passed ? "passed" : "did not");
			h->now += (__u64)random() % (4 * SECOND);
		}
		harness_conf(h, "del-limit packets\ndel-limit hits");
		h->now += 10000 * SECOND;
	}
}

static void what_is_left_never_rises_in_a_window(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/10s,100/hour per app");
	for (__u64 n = 1; n <= 8; n++) {
		struct rl_hit one = hit(h, "a", 1, 1);

		assert_int_equal(one.answer, n <= 5 ? RL_ADMITTED : RL_REFUSED);
		assert_int_equal(one.window, 0);
		assert_int_equal(one.state.a & RL_COUNT, n);
		assert_int_equal(one.state.b, h->now + 10 * SECOND - (n - 1) * SECOND);
		assert_int_equal(one.now, h->now);
		h->now += SECOND;
	}
	assert_int_equal(hit(h, "a", 2, 1).state.a & RL_COUNT, 1);
}

/* The window that refused is the one that is told of. */
static void the_longer_window_speaks_when_it_refuses(void **state)
{
	struct harness *h = *state;
	struct rl_hit one;

	harness_conf(h, "set-limit a 5/s,7/minute per app");
	for (unsigned n = 0; n < 7; n++) {
		assert_int_equal(answer(h, "a", 1), RL_ADMITTED);
		h->now += SECOND;
	}
	one = hit(h, "a", 1, 1);
	assert_int_equal(one.answer, RL_REFUSED);
	assert_int_equal(one.window, 1);
	assert_int_equal(one.state.a & RL_COUNT, 8);
	assert_int_equal(one.until, h->now + MINUTE - 7 * SECOND);
}

static void a_hit_may_cost_more(void **state)
{
	static const char *const strategies[] = {"fixed-window", "sliding-window", "token-bucket"};
	struct harness *h = *state;

	for (size_t i = 0; i < 3; i++) {
		char line[128];

		snprintf(line, sizeof(line), "set-limit a 10/minute per app strategy %s",
			 strategies[i]);
		harness_conf(h, line);
		assert_int_equal(hit(h, "a", 1, 4).answer, RL_ADMITTED);
		assert_int_equal(hit(h, "a", 1, 6).answer, RL_ADMITTED);
		assert_int_equal(hit(h, "a", 1, 1).answer, RL_REFUSED);
		assert_int_equal(hit(h, "a", 2, 11).answer, RL_REFUSED);
		assert_int_equal(hit(h, "a", 3, ~0u).answer, RL_REFUSED);
		harness_conf(h, "del-limit a");
	}
}

/* Of 48 in one go each is counted before the next. */
static void many_hits_at_once(void **state)
{
	struct harness *h = *state;
	struct rl_hit hits[RL_HITS_MAX];
	unsigned admitted[2] = {0};

	harness_conf(h, "set-limit a 5/minute per app\nset-limit b 20/minute per app");
	for (unsigned i = 0; i < RL_HITS_MAX; i++)
		hits[i] = hit_of(h, i % 2 ? "b" : "a", 7, 1);
	dp_control(h->dp)->test_now = h->now;
	assert_int_equal(dp_hit(h->dp, hits, RL_HITS_MAX), 0);
	for (unsigned i = 0; i < RL_HITS_MAX; i++)
		admitted[i % 2] += hits[i].answer == RL_ADMITTED;
	assert_int_equal(admitted[0], 5);
	assert_int_equal(admitted[1], 20);
	assert_int_equal(dp_hit(h->dp, hits, 0), -EINVAL);
	assert_int_equal(dp_hit(h->dp, hits, RL_HITS_MAX + 1), -EINVAL);
}

static void only_a_limit_per_app_that_is_at_work_answers(void **state)
{
	struct harness *h = *state;
	struct rl_hit one;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute per app\nset-limit p 5/minute match any");
	assert_int_equal(answer(h, "p", 1), RL_NO_ANSWER);
	one = hit_of(h, "a", 1, 1);
	one.limit_id++;
	assert_int_equal(dp_hit(h->dp, &one, 1), 0);
	assert_int_equal(one.answer, RL_NO_ANSWER);
	one = hit_of(h, "a", 1, 1);
	one.index = RL_LIMITS_MAX + harness_index(h, "a");
	assert_int_equal(dp_hit(h->dp, &one, 1), 0);
	assert_int_equal(one.answer, RL_NO_ANSWER);
	harness_conf(h, "disable a");
	assert_int_equal(answer(h, "a", 1), RL_NO_ANSWER);
	harness_conf(h, "enable a");
	assert_int_equal(answer(h, "a", 1), RL_ADMITTED);
	/* And no packet is judged by it. */
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 10), 5);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_PASS].packets, 1);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 0);
}

static void modes_hold_for_hits_too(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/minute per app\nset-limit m 1/minute per app monitor");
	assert_int_equal(answer(h, "m", 1), RL_ADMITTED);
	assert_int_equal(answer(h, "m", 1), RL_REFUSED_MONITORED);
	harness_conf(h, "mode off");
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(hit(h, "a", 1, 1).mode, RL_MODE_OFF);
		assert_int_equal(answer(h, "a", 1), RL_ADMITTED);
	}
	harness_conf(h, "mode monitor");
	assert_int_equal(answer(h, "a", 1), RL_ADMITTED);
	assert_int_equal(hit(h, "a", 1, 1).mode, RL_MODE_MONITOR);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_WOULD_DROP].packets, 1);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 0);
}

static void a_ban_holds(void **state)
{
	struct harness *h = *state;
	struct rl_hit one;

	harness_conf(h, "set-limit a 2/s per app ban for 1m");
	for (unsigned n = 0; n < 3; n++)
		hit(h, "a", 1, 1);
	h->now += 5 * SECOND;
	one = hit(h, "a", 1, 1);
	assert_int_equal(one.answer, RL_REFUSED_BANNED);
	assert_int_equal(one.until, h->now + MINUTE - 5 * SECOND);
	h->now += MINUTE;
	assert_int_equal(answer(h, "a", 1), RL_ADMITTED);
}

/* Packets that are refused afterwards find nothing of the hit's that went before on this CPU. */
static void packets_are_packets_again(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute per app\nset-limit p 2/minute match udp");
	packet_udp(&f, SRC, DST, 1, 2);
	for (unsigned n = 0; n < 4; n++) {
		hit(h, "a", 1, 1000);
		assert_int_equal(harness_passed(h, &f, 1), n < 2);
	}
	assert_int_equal(harness_limit(h, "p").verdict[RL_VERDICT_DROP].packets, 2);
	/* The first refusal makes the entry of the front table that the second meets. */
	assert_int_equal(source_in_front(h, "p", SRC), 1);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hits_are_judged_as_packets_are),
		TEST(what_is_left_never_rises_in_a_window),
		TEST(the_longer_window_speaks_when_it_refuses),
		TEST(a_hit_may_cost_more),
		TEST(many_hits_at_once),
		TEST(only_a_limit_per_app_that_is_at_work_answers),
		TEST(modes_hold_for_hits_too),
		TEST(a_ban_holds),
		TEST(packets_are_packets_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
