// SPDX-License-Identifier: GPL-2.0-only
/* Two CPUs send as one source all the time, by every strategy, while the clock moves and while
 * their source is forgotten: what passes is what the definition admits, to the packet. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/strategy/strategy.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define STEPS 100
#define EACH 40 /* more than any amount: each step of the clock finds all of it used up */

static const char *const limits[] = {
	"set-limit a 20/second match udp",
	"set-limit a 1/second match udp",
	"set-limit a 9/second,60/10s match udp",
	"set-limit a 5/second,12/2s,40/10s,70/20s match udp",
	"set-limit a 1000 bytes/second match udp",
	"set-limit a 500 bytes/second,4000 bytes/10s match udp",
	"set-limit a 20/second match udp strategy sliding-window",
	"set-limit a 9/second,60/10s match udp strategy sliding-window",
	"set-limit a 1000 bytes/second match udp strategy sliding-window",
	"set-limit a 20/second match udp strategy moving-window",
	"set-limit a 9/second,60/10s match udp strategy moving-window",
	"set-limit a 20/second match udp strategy elastic",
	"set-limit a 1000 bytes/second match udp strategy elastic",
	"set-limit a 20/second match udp strategy token-bucket",
	"set-limit a 7/second burst 13 match udp strategy token-bucket",
	"set-limit a 1000 bytes/second match udp strategy token-bucket",
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

/* Times of the clock, from now on: quarters of a second, and some beside them. */
static void make_times(struct harness *h, __u64 times[static STEPS])
{
	for (int i = 0; i < STEPS; i++) {
		times[i] = h->now + i * (SECOND / 4);
		if (i % 3 == 1)
			times[i] += SECOND / 50 + i;
		else if (i % 16 == 8)
			times[i] -= 1;
	}
	h->now = times[STEPS - 1];
}

/* A packet as the definition sees it. */
static bool admits(struct rl_state *st, __u64 log[RL_WINDOWS_MAX][RL_LOG_MAX],
		   const struct rl_limit *l, __u64 now, __u64 bytes)
{
	struct rl_take t;

	for (__u32 i = 0; i < l->windows; i++) {
		if (l->strategy == RL_STRATEGY_MOVING_WINDOW)
			rl_take_log(&st->window[i], &l->window[i], now, log[i], RL_LOG_MAX - 1, &t);
		else
			rl_take_window(st, l, i, now, l->unit == RL_UNIT_BYTES ? bytes : 1, &t);
		if (!t.admitted)
			return false;
	}
	return true;
}

/* How many pass of more than enough at each of these times. */
static unsigned defined(const struct rl_limit *l, const __u64 *times, int count, __u64 bytes)
{
	__u64(*log)[RL_LOG_MAX] = calloc(RL_WINDOWS_MAX, sizeof(*log));
	struct rl_state st = {};
	unsigned passed = 0;

	for (int i = 0; i < count; i++) {
		for (int n = 0; n < EACH; n++)
			passed += admits(&st, log, l, times[i], bytes);
	}
	free(log);
	return passed;
}

struct sender {
	struct harness *h;
	struct frame frame;
	int cpu;
	const __u64 *times; /* of the clock that the first one moves */
	int steps;
	volatile unsigned *sent; /* of both, in this step */
	volatile bool *over;
	int *waiting;
	unsigned passed;
	bool failed;
};

static void send_one(struct sender *s)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = s->frame.data, .data_size_in = s->frame.len,
		    .repeat = 1);

	s->failed |= !!bpf_prog_test_run_opts(bpf_program__fd(s->h->dp->skel->progs.rld), &run);
	s->passed += run.retval == XDP_PASS;
	__atomic_add_fetch(&s->sent[s->cpu], 1, __ATOMIC_SEQ_CST);
}

/* The clock moves when both have sent enough at this time, the one in flight at its start not
 * among them. */
static bool move_clock(struct sender *s, int *step)
{
	if (s->sent[0] <= EACH || s->sent[1] <= EACH)
		return true;
	if (++*step == s->steps)
		return false;
	__atomic_store_n(&dp_control(s->h->dp)->test_now, s->times[*step], __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->sent[0], 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->sent[1], 0, __ATOMIC_SEQ_CST);
	return true;
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	cpu_set_t cpus;
	int step = 0;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	__atomic_sub_fetch(s->waiting, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(s->waiting, __ATOMIC_SEQ_CST) > 0)
		;
	while (!*s->over && !s->failed) {
		send_one(s);
		if (!s->cpu && !move_clock(s, &step))
			*s->over = true;
	}
	*s->over = true;
	return NULL;
}

