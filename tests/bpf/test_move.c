// SPDX-License-Identifier: GPL-2.0-only
/* Another sources-max: how the states are judged, looked up and forgotten while they move. */
#include <stdio.h>
#include <string.h>

#include "bpf/state/key.h"
#include "hot.h"
#include "source.h"

#define SRC "192.0.2.1"
#define NEW "192.0.2.7"
#define DST "192.0.2.2"

static unsigned passed(struct harness *h, const char *src, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, src, DST, 1, 2), count);
}

static bool is_in(struct harness *h, const struct bpf_map *map, const char *src)
{
	struct rl_key key = source_key(h, "a", src);
	__u64 fingerprint = rl_fingerprint(&key, dp_control(h->dp)->secret);
	struct rl_state st;

	return !bpf_map_lookup_elem(bpf_map__fd(map), &fingerprint, &st) &&
	       st.fingerprint == fingerprint;
}

static bool in_old(struct harness *h, const char *src)
{
	return is_in(h, h->dp->skel->maps.states_old, src);
}

static bool in_new(struct harness *h, const char *src)
{
	return is_in(h, h->dp->skel->maps.states, src);
}

static void sources_are_judged_where_they_are(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(passed(h, SRC, 2), 2);
	harness_open_resized(h, 4096);
	assert_non_null(strstr(h->notice, "sources-max is now 4096, it was 1024: "));
	assert_int_equal(passed(h, SRC, 1), 1);
	assert_int_equal(passed(h, NEW, 1), 1);
	/* The former program looks there. */
	assert_true(in_old(h, SRC) && in_old(h, NEW));
	harness_publish(h);
	assert_int_equal(passed(h, SRC, 1), 1);
	assert_int_equal(passed(h, "192.0.2.8", 1), 1);
	assert_true(in_old(h, SRC) && in_new(h, "192.0.2.8"));
	assert_int_equal(harness_move(h).kept, 2);
	assert_true(in_new(h, SRC) && in_new(h, NEW));
	assert_int_equal(passed(h, SRC, 9), 1);
	assert_int_equal(passed(h, NEW, 9), 4);
	assert_int_equal(passed(h, "192.0.2.8", 9), 4);
	assert_int_equal(source_state(h, "a", SRC).pass_packets, 5);
	assert_int_equal(source_presence(h), 3);
}

static void set_phase(struct harness *h, enum rl_move_phase phase)
{
	h->dp->move.at->phase = phase;
}

/* Between the program that makes states in the one table and the one that does in the other. */
static void who_makes_a_state_in_between_has_a_place_in_both(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	harness_open_resized(h, 4096);
	set_phase(h, RL_MOVE_BOTH);
	assert_int_equal(passed(h, NEW, 1), 1);
	assert_true(in_old(h, NEW) && !in_new(h, NEW));
	assert_int_equal(source_presence(h), 1);
	set_phase(h, RL_MOVE_NEW);
	assert_int_equal(passed(h, SRC, 1), 1);
	assert_true(in_new(h, SRC));
	set_phase(h, RL_MOVE_BOTH);
	assert_int_equal(passed(h, SRC, 9), 4);
	harness_publish(h);
	harness_move(h);
	assert_int_equal(passed(h, NEW, 9), 4);
	assert_int_equal(source_presence(h), 2);
	assert_int_equal(harness_limit(h, "a").created, 2);
}

static void no_room_in_between_leaves_no_place(void **state)
{
	struct harness *h = *state;
	unsigned n = 0;

	harness_conf(h, "set-limit a 5/minute match udp on-full drop");
	while (harness_strangers(h, n, 1))
		n++;
	harness_open_resized(h, 4096);
	set_phase(h, RL_MOVE_BOTH);
	h->now++;
	assert_int_equal(passed(h, NEW, 1), 0);
	assert_int_equal(source_presence(h), 0);
	harness_publish(h);
	h->now++;
	assert_int_equal(passed(h, NEW, 1), 1);
	assert_int_equal(harness_move(h).kept, n);
	assert_int_equal(source_presence(h), n + 1);
}

static void what_the_former_front_table_counted_goes_along(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(passed(h, SRC, 50), 5);
	assert_int_equal(source_in_front(h, "a", SRC), 44);
	harness_open_resized(h, 64);
	assert_int_equal(passed(h, SRC, 10), 0);
	harness_publish(h);
	harness_move(h);
	assert_int_equal(source_state(h, "a", SRC).drop_packets + source_in_front(h, "a", SRC), 55);
	h->now += 60 * SECOND;
	assert_int_equal(passed(h, SRC, 9), 5);
	assert_int_equal(source_state(h, "a", SRC).drop_packets + source_in_front(h, "a", SRC), 59);
}

