// SPDX-License-Identifier: GPL-2.0-only
/* The state table: full, expiring, and what is left of it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/state/key.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define ROOM 64

static int small_setup(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

/* Fills the table: known sources go on as before, strangers meet the policy. */
static void fill(struct harness *h, const char *limit)
{
	struct frame f;

	harness_conf(h, limit);
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 2), 2);
	harness_strangers(h, 0, 4 * ROOM);
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 5), 3);
}

static void see_full(void *ctx, const struct rl_event *event)
{
	*(unsigned *)ctx += event->kind == RL_EVENT_STATE_FULL;
}

static void on_full_pass_lets_strangers_through(void **state)
{
	struct harness *h = *state;
	struct frame f;
	unsigned told = 0;

	fill(h, "set-limit a 5/minute match any on-full pass");
	assert_int_equal(harness_strangers(h, 1000, 50), 50);
	assert_reason(h, packet_udp(&f, "203.0.113.9", DST, 1, 2), RL_REASON_STATE_FULL);
	assert_true(harness_limit(h, "a").full > 50);
	dp_events(h->dp, see_full, &told);
	assert_int_equal(told, 1); /* an edge, not a packet's event */
}

static void on_full_drop_refuses_strangers(void **state)
{
	struct harness *h = *state;
	struct rl_losses before, after;
	struct frame f;

	fill(h, "set-limit a 5/minute match any on-full drop");
	assert_int_equal(dp_losses(h->dp, &before), 0);
	assert_int_equal(harness_strangers(h, 1000, 50), 0);
	assert_reason(h, packet_udp(&f, "203.0.113.9", DST, 1, 2), RL_REASON_STATE_FULL);
	assert_int_equal(dp_losses(h->dp, &after), 0);
	assert_int_equal(after.unattributed - before.unattributed, 51);
}

static void on_full_shared_gives_strangers_one_bucket(void **state)
{
	struct harness *h = *state;

	fill(h, "set-limit a 5/minute match any on-full shared"); /* which is used up by now */
	assert_int_equal(harness_strangers(h, 1000, 50), 0);
	h->now += 60 * SECOND;
	assert_int_equal(harness_strangers(h, 1000, 50), 5);
}

static void a_limit_without_room_for_logs_falls_back_on_its_policy(void **state)
{
	struct harness *h = *state;
	unsigned passed;

	harness_conf(h, "set-limit a 1000/minute match any strategy moving-window on-full drop");
	passed = harness_strangers(h, 0, 600);
	assert_int_equal(passed, 512);
	assert_int_equal(harness_limit(h, "a").full, 600 - 512);
}

static void idle_sources_are_forgotten_but_not_open_windows(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match udp strategy moving-window\nset-limit b 5/hour "
			"match tcp");
	harness_strangers(h, 0, 20);
	harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, 0), 5);
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now),
			 0); /* seen at the cutoff, not before */
	dp_control(h->dp)->test_now = h->now += 30 * SECOND;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now),
			 0); /* idle, but the minute is open */
	dp_control(h->dp)->test_now = h->now += 30 * SECOND;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, h->now), 20);
	assert_int_equal(harness_limit(h, "a").created - harness_limit(h, "a").expired, 0);
	assert_int_equal(harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, 0), 1), 0);
	assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 1);
	assert_int_equal(harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, 0), 1), 1);
}

static void see_recovered(void *ctx, const struct rl_event *event)
{
	if (event->kind == RL_EVENT_RECOVERED)
		*(unsigned *)ctx += event->count;
}

static void a_silent_source_recovers_by_the_sweep(void **state)
{
	struct harness *h = *state;
	unsigned refused = 0;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match any");
	harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 12);
	/* The front table does not know when the last came: as if at the end of the minute. */
	dp_control(h->dp)->test_now = h->now += 60 * SECOND;
	harness_sweep(h, RL_SWEEP_EXPIRE, 0);
	dp_control(h->dp)->test_now = h->now += 60 * SECOND - 1;
	harness_sweep(h, RL_SWEEP_EXPIRE, 0);
	dp_events(h->dp, see_recovered, &refused);
	assert_int_equal(refused, 0);
	dp_control(h->dp)->test_now = h->now += 1;
	assert_int_equal(harness_sweep(h, RL_SWEEP_EXPIRE, 0), 0);
	harness_sweep(h, RL_SWEEP_EXPIRE, 0); /* told once */
	dp_events(h->dp, see_recovered, &refused);
	assert_int_equal(refused, 7);
}

static void the_log_tells_what_is_inside(void **state)
{
	struct harness *h = *state;
	const struct rl_limit *limit;
	struct rl_key key = {};
	struct rl_state st;
	struct frame f;
	__u64 inside, leaves, first = h->now;

	harness_conf(h, "set-limit a 20/second match any strategy moving-window");
	for (int i = 0; i < 30; i++, h->now += SECOND / 10)
		assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 1), 1);
	limit = &dp_rules(h->dp)->limit[0];
	key.limit_id = limit->id;
	addr_parse(SRC, strlen(SRC), &key.source);
	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	assert_int_equal(dp_log_inside(h->dp, &key, &st, limit, 0, h->now, &inside, &leaves), 0);
	assert_int_equal(inside,
			 10); /* at 2.0 s and later, of which the first is just a period old */
	assert_int_equal(leaves, first + 3 * SECOND);
}

