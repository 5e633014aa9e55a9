/* SPDX-License-Identifier: GPL-2.0-only */
/* The state table: full, expiring, recycled, and shared by two CPUs. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define ROOM 64

static int small_setup(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

/* Sends one packet from each of `count` sources, returns how many passed. */
static unsigned strangers(struct harness *h, unsigned first, unsigned count)
{
	unsigned passed = 0;
	struct frame f;
	char src[32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(src, sizeof(src), "198.51.%u.%u", i / 256, i % 256);
		passed += harness_passed(h, packet_udp(&f, src, DST, 1, 2), 1);
	}
	return passed;
}

/* Fills the table: known sources go on as before, strangers meet the policy. */
static void fill(struct harness *h, const char *limit)
{
	struct frame f;

	harness_conf(h, limit);
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 2), 2);
	strangers(h, 0, 4 * ROOM);
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
	assert_int_equal(strangers(h, 1000, 50), 50);
	assert_reason(h, packet_udp(&f, "203.0.113.9", DST, 1, 2), RL_REASON_STATE_FULL);
	assert_true(harness_limit(h, "a").full > 50);
	dp_events(h->dp, see_full, &told);
	assert_int_equal(told, 1); /* an edge, not a packet's event */
}

static void on_full_drop_refuses_strangers(void **state)
{
	struct harness *h = *state;
	struct frame f;

	fill(h, "set-limit a 5/minute match any on-full drop");
	assert_int_equal(strangers(h, 1000, 50), 0);
	assert_reason(h, packet_udp(&f, "203.0.113.9", DST, 1, 2), RL_REASON_STATE_FULL);
}

static void on_full_shared_gives_strangers_one_bucket(void **state)
{
	struct harness *h = *state;

	fill(h, "set-limit a 5/minute match any"); /* the default policy; its bucket is used up by
						      now */
	assert_int_equal(strangers(h, 1000, 50), 0);
	h->now += 60 * SECOND;
	assert_int_equal(strangers(h, 1000, 50), 5);
}

static void a_limit_without_room_for_logs_falls_back_on_its_policy(void **state)
{
	struct harness *h = *state;
	unsigned passed;

	harness_conf(h, "set-limit a 1000/minute match any strategy moving-window on-full drop");
	passed = strangers(h, 0, 600);
	assert_int_equal(passed, 512);
	assert_int_equal(harness_limit(h, "a").full, 600 - 512);
}

static unsigned sweep(struct harness *h, enum rl_sweep_op op, __u64 cutoff)
{
	const struct rl_key *keys;
	const struct rl_state *states;
	size_t deleted, total = 0;
	struct dp_scan *scan;
	int n;

	assert_int_equal(dp_scan_open(h->dp, &scan), 0);
	while ((n = dp_scan_next(scan, &keys, &states)) > 0) {
		assert_int_equal(dp_sweep(h->dp, op, keys, n, cutoff, &deleted), 0);
		total += deleted;
	}
	assert_int_equal(n, 0);
	dp_scan_close(scan);
	return total;
}

static void idle_sources_are_forgotten_but_not_open_windows(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match udp strategy moving-window\nset-limit b 5/hour "
			"match tcp");
	strangers(h, 0, 20);
	harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, 0), 5);
	assert_int_equal(sweep(h, RL_SWEEP_EXPIRE, h->now), 0); /* seen at the cutoff, not before */
	dp_control(h->dp)->test_now = h->now += 30 * SECOND;
	assert_int_equal(sweep(h, RL_SWEEP_EXPIRE, h->now), 0); /* idle, but the minute is open */
	dp_control(h->dp)->test_now = h->now += 30 * SECOND;
	assert_int_equal(sweep(h, RL_SWEEP_EXPIRE, h->now), 20);
	assert_int_equal(harness_limit(h, "a").created - harness_limit(h, "a").expired, 0);
	assert_int_equal(harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, 0), 1), 0);
	assert_int_equal(sweep(h, RL_SWEEP_CLEAR, 0), 1);
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
	dp_control(h->dp)->test_now = h->now += 60 * SECOND - 1;
	sweep(h, RL_SWEEP_EXPIRE, 0);
	dp_events(h->dp, see_recovered, &refused);
	assert_int_equal(refused, 0);
	dp_control(h->dp)->test_now = h->now += 1;
	assert_int_equal(sweep(h, RL_SWEEP_EXPIRE, 0), 0);
	sweep(h, RL_SWEEP_EXPIRE, 0); /* told once */
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
	strangers(h, 0, 4 * ROOM);
	h->now += 20 * SECOND; /* the daemon may be alive: nothing is swept */
	assert_int_equal(strangers(h, 1000, 10), 0);
	h->now += 50 * SECOND;
	assert_int_equal(strangers(h, 1000, 10), 10);
	assert_int_equal(dp_losses(h->dp, &losses), 0);
	assert_int_equal(losses.sweeps, 1);
	assert_true(losses.swept >= ROOM / 2);
}