/* Each packet asks the state here. */
static void the_rest_of_a_state_goes_along(void **state)
{
	struct harness *h = *state;
	struct rl_key key;
	struct rl_state st;

	harness_conf(h, "set-limit a 5/minute per source,proto match udp strategy elastic");
	assert_int_equal(passed(h, SRC, 9), 5);
	harness_resize(h, 4096);
	assert_int_equal(passed(h, SRC, 9), 0);
	assert_int_equal(harness_limit(h, "a").breaches, 1);
	key = source_key(h, "a", SRC);
	key.proto = 17;
	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	assert_memory_equal(&st.key, &key, sizeof(key));
	assert_int_equal(st.pass_packets + st.drop_packets, 18);
}

static void bans_and_escalation_go_along(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 2/minute match udp ban for 10m up to 1d\n"
			"set-limit b 2/minute match udp dport 9 ban for 1h everywhere");
	assert_int_equal(passed(h, SRC, 5), 2);
	h->now += 601 * SECOND;
	assert_int_equal(passed(h, SRC, 5), 2);
	harness_resize(h, 4096);
	h->now += 1199 * SECOND;
	assert_int_equal(passed(h, SRC, 5), 0);
	assert_int_equal(source_state(h, "a", SRC).ban_times, 2);
	h->now += 2 * SECOND;
	assert_int_equal(passed(h, SRC, 5), 2);
}

/* Until the end; then they begin anew, as far as there is room. */
static void who_finds_no_room_is_judged_where_it_is(void **state)
{
	struct harness *h = *state;
	struct rl_limit_counters a;
	struct dp_moved moved;
	unsigned n;

	harness_conf(h, "set-limit a 5/minute match udp strategy moving-window on-full drop");
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(harness_strangers(h, 0, 200), 200);
	harness_open_resized(h, 64);
	harness_publish(h);
	assert_int_equal(harness_strangers(h, 0, 200), 0);
	moved = harness_move(h);
	assert_int_equal(moved.kept + moved.lost, 200);
	assert_true(moved.kept >= 64 && moved.lost > 100);
	assert_int_equal(harness_strangers(h, 0, 200), 0);
	a = harness_limit(h, "a");
	assert_int_equal(a.created - a.expired, moved.kept);
	assert_int_equal(source_presence(h), moved.kept);
	harness_sweep(h, RL_SWEEP_CLEAR, 0);
	h->now++;
	n = harness_strangers(h, 0, 200);
	assert_true(n >= 64 && n < 100); /* their logs are gone, too */
}

static void who_is_cleared_meanwhile_is_cleared(void **state)
{
	struct harness *h = *state;
	struct rl_key key;
	size_t deleted;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(passed(h, SRC, 9), 5);
	harness_open_resized(h, 4096);
	harness_publish(h);
	key = source_key(h, "a", SRC);
	assert_int_equal(dp_sweep(h->dp, RL_SWEEP_CLEAR, &key, 1, 0, &deleted), 0);
	assert_int_equal(deleted, 1);
	assert_int_equal(passed(h, SRC, 9), 5);
	assert_int_equal(harness_move(h).kept, 0);
	assert_int_equal(source_presence(h), 1);
}

static void a_walk_sees_both_tables(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(harness_strangers(h, 0, 30), 30);
	harness_open_resized(h, 4096);
	harness_publish(h);
	assert_int_equal(harness_strangers(h, 20, 30), 30);
	assert_int_equal(harness_walk(h), 50);
	harness_move(h);
	assert_int_equal(harness_walk(h), 50);
}

static __u64 refused_of(struct harness *h, const char *src)
{
	return source_state(h, "a", src).drop_packets + source_in_front(h, "a", src);
}

static void what_cpus_count_apart_goes_along(void **state)
{
	struct harness *h = *state;

	hot_run_on(0);
	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(passed(h, SRC, 50), 5);
	hot_watch(h, SRC);
	assert_int_equal(passed(h, SRC, 50), 0);
	harness_open_resized(h, 4096);
	assert_int_equal(passed(h, SRC, 50), 0);
	harness_publish(h);
	hot_watch(h, SRC);
	assert_int_equal(passed(h, SRC, 50), 0);
	assert_true(hot_held(h, 0) > 0);
	harness_move(h);
	assert_int_equal(refused_of(h, SRC), 195);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sources_are_judged_where_they_are),
		TEST(who_makes_a_state_in_between_has_a_place_in_both),
		TEST(no_room_in_between_leaves_no_place),
		TEST(what_the_former_front_table_counted_goes_along),
		TEST(the_rest_of_a_state_goes_along),
		TEST(bans_and_escalation_go_along),
		TEST(who_finds_no_room_is_judged_where_it_is),
		TEST(who_is_cleared_meanwhile_is_cleared),
		TEST(a_walk_sees_both_tables),
		TEST(what_cpus_count_apart_goes_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
