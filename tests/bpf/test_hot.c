// SPDX-License-Identifier: GPL-2.0-only
/* What CPUs count of a source apart from each other adds up for whoever goes by it. */
#include <stdlib.h>

#include "bpf/quick/front.h"
#include "hot.h"
#include "source.h"

#define SRC "192.0.2.1"
#define OTHER "192.0.2.77"
#define DST "192.0.2.2"

static __u64 unattributed(struct harness *h)
{
	struct rl_losses l;

	assert_int_equal(dp_losses(h->dp, &l), 0);
	return l.unattributed;
}

/* Its state goes without a sweep's look. */
static void lose_state(struct harness *h, const char *source)
{
	__u64 fingerprint = hot_fingerprint(h, source);

	assert_int_equal(bpf_map_delete_elem(bpf_map__fd(h->dp->skel->maps.states), &fingerprint),
			 0);
}

/* Ten pass and one makes the entry; from then on CPU 0 counts it apart, and holds 99. */
static struct harness *begin(void **state, const char *limit)
{
	struct harness *h = *state;

	harness_conf(h, limit);
	assert_int_equal(hot_send(h, 0, SRC, 11), 10);
	hot_watch(h, SRC);
	assert_int_equal(hot_send(h, 0, SRC, 100), 0);
	assert_int_equal(hot_held(h, 0), 99);
	return h;
}

#define TEN "set-limit a 10/hour match any"

static void a_source_that_falls_silent_is_counted_in_full(void **state)
{
	struct harness *h = begin(state, TEN);
	unsigned sent = 101;

	hot_expect_refused(h, SRC, sent);
	for (unsigned more = 1; more < 2000; more = 3 * more + 1) {
		hot_send(h, more % 2, SRC, more);
		sent += more;
		assert_true(hot_held(h, 0) <= 256 && hot_held(h, 1) <= 256);
		hot_expect_refused(h, SRC, sent);
		assert_int_equal(hot_held(h, 0) + hot_held(h, 1), 0);
	}
}

static void another_source_takes_the_place(void **state)
{
	struct harness *h = begin(state, TEN);

	hot_send(h, 0, OTHER, 20);
	assert_int_equal(hot_held(h, 0), 99);
	hot_watch(h, OTHER);
	hot_send(h, 0, OTHER, 30);
	assert_int_equal(hot_held(h, 0), 29);
	hot_send(h, 0, SRC, 7);
	hot_expect_refused(h, SRC, 101 + 7);
	hot_expect_refused(h, OTHER, 40);
	assert_int_equal(unattributed(h), 0);
}

/* What CPU 0 has in its place, put there from outside. */
static void put_place(struct harness *h, struct rl_hot hot)
{
	static struct rl_hot all[HOT_CPUS_MAX];
	__u32 zero = 0;

	all[0] = hot;
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(h->dp->skel->maps.hot), &zero, all, 0), 0);
}

/* As a program does that is about to be replaced, on the same CPU. */
static void another_program_takes_the_place(void **state)
{
	struct harness *h = begin(state, TEN);
	struct rl_hot theirs = hot_place(h, 0);

	hot_expect_refused(h, SRC, 101);
	theirs.fingerprint = hot_fingerprint(h, OTHER);
	put_place(h, theirs);
	hot_send(h, 0, SRC, 50);
	hot_expect_refused(h, SRC, 151);
	assert_int_equal(unattributed(h), 99); /* there is no such source */
}

static void the_next_daemon_finds_it(void **state)
{
	struct harness *h = begin(state, TEN);

	harness_reopen(h);
	assert_int_equal(hot_held(h, 0), 99);
	hot_send(h, 0, SRC, 5);
	hot_expect_refused(h, SRC, 101 + 5);
}

static void what_nobody_has_is_counted_as_that(void **state)
{
	struct harness *h = begin(state, TEN);

	lose_state(h, SRC);
	assert_int_equal(dp_gather(h->dp), 0);
	assert_int_equal(unattributed(h), 99);
	hot_send(h, 0, SRC, 3); /* by its entry of the front table */
	assert_int_equal(dp_gather(h->dp), 0);
	assert_int_equal(unattributed(h), 99 + 3);
}

