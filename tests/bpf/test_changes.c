// SPDX-License-Identifier: GPL-2.0-only
/* What a change of the rules means for sources that are being refused: it acts at once, and what
 * they have used up stays used up. */
#include <stdio.h>
#include <string.h>

#include "bpf/quick/front.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

static void refused_packets_count_when_the_amount_is_raised(void **state)
{
	struct harness *h = *state;
	struct frame f;

	packet_udp(&f, SRC, DST, 1, 2);
	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(harness_passed(h, &f, 50), 5);
	harness_conf(h, "set-limit a 40/minute match udp");
	assert_int_equal(harness_passed(h, &f, 10), 0);
	harness_conf(h, "set-limit a 70/minute match udp");
	assert_int_equal(harness_passed(h, &f, 50), 10);
}

static void a_raised_amount_admits_at_once(void **state)
{
	struct harness *h = *state;
	struct frame f;

	packet_udp(&f, SRC, DST, 1, 2);
	harness_conf(h, "set-limit a 5/minute match udp strategy sliding-window");
	assert_int_equal(harness_passed(h, &f, 50), 5);
	harness_conf(h, "set-limit a 8/minute match udp strategy sliding-window");
	assert_int_equal(harness_passed(h, &f, 50), 3);
}

static void a_lowered_amount_refuses_at_once(void **state)
{
	struct harness *h = *state;
	struct frame f;

	packet_udp(&f, SRC, DST, 1, 2);
	harness_conf(h, "set-limit a 50/minute match udp");
	assert_int_equal(harness_passed(h, &f, 20), 20);
	harness_conf(h, "set-limit a 10/minute match udp");
	assert_int_equal(harness_passed(h, &f, 5), 0);
}

/* The limits are the same, so that no count and no entry of the front table has to end. */
static void monitor_lets_those_go_that_are_refused(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u32 verdict;

	packet_udp(&f, SRC, DST, 1, 2);
	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(harness_passed(h, &f, 15), 5);
	harness_conf(h, "mode monitor");
	assert_int_equal(harness_reason(h, &f, &verdict), RL_REASON_OVER_LIMIT);
	assert_int_equal(verdict, RL_VERDICT_WOULD_DROP);
	assert_int_equal(harness_passed(h, &f, 19), 19);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_WOULD_DROP].packets, 20);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 10);
	harness_conf(h, "mode enforce");
	assert_int_equal(harness_passed(h, &f, 5), 0);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 15);
}

/* Half a period later half of them still count. The products have more than 64 bits. */
static void a_sliding_year_is_exact(void **state)
{
	struct harness *h = *state;
	const __u64 year = 360 * 86400 * SECOND;
	struct frame f;

	for (unsigned quarter = 1; quarter < 4; quarter++) {
		harness_conf(h, "set-limit a 4000/year match udp strategy sliding-window");
		packet_udp(&f, SRC, DST, 1, 2);
		assert_int_equal(harness_passed(h, &f, 5000), 4000);
		h->now += year + quarter * (year / 4);
		assert_int_equal(harness_passed(h, &f, 5000), quarter * 1000);
		harness_conf(h, "del-limit a");
	}
}

/* Packets that pass of `count` from SRC by UDP. */
static unsigned udp_passed(struct harness *h, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), count);
}

static void a_change_of_limits_ends_entries_and_frees_nobody(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(udp_passed(h, 15), 5);
	/* Lists and modes leave the limits alone: the entry goes on. */
	harness_conf(h, "deny add 203.0.113.1");
	assert_int_equal(udp_passed(h, 5), 0);
	assert_int_equal(source_in_front(h, "a", SRC), 14);
	/* Another limit: the state is asked, refuses, and makes a new entry. */
	harness_conf(h, "set-limit b 5/minute match tcp");
	assert_int_equal(udp_passed(h, 5), 0);
	assert_int_equal(source_in_front(h, "a", SRC), 4);
	assert_int_equal(source_state(h, "a", SRC).drop_packets, 16);
	harness_conf(h, "set-limit a 30/minute match udp");
	assert_int_equal(udp_passed(h, 10), 5); /* 25 have come in this minute */
	harness_conf(h, "del-limit a");
	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(udp_passed(h, 10), 5);
}

/* The marks of rule sets, so that the next change makes the one after it. */
static void set_mark(struct harness *h, __u64 mark)
{
	struct rl_rules *active = h->dp->rules[dp_control(h->dp)->active];

	active->front_mark = mark << RL_FRONT_MARK_SHIFT;
}

/* Marks come round after 2048 changes, which take less than the horizon if somebody hurries. */
static void entries_end_though_their_mark_comes_round(void **state)
{
	struct harness *h = *state;

	for (__u64 mark = 0; mark < 3; mark++) {
		harness_conf(h, "set-limit a 5/minute match udp strategy sliding-window");
		set_mark(h, mark);
		assert_int_equal(udp_passed(h, 10), 5);
		assert_int_equal(source_in_front(h, "a", SRC), 4);
		set_mark(h, RL_FRONT_MARKS - 2);
		for (unsigned change = 0; change <= mark; change++) {
			char line[96];

			snprintf(line, sizeof(line),
				 "set-limit a %u/minute match udp strategy sliding-window",
				 6 + change);
			harness_conf(h, line);
		}
		assert_int_equal(dp_rules(h->dp)->front_mark, mark << RL_FRONT_MARK_SHIFT);
		assert_int_equal(udp_passed(h, 10), 1 + mark);
		assert_int_equal(source_state(h, "a", SRC).drop_packets +
					 source_in_front(h, "a", SRC),
				 14 - mark);
		harness_conf(h, "del-limit a");
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
	}
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused_packets_count_when_the_amount_is_raised),
		TEST(a_raised_amount_admits_at_once),
		TEST(a_lowered_amount_refuses_at_once),
		TEST(monitor_lets_those_go_that_are_refused),
		TEST(a_sliding_year_is_exact),
		TEST(a_change_of_limits_ends_entries_and_frees_nobody),
		TEST(entries_end_though_their_mark_comes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
