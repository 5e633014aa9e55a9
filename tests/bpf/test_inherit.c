// SPDX-License-Identifier: GPL-2.0-only
/* What an overflow bucket has counted goes along with a source that gets room: nobody gets more than
 * the limit, with room or without, and nobody is told or banned for what others sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "strangers.h"

#define ROOM 64
#define SOURCES 12
#define PASSED_MAX 4000

static const char *const limits[] = {
	"set-limit a 9/10s match udp",
	"set-limit a 4/second,20/minute match udp",
	"set-limit a 9/10s match udp strategy elastic",
	"set-limit a 9/10s match udp strategy sliding-window",
	"set-limit a 4/second,20/minute match udp strategy sliding-window",
	"set-limit a 9/10s match udp strategy moving-window",
	"set-limit a 4/second,20/minute match udp strategy moving-window",
	"set-limit a 9/10s match udp strategy token-bucket",
	"set-limit a 378 bytes/10s match udp",
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

static int setup(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

/* Each strategy's window: what the bucket has counted, the state does not admit again. */
static void a_newcomer_with_room_takes_along_what_was_counted(void **state)
{
	struct harness *h = *state;

	for (size_t i = 0; i < LIMITS; i++) {
		unsigned amount = strstr(limits[i], "4/second") ? 4 : 9;
		char src[STRANGER_TEXT];

		harness_conf(h, limits[i]);
		h->now += 1000 * SECOND;
		strangers_next(h, "192.0.2.9", true, src);
		strangers_take_room(h);
		assert_int_equal(strangers_passed(h, src, 3), 3);
		strangers_make_room(h);
		if (strangers_passed(h, src, 20) != amount - 3)
			fail_msg("%s: it got more or less than %u", limits[i], amount);
		assert_true(strangers_tracked(h, src, NULL));
		h->now += 1000 * SECOND;
		if (strangers_passed(h, src, 20) != amount)
			fail_msg("%s: it goes on", limits[i]);
		harness_conf(h, "del-limit a");
	}
}

/* Windows that ended are not taken along, and those that go on are, each by itself. */
static void each_window_is_taken_along_by_itself(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 4/second,6/minute match udp");
	strangers_take_room(h);
	assert_int_equal(strangers_passed(h, "192.0.2.9", 4), 4);
	h->now += SECOND;
	strangers_make_room(h);
	assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 2);
}

/* Who is refused for what others sent is told and banned for nothing; for his own he is. */
static void what_was_taken_along_is_no_breach(void **state)
{
	static const char *const strategies[] = {"fixed-window", "elastic", "sliding-window",
						 "moving-window", "token-bucket"};
	struct harness *h = *state;

	for (size_t i = 0; i < 5; i++) {
		bool sliding = !strcmp(strategies[i], "sliding-window");
		char same[STRANGER_TEXT], line[128];

		snprintf(line, sizeof(line), "set-limit a 5/10s match udp strategy %s ban for 1h",
			 strategies[i]);
		harness_conf(h, line);
		strangers_next(h, "192.0.2.9", true, same);
		strangers_take_room(h);
		assert_int_equal(strangers_passed(h, same, 20), 5);
		strangers_make_room(h);
		assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 0);
		h->now += 11 * SECOND + sliding * 9 * SECOND;
		assert_in_range(strangers_passed(h, "192.0.2.9", 1), 1, 1);
		assert_int_equal(harness_limit(h, "a").breaches, 0);
		assert_int_equal(harness_limit(h, "a").bans, 0);
		h->now += 30 * SECOND;
		assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 5);
		assert_int_equal(harness_limit(h, "a").breaches, 1);
		assert_int_equal(harness_limit(h, "a").bans, 1);
		harness_conf(h, "del-limit a");
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
	}
}

static void a_sliding_window_weighs_what_was_taken_along_for_a_period_more(void **state)
{
	struct harness *h = *state;
	char same[STRANGER_TEXT];

	harness_conf(h, "set-limit a 8/10s match udp strategy sliding-window ban for 1h");
	strangers_next(h, "192.0.2.9", true, same);
	strangers_take_room(h);
	assert_int_equal(strangers_passed(h, same, 8), 8);
	strangers_make_room(h);
	h->now += 12400 * MS; /* three quarters of 8 still weigh */
	assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 2);
	assert_int_equal(harness_limit(h, "a").bans, 0);
	h->now += 10 * SECOND;
	assert_true(strangers_passed(h, "192.0.2.9", 20) >= 6);
	assert_int_equal(harness_limit(h, "a").bans, 1);
}