struct sender {
	struct harness *h;
	struct frame frame;
	int cpu;
	unsigned rounds;
	unsigned passed;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (unsigned i = 0; i < s->rounds; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = s->frame.data,
			    .data_size_in = s->frame.len, .repeat = 1);

		if (bpf_prog_test_run_opts(bpf_program__fd(s->h->dp->skel->progs.rld), &run))
			return s;
		s->passed += run.retval == XDP_PASS;
	}
	return NULL;
}

/* Two threads on two CPUs send as one source; returns how many passed. */
static unsigned hammer(struct harness *h, unsigned rounds)
{
	struct sender s[2] = {{.h = h, .cpu = 0, .rounds = rounds},
			      {.h = h, .cpu = 1, .rounds = rounds}};
	pthread_t thread[2];
	void *failed;

	for (int i = 0; i < 2; i++) {
		packet_udp(&s[i].frame, SRC, DST, 1, 2);
		assert_int_equal(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], &failed);
		assert_null(failed);
	}
	return s[0].passed + s[1].passed;
}

static void two_cpus_are_exact_window_after_window(void **state)
{
	static const char *const limits[] = {
		"set-limit a 777/second match any",
		"set-limit a 777/second match any strategy token-bucket",
		"set-limit a 777/second,5000/hour match any",
		"set-limit a 777/second match any strategy moving-window",
		"set-limit a 777/second,6000/hour match any strategy sliding-window",
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		harness_conf(h, limits[i]);
		for (int window = 0; window < 5; window++) {
			/* Two periods: what a moving or a sliding window remembers is over by then.
			 */
			dp_control(h->dp)->test_now = h->now += 2 * SECOND;
			assert_int_equal(hammer(h, 5000), 777);
		}
		harness_conf(h, "del-limit a");
	}
}

/* Both CPUs meet the source for the first time at once. */
static void two_cpus_make_one_source(void **state)
{
	static const char *const limits[] = {
		"set-limit a 20/minute match any",
		"set-limit a 20/minute match any strategy moving-window",
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		harness_conf(h, limits[i]);
		for (int round = 0; round < 300; round++) {
			assert_int_equal(hammer(h, 25), 20);
			assert_int_equal(sweep(h, RL_SWEEP_CLEAR, 0), 1);
		}
	}
}

struct churn {
	struct harness *h;
	volatile bool stop;
	unsigned long deleted;
};

/* Deletes the source all the time, so that its element is recycled under the senders. */
static void *forget(void *arg)
{
	struct churn *c = arg;
	struct rl_key key = {.limit_id = dp_rules(c->h->dp)->limit[0].id};
	size_t deleted;

	addr_parse(SRC, strlen(SRC), &key.source);
	while (!c->stop) {
		if (dp_sweep(c->h->dp, RL_SWEEP_CLEAR, &key, 1, 0, &deleted))
			return c;
		c->deleted += deleted;
	}
	return NULL;
}

/* A source that is forgotten while it is judged starts a new window: it admits at most the limit
 * once more for each time, and nobody else's state is touched. */
static void a_source_recycled_under_its_judges_is_never_another(void **state)
{
	struct harness *h = *state;
	struct churn c = {.h = h};
	struct frame f;
	pthread_t thread;
	unsigned passed;
	void *failed;

	harness_conf(h, "set-limit a 10/minute match any on-full drop");
	strangers(h, 0, 20);
	assert_int_equal(pthread_create(&thread, NULL, forget, &c), 0);
	passed = hammer(h, 20000);
	c.stop = true;
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_true(c.deleted > 100);
	assert_true(passed <= 10 * (c.deleted + 1));
	for (int i = 0; i < 20; i++) {
		char src[32];

		snprintf(src, sizeof(src), "198.51.0.%d", i);
		assert_int_equal(harness_passed(h, packet_udp(&f, src, DST, 1, 2), 20), 9);
	}
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
		TEST(idle_sources_are_forgotten_but_not_open_windows),
		TEST(a_silent_source_recovers_by_the_sweep),
		TEST(the_log_tells_what_is_inside),
		SMALL(a_full_table_without_a_daemon_sweeps_itself),
		TEST(two_cpus_are_exact_window_after_window),
		TEST(two_cpus_make_one_source),
		TEST(a_source_recycled_under_its_judges_is_never_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