static void a_full_table_without_a_daemon_sweeps_itself(void **state)
{
	struct harness *h = *state;
	struct rl_losses losses;

	dp_control(h->dp)->idle_ns = 60 * SECOND;
	dp_control(h->dp)->heartbeat = h->now;
	harness_conf(h, "set-limit a 5/second match any on-full drop");
	harness_strangers(h, 0, 4 * ROOM);
	h->now += 20 * SECOND; /* the daemon may be alive: nothing is swept */
	assert_int_equal(harness_strangers(h, 1000, 10), 0);
	h->now += 50 * SECOND;
	assert_int_equal(harness_strangers(h, 1000, 10), 10);
	assert_int_equal(dp_losses(h->dp, &losses), 0);
	assert_int_equal(losses.sweeps, 1);
	assert_true(losses.swept >= ROOM / 2);
}

/* As if the element had been recycled for another source just now. */
static void a_state_of_another_is_not_touched(void **state)
{
	struct harness *h = *state;
	struct rl_key key = {};
	struct rl_state st, after;
	struct frame f;
	__u64 place;
	int fd = bpf_map__fd(h->dp->skel->maps.states);

	harness_conf(h, "set-limit a 5/minute match any on-full drop");
	harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 2);
	key.limit_id = dp_rules(h->dp)->limit[0].id;
	addr_parse(SRC, strlen(SRC), &key.source);
	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	place = st.fingerprint++;
	assert_int_equal(bpf_map_update_elem(fd, &place, &st, BPF_EXIST), 0);
	assert_reason(h, &f, RL_REASON_STATE_FULL);
	assert_int_equal(dp_lookup(h->dp, &key, &after), 0);
	assert_memory_equal(&after, &st, sizeof(st));
}

static void a_log_of_another_is_not_touched(void **state)
{
	struct harness *h = *state;
	struct rl_key key = {};
	struct rl_log16 log, after;
	struct rl_state st;
	struct frame f;
	__u64 place;
	int fd = bpf_map__fd(h->dp->skel->maps.logs16);

	harness_conf(h, "set-limit a 5/minute match any strategy moving-window on-full drop");
	harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 2);
	key.limit_id = dp_rules(h->dp)->limit[0].id;
	addr_parse(SRC, strlen(SRC), &key.source);
	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	place = rl_log_owner(st.fingerprint, 0);
	assert_int_equal(bpf_map_lookup_elem(fd, &place, &log), 0);
	log.owner++;
	assert_int_equal(bpf_map_update_elem(fd, &place, &log, BPF_EXIST), 0);
	assert_reason(h, &f, RL_REASON_STATE_FULL);
	assert_int_equal(bpf_map_lookup_elem(fd, &place, &after), 0);
	assert_memory_equal(&after, &log, sizeof(log));
}

static void the_front_table_reads_alike_held_and_not(void **state)
{
	struct harness *h = *state;
	struct rl_key key = {0};
	struct frame f;

	harness_conf(h, "set-limit a 2/minute match any");
	key.limit_id = dp_rules(h->dp)->limit[0].id;
	addr_parse("192.0.2.1", 9, &key.source);
	assert_int_equal(harness_passed(h, packet_udp(&f, "192.0.2.1", DST, 1, 2), 9), 2);
	assert_int_equal(source_front_refused(h, &key), 6); /* the first refusal is the state's */
	dp_front_hold(h->dp);
	dp_front_hold(h->dp);
	assert_int_equal(source_front_refused(h, &key), 6);
	dp_front_release(h->dp);
	assert_int_equal(harness_passed(h, &f, 3), 0);
	assert_int_equal(source_front_refused(h, &key), 9);
	dp_front_release(h->dp);
	assert_int_equal(source_front_refused(h, &key), 9);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)
#define SMALL(t) cmocka_unit_test_setup_teardown(t, small_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SMALL(on_full_pass_lets_strangers_through),
		SMALL(on_full_drop_refuses_strangers),
		SMALL(on_full_shared_gives_strangers_one_bucket),
		TEST(a_limit_without_room_for_logs_falls_back_on_its_policy),
		TEST(a_state_of_another_is_not_touched),
		TEST(a_log_of_another_is_not_touched),
		TEST(idle_sources_are_forgotten_but_not_open_windows),
		TEST(a_silent_source_recovers_by_the_sweep),
		TEST(the_log_tells_what_is_inside),
		TEST(the_front_table_reads_alike_held_and_not),
		SMALL(a_full_table_without_a_daemon_sweeps_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