/* The times of what was taken along are not known: none is taken for older than it is. */
static void a_moving_window_keeps_what_was_taken_along_for_a_whole_period(void **state)
{
	struct harness *h = *state;
	__u64 start = h->now += 12345;

	harness_conf(h, "set-limit a 9/10s match udp strategy moving-window");
	strangers_take_room(h);
	assert_int_equal(strangers_passed(h, "192.0.2.9", 9), 9);
	strangers_make_room(h);
	assert_int_equal(strangers_passed(h, "192.0.2.9", 1), 0);
	h->now = start + 10 * SECOND;
	assert_int_equal(strangers_passed(h, "192.0.2.9", 1), 0);
	h->now += 3000; /* rounded up by 2048 ns at most */
	assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 9);
}

/* More than one amount in a time that both windows reach into. */
static unsigned bound_of(const struct rl_limit *l, unsigned window)
{
	unsigned amount = (unsigned)l->window[window].amount / (l->unit == RL_UNIT_BYTES ? 42 : 1);
	bool once = l->strategy == RL_STRATEGY_ELASTIC || l->strategy == RL_STRATEGY_MOVING_WINDOW;

	return once ? amount : 2 * amount;
}

struct sent {
	char src[STRANGER_TEXT];
	__u64 at[PASSED_MAX]; /* of what was admitted */
	unsigned count;
};

static void see_bounds(const struct rl_limit *l, const struct sent *s, const char *line)
{
	for (unsigned w = 0; w < l->windows; w++) {
		unsigned bound = bound_of(l, w);

		for (unsigned i = bound; i < s->count; i++) {
			if (s->at[i] - s->at[i - bound] < l->window[w].period_ns)
				fail_msg("%s: %s got %u within %llu ns", line, s->src, bound + 1,
					 s->at[i] - s->at[i - bound]);
		}
	}
}

/* As the daemon does when the table fills up: whoever has been silent for all windows. */
static void forget_some(struct harness *h, const struct rl_limit *l, const struct sent *sent)
{
	for (unsigned i = 0; i < SOURCES; i++) {
		struct rl_key key = source_key(h, "a", sent[i].src);
		struct rl_state st;
		size_t deleted;

		if (strangers_tracked(h, sent[i].src, &st) && st.last_seen + l->keep_ns <= h->now)
			dp_sweep(h->dp, RL_SWEEP_EXPIRE, &key, 1, h->now, &deleted);
	}
}

static void send_at_random(struct harness *h, const char *line, struct sent *sent)
{
	const struct rl_limit *l = strangers_limit(h);
	unsigned moves = 0;

	for (unsigned n = 0; n < PASSED_MAX; n++) {
		struct sent *s = &sent[rand() % SOURCES];

		if (rand() % 4 == 0)
			h->now += l->window[0].period_ns / (1 + rand() % 20);
		if (rand() % 32 == 0)
			h->now += 2 * l->window[l->windows - 1].period_ns / (1 + rand() % 3);
		if (rand() % 20 == 0)
			rand() % 2 ? strangers_take_room(h) : strangers_make_room(h);
		if (rand() % 8 == 0)
			forget_some(h, l, sent);
		moves += !strangers_tracked(h, s->src, NULL);
		if (strangers_passed(h, s->src, 1))
			s->at[s->count++] = h->now;
	}
	if (moves < PASSED_MAX / 50 || moves > PASSED_MAX * 9 / 10)
		fail_msg("%s: %u packets without a state: no test", line, moves);
}

static void nobody_gets_more_than_the_limit_with_room_or_without(void **state)
{
	static struct sent sent[SOURCES];
	struct harness *h = *state;
	unsigned seed = (unsigned)time(NULL);

	srand(seed);
	print_message("# seed %u\n", seed);
	for (size_t i = 0; i < LIMITS; i++) {
		harness_conf(h, limits[i]);
		strcpy(sent[0].src, "192.0.2.9");
		for (unsigned n = 0; n < SOURCES; n++) {
			sent[n].count = 0;
			if (n)
				strangers_next(h, "192.0.2.9", n % 3 == 0, sent[n].src);
		}
		send_at_random(h, limits[i], sent);
		for (unsigned n = 0; n < SOURCES; n++)
			see_bounds(strangers_limit(h), &sent[n], limits[i]);
		h->now += 1000 * SECOND;
		harness_conf(h, "del-limit a");
		strangers_make_room(h);
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
	}
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_newcomer_with_room_takes_along_what_was_counted),
		TEST(each_window_is_taken_along_by_itself),
		TEST(what_was_taken_along_is_no_breach),
		TEST(a_sliding_window_weighs_what_was_taken_along_for_a_period_more),
		TEST(a_moving_window_keeps_what_was_taken_along_for_a_whole_period),
		TEST(nobody_gets_more_than_the_limit_with_room_or_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
