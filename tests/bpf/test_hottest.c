// SPDX-License-Identifier: GPL-2.0-only
/* Whom a CPU counts apart, and whether that is exact, at work under the machine's clock. */
#include <pthread.h>
#include <time.h>

#include "hot.h"

#define SRC "192.0.2.1"
#define OTHER "192.0.2.77"
#define DST "192.0.2.2"

static void send_many(struct harness *h, const struct frame *f, unsigned count)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = f->data, .data_size_in = f->len,
		    .repeat = count);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(h->dp->skel->progs.rld), &run), 0);
}

static struct harness *begin_at_work(void **state, struct frame *f, const char *limit)
{
	struct harness *h = *state;

	harness_apply(h, limit);
	harness_real_clock(h);
	packet_udp(f, SRC, DST, 1, 2);
	f->len = 60;
	return h;
}

static void who_sends_most_is_found(void **state)
{
	const struct timespec ticks = {.tv_nsec = 25 * MS};
	struct frame f, other;
	struct harness *h = begin_at_work(state, &f, "set-limit a 10/hour match any");
	__u64 refused = 0;

	hot_run_on(0);
	packet_udp(&other, OTHER, DST, 1, 2);
	for (int i = 0; i < 20; i++) {
		send_many(h, &other, 1);
		for (int j = 0; j < 4; j++) /* each in a tick of its own */
			send_many(h, &f, 50);
		nanosleep(&ticks, NULL);
		refused += hot_held(h, 0);
	}
	assert_true(hot_place(h, 0).fingerprint == hot_fingerprint(h, SRC));
	assert_true(refused > 0);
	hot_expect_refused(h, SRC, 20 * 4 * 50 - 10);
}

struct sender {
	struct harness *h;
	const struct frame *frame;
	int cpu;
	bool done;
};

#define BATCHES 400
#define BATCH 1000

static void *send_all(void *arg)
{
	struct sender *s = arg;

	hot_run_on(s->cpu);
	for (int i = 0; i < BATCHES; i++)
		send_many(s->h, s->frame, BATCH);
	__atomic_store_n(&s->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void two_cpus_and_a_daemon_lose_nothing(void **state)
{
	struct frame f;
	struct harness *h = begin_at_work(state, &f, "set-limit a 10/hour match any");
	struct sender s[2];
	pthread_t thread[2];
	unsigned apart = 0;

	for (int i = 0; i < 2; i++) {
		s[i] = (struct sender){.h = h, .frame = &f, .cpu = i};
		assert_int_equal(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
	for (int i = 0; !__atomic_load_n(&s[i % 2].done, __ATOMIC_ACQUIRE); i++) {
		apart += hot_held(h, i % 2) > 0;
		assert_int_equal(dp_gather(h->dp), 0);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_true(apart > 0);
	hot_expect_refused(h, SRC, 2 * BATCHES * BATCH - 10);
}

struct round {
	struct harness *h;
	const struct frame *frame;
	int cpu;
	pthread_barrier_t *begin;
};

#define ROUNDS 2

/* Bursts of both CPUs at once, each when the source has recovered for certain: what is counted
 * apart may have come until the end of the second. */
static void *send_rounds(void *arg)
{
	const struct timespec pause = {.tv_sec = 2, .tv_nsec = 300 * MS};
	struct round *r = arg;

	hot_run_on(r->cpu);
	for (int i = 0; i <= ROUNDS; i++) {
		pthread_barrier_wait(r->begin);
		for (int j = 0; j < 10; j++) /* the first of them choose whom to count apart */
			send_many(r->h, r->frame, i < ROUNDS ? 777 : 1);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void two_cpus_tell_whole_recoveries(void **state)
{
	struct frame f;
	struct harness *h = begin_at_work(state, &f, "set-limit a 100/second match any");
	pthread_barrier_t begin;
	struct hot_told told;
	struct round r[2];
	pthread_t thread[2];

	pthread_barrier_init(&begin, NULL, 2);
	for (int i = 0; i < 2; i++) {
		r[i] = (struct round){.h = h, .frame = &f, .cpu = i, .begin = &begin};
		assert_int_equal(pthread_create(&thread[i], NULL, send_rounds, &r[i]), 0);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&begin);
	told = hot_told_recovered(h);
	assert_int_equal(told.times, ROUNDS);
	assert_int_equal(told.packets, hot_seen(h, SRC).drop_packets);
	assert_int_equal(hot_seen(h, SRC).refused, 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_sends_most_is_found),
		TEST(two_cpus_and_a_daemon_lose_nothing),
		TEST(two_cpus_tell_whole_recoveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