static void who_is_forgotten_takes_it_along(void **state)
{
	struct harness *h = begin(state, TEN);

	assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 1);
	assert_int_equal(hot_send(h, 1, SRC, 12), 10);
	hot_send(h, 0, SRC, 5);
	hot_expect_refused(h, SRC, 2 + 5);
}

/* Nobody gathered before the state went, as when a CPU begins to count in between. */
static void who_begins_anew_has_nothing_of_before(void **state)
{
	struct harness *h = begin(state, TEN);

	lose_state(h, SRC);
	harness_publish(h); /* no entry of before refuses it */
	harness_conf(h, "set-limit a 9/hour match any");
	assert_int_equal(hot_send(h, 1, SRC, 1), 1);
	assert_int_equal(dp_gather(h->dp), 0);
	assert_int_equal(unattributed(h), 99);
	hot_expect_refused(h, SRC, 0);
}

static void a_packet_elsewhere_tells_the_whole_recovery(void **state)
{
	static const char *const limits[] = {
		"set-limit a 10/second match any",
		"set-limit a 10/second match any strategy moving-window",
		"set-limit a 10/second match any strategy sliding-window",
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct harness *h = begin(state, limits[i]);
		struct hot_told told;

		h->now += 2 * SECOND;
		assert_true(hot_send(h, 1, SRC, 1));
		assert_int_equal(hot_held(h, 0), 0);
		assert_int_equal(hot_seen(h, SRC).hot, 0);
		h->now += 5 * SECOND;
		assert_true(hot_send(h, 0, SRC, 1));
		dp_gather(h->dp);
		assert_true(hot_send(h, 1, SRC, 1));
		told = hot_told_recovered(h);
		assert_int_equal(told.times, 1);
		assert_int_equal(told.packets, 101);
		assert_int_equal(hot_seen(h, SRC).refused, 0);
		harness_conf(h, "del-limit a");
	}
}

static void the_sweep_tells_the_whole_recovery(void **state)
{
	struct harness *h = begin(state, "set-limit a 10/second match any");
	struct rl_key key = source_key(h, "a", SRC);
	struct hot_told told;
	size_t deleted;

	dp_control(h->dp)->test_now = h->now += 5 * SECOND;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dp_sweep(h->dp, RL_SWEEP_EXPIRE, &key, 1, 0, &deleted), 0);
		dp_control(h->dp)->test_now = h->now += 5 * SECOND;
	}
	told = hot_told_recovered(h);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.packets, 101);
}

/* Refused hits of a fixed window are hits, wherever they were counted. */
static void the_window_has_all_hits(void **state)
{
	struct harness *h = begin(state, TEN);

	assert_int_equal(hot_seen(h, SRC).window[0].a & RL_COUNT, 111);
	hot_send(h, 1, SRC, 50);
	harness_conf(h, "set-limit a 170/hour match any");
	assert_int_equal(hot_send(h, 0, SRC, 50), 170 - 161);
	harness_conf(h, "del-limit a");
	h = begin(state, "set-limit a 600 bytes/hour match any");
	assert_int_equal(hot_seen(h, SRC).window[0].a & RL_COUNT, 60 * 111);
}

/* A window whose count is full has all that it can have. */
static void a_full_count_stays_full(void **state)
{
	struct harness *h = begin(state, TEN);
	struct rl_state st = source_state(h, "a", SRC);
	__u64 full = st.window[0].a |= RL_COUNT, place = st.fingerprint;

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(h->dp->skel->maps.states), &place, &st, BPF_EXIST),
		0);
	for (int amount = 11; amount < 15; amount++) {
		char text[64];

		for (int cpu = 0; cpu < 2; cpu++)
			assert_int_equal(hot_send(h, cpu, SRC, 300), 0);
		/* A rule set more, under which the front table's entry does not count. */
		snprintf(text, sizeof(text), "set-limit a %d/hour match any", amount);
		harness_conf(h, text);
		assert_int_equal(hot_send(h, 0, SRC, 1), 0);
		assert_int_equal(source_state(h, "a", SRC).window[0].a, full);
	}
}