/* Returns how many passed; `meanwhile` runs beside the two. */
static unsigned hammer(struct harness *h, const __u64 *times, int steps,
		       void (*meanwhile)(struct harness *h, const volatile bool *over))
{
	volatile unsigned sent[2] = {0, 0};
	volatile bool over = false;
	int waiting = 2;
	struct sender s[2];
	pthread_t thread[2];

	dp_control(h->dp)->test_now = times[0];
	for (int i = 0; i < 2; i++) {
		s[i] = (struct sender){.h = h,
				       .cpu = i,
				       .times = times,
				       .steps = steps,
				       .sent = sent,
				       .over = &over,
				       .waiting = &waiting};
		packet_udp(&s[i].frame, SRC, DST, 1, 2);
		assert_int_equal(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
	if (meanwhile)
		meanwhile(h, &over);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_false(s[0].failed | s[1].failed);
	return s[0].passed + s[1].passed;
}

static void same(const char *limit, unsigned got, unsigned want)
{
	if (got != want)
		fail_msg("%s: %u passed, the definition admits %u", limit, got, want);
}

static void two_cpus_admit_what_is_defined_while_the_clock_moves(void **state)
{
	struct harness *h = *state;
	__u64 times[STEPS], bytes;
	struct frame f;

	bytes = packet_udp(&f, SRC, DST, 1, 2)->len;
	for (size_t i = 0; i < LIMITS; i++) {
		unsigned got, want;

		harness_conf(h, limits[i]);
		make_times(h, times);
		want = defined(&dp_rules(h->dp)->limit[0], times, STEPS, bytes);
		got = hammer(h, times, STEPS, NULL);
		same(limits[i], got, want);
		assert_int_equal(source_state(h, "a", SRC).pass_packets, got);
		assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_PASS].packets, got);
		harness_conf(h, "del-limit a");
	}
}

/* Window after window: of the two that see the last place free, one takes it. */
static void two_cpus_never_take_the_last_place_twice(void **state)
{
	static const char *const small[] = {
		"set-limit a 20/second match udp",
		"set-limit a 30/second,45/2s match udp",
	};
	static __u64 times[400];
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		int count = sizeof(times) / sizeof(times[0]);

		harness_conf(h, small[i]);
		for (int step = 0; step < count; step++)
			times[step] = h->now += SECOND;
		same(small[i], hammer(h, times, count, NULL),
		     defined(&dp_rules(h->dp)->limit[0], times, count, 42));
		harness_conf(h, "del-limit a");
	}
}

/* Forgets the source if nothing needs it, and others take its element. */
static void forget_idle(struct harness *h, const volatile bool *over)
{
	struct rl_key key = source_key(h, "a", SRC);
	size_t deleted;

	while (!*over)
		dp_sweep(h->dp, RL_SWEEP_EXPIRE, &key, 1, dp_control(h->dp)->test_now, &deleted);
}

/* It comes back after so long that it does not matter whether it was forgotten, before its first
 * packet or under it. */
static void a_source_that_returns_while_it_is_forgotten_gets_its_amount(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u64 bytes = packet_udp(&f, SRC, DST, 1, 2)->len;
	unsigned created = 0;

	for (size_t i = 0; i < LIMITS; i++) {
		harness_conf(h, limits[i]);
		for (int round = 0; round < 30; round++) {
			__u64 times[] = {h->now += 100 * SECOND, h->now + SECOND / 2};

			same(limits[i], hammer(h, times, 2, forget_idle),
			     defined(&dp_rules(h->dp)->limit[0], times, 2, bytes));
		}
		created += harness_limit(h, "a").created;
		harness_conf(h, "del-limit a");
	}
	assert_true(created > LIMITS); /* more than the first time each */
}

static unsigned cleared;

/* Forgets the source whatever it counts; others take its element, and their amount. */
static void forget_always(struct harness *h, const volatile bool *over)
{
	struct rl_key key = source_key(h, "a", SRC);
	size_t deleted;

	cleared = 0;
	while (!*over) {
		dp_sweep(h->dp, RL_SWEEP_CLEAR, &key, 1, 0, &deleted);
		cleared += deleted;
	}
}

static void a_source_that_is_cleared_gets_its_amount_once_more_at_most(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u64 bytes = packet_udp(&f, SRC, DST, 1, 2)->len;

	for (size_t i = 0; i < LIMITS; i++) {
		__u64 times[20];
		unsigned passed, once;

		harness_conf(h, limits[i]);
		for (int step = 0; step < 20; step++)
			times[step] = h->now; /* it stands still */
		once = defined(&dp_rules(h->dp)->limit[0], times, 1, bytes);
		passed = hammer(h, times, 20, forget_always);
		if (passed > once * (cleared + 1))
			fail_msg("%s: %u passed, cleared %u times", limits[i], passed, cleared);
		h->now += 100 * SECOND;
		harness_conf(h, "del-limit a");
	}
	harness_sweep(h, RL_SWEEP_CLEAR, 0);
	assert_int_equal(source_presence(h), 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_cpus_admit_what_is_defined_while_the_clock_moves),
		TEST(two_cpus_never_take_the_last_place_twice),
		TEST(a_source_that_returns_while_it_is_forgotten_gets_its_amount),
		TEST(a_source_that_is_cleared_gets_its_amount_once_more_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