/* Packets that were refused as the window ended, on a CPU that was interrupted. */
static void a_window_has_no_hits_of_another(void **state)
{
	struct harness *h = begin(state, "set-limit a 10/second match any");
	struct rl_hot late = hot_place(h, 0);
	__u64 then = h->now;

	dp_gather(h->dp);
	dp_control(h->dp)->test_now = h->now += 3 * SECOND;
	assert_int_equal(hot_send(h, 1, SRC, 5), 5);
	for (int i = 0; i < 2; i++) {
		put_place(h, late);
		assert_int_equal(dp_gather(h->dp), 0);
		dp_control(h->dp)->test_now = then; /* its clock has not ticked */
	}
	assert_int_equal(hot_send(h, 1, SRC, 20), 5);
	assert_int_equal(hot_seen(h, SRC).drop_packets, 101 + 2 * 99 + 15);
}

static void a_ban_counts_nowhere(void **state)
{
	struct harness *h = begin(state, TEN " ban for 2h");
	struct rl_hot hot;

	assert_true(hot_seen(h, SRC).banned_until > h->now);
	assert_int_equal(hot_seen(h, SRC).window[0].a & RL_COUNT, 11);
	hot_expect_refused(h, SRC, 101);
	/* Put back when the ban had just come from another CPU, as what still counts hits. */
	hot_send(h, 0, SRC, 1);
	hot = hot_place(h, 0);
	hot.count |= 1ull << 62;
	put_place(h, hot);
	hot_send(h, 0, SRC, 30);
	assert_int_equal(hot_seen(h, SRC).window[0].a & RL_COUNT, 11);
	hot_expect_refused(h, SRC, 132);
}

/* The same packets at the same times, counted apart and not. */
static void it_makes_no_difference(void **state)
{
	static const char *const sources[] = {SRC, OTHER, "192.0.2.78"};
	struct harness *h[2] = {*state, harness_new(1024)};

	for (int i = 0; i < 2; i++) {
		h[i]->now = h[0]->now;
		harness_conf(h[i], "set-limit a 20/second,100/minute match any ban for 3s after 4 "
				   "breaches in 1m");
	}
	srandom(20);
	for (int step = 0; step < 4000; step++) {
		const char *source = sources[random() % 3];
		int cpu = random() % 2, count = random() % 40;

		if (random() % 10 == 0)
			hot_watch(h[0], source);
		for (int i = 0; i < 2; i++)
			h[i]->now += count * 7 * MS;
		assert_int_equal(hot_send(h[0], cpu, source, count),
				 hot_send(h[1], cpu, source, count));
		if (random() % 20 == 0 && count) {
			struct rl_state a = hot_seen(h[0], source), b = hot_seen(h[1], source);

			assert_int_equal(a.pass_packets, b.pass_packets);
			assert_int_equal(a.drop_packets, b.drop_packets);
			assert_int_equal(a.drop_bytes, b.drop_bytes);
			assert_int_equal(a.window[0].a & RL_COUNT, b.window[0].a & RL_COUNT);
			assert_int_equal(a.window[0].b, b.window[0].b);
			assert_int_equal(a.banned_until, b.banned_until);
		}
	}
	assert_int_equal(unattributed(h[0]), 0);
	harness_free(h[1]);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_that_falls_silent_is_counted_in_full),
		TEST(another_source_takes_the_place),
		TEST(another_program_takes_the_place),
		TEST(the_next_daemon_finds_it),
		TEST(what_nobody_has_is_counted_as_that),
		TEST(who_is_forgotten_takes_it_along),
		TEST(who_begins_anew_has_nothing_of_before),
		TEST(a_packet_elsewhere_tells_the_whole_recovery),
		TEST(the_sweep_tells_the_whole_recovery),
		TEST(the_window_has_all_hits),
		TEST(a_full_count_stays_full),
		TEST(a_window_has_no_hits_of_another),
		TEST(a_ban_counts_nowhere),
		TEST(it_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
