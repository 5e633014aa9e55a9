/* SPDX-License-Identifier: GPL-2.0-only */
/* What CPUs count of a source apart from each other adds up, whenever somebody asks. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/front.h"
#include "bpf/key.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define LIMIT "set-limit a 10/hour match any"

static void run_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	assert_int_equal(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
}

static void wait_ticks(void)
{
	struct timespec t = {.tv_nsec = 25 * MS};

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static void send_many(struct harness *h, const struct frame *f, unsigned count)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = f->data, .data_size_in = f->len,
		    .repeat = count);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(h->dp->skel->progs.rld), &run), 0);
}

/* What a CPU holds at the moment. */
static struct rl_hot held(struct harness *h, int cpu)
{
	struct rl_hot all[CPU_SETSIZE] = {};
	__u32 zero = 0;

	assert_true(h->dp->cpus <= CPU_SETSIZE);
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(h->dp->skel->maps.hot), &zero, all), 0);
	return all[cpu];
}

static __u64 held_packets(struct harness *h, int cpu)
{
	return rl_front_packets(held(h, cpu).count);
}

static struct rl_key key_of(struct harness *h)
{
	struct rl_key key = {.limit_id = dp_rules(h->dp)->limit[0].id};

	addr_parse(SRC, strlen(SRC), &key.source);
	return key;
}

/* Packets until the CPU counts them apart; returns how many. */
static unsigned make_hot(struct harness *h, const struct frame *f, int cpu)
{
	struct rl_key key = key_of(h);
	__u64 fingerprint = rl_fingerprint(&key, dp_control(h->dp)->secret);
	unsigned sent = 0;

	for (int i = 0; i < 100 && held(h, cpu).fingerprint != fingerprint; i++) {
		send_many(h, f, 100);
		sent += 100;
		wait_ticks();
	}
	assert_true(held(h, cpu).fingerprint == fingerprint);
	return sent;
}

/* What whoever lists sources sees: all but the ten that pass. */
static void expect_sent(struct harness *h, __u64 sent)
{
	struct rl_key key = key_of(h);
	struct rl_state st;

	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	dp_front_add(h->dp, &dp_rules(h->dp)->limit[0], dp_now_ns(), &st);
	assert_int_equal(st.pass_packets, 10);
	assert_int_equal(st.drop_packets, sent - 10);
	assert_int_equal(st.refused, sent - 10);
	assert_int_equal(st.drop_bytes, 60 * (sent - 10));
}

static struct harness *begin(void **state, struct frame *f)
{
	struct harness *h = *state;

	run_on(0);
	harness_apply(h, LIMIT);
	harness_real_clock(h);
	packet_udp(f, SRC, DST, 1, 2);
	f->len = 60;
	return h;
}

static void a_source_that_falls_silent_is_counted_in_full(void **state)
{
	struct frame f;
	struct harness *h = begin(state, &f);
	unsigned sent = make_hot(h, &f, 0);

	for (unsigned more = 1; more < 2000; more = 3 * more + 1) {
		send_many(h, &f, more);
		sent += more;
		assert_true(held_packets(h, 0) < 256);
		expect_sent(h, sent);
		assert_int_equal(held_packets(h, 0), 0);
	}
}

static void the_next_packet_of_anybody_brings_it_in(void **state)
{
	struct frame f, other;
	struct harness *h = begin(state, &f);
	struct rl_key key = key_of(h);
	struct rl_state before, after;

	make_hot(h, &f, 0);
	assert_int_equal(dp_lookup(h->dp, &key, &before), 0);
	send_many(h, &f, 100);
	assert_int_equal(held_packets(h, 0), 100);
	wait_ticks();
	send_many(h, packet_udp(&other, "192.0.2.77", DST, 1, 2), 1);
	assert_int_equal(held_packets(h, 0), 0);
	assert_int_equal(dp_lookup(h->dp, &key, &after), 0);
	assert_int_equal(after.drop_packets - before.drop_packets, 100);
	wait_ticks();
	send_many(h, &other, 1);
	wait_ticks();
	send_many(h, &f, 50);
	assert_int_equal(held_packets(h, 0), 0); /* no longer counted apart */
}

static void the_next_daemon_finds_it(void **state)
{
	struct frame f;
	struct harness *h = begin(state, &f);
	unsigned sent = make_hot(h, &f, 0);

	send_many(h, &f, 77);
	assert_int_equal(held_packets(h, 0), 77);
	harness_real_clock(h);
	assert_int_equal(held_packets(h, 0), 77);
	send_many(h, &f, 5);
	expect_sent(h, sent + 77 + 5);
}

/* A source that was forgotten in between is nobody's any more. */
static void what_nobody_has_is_counted_as_that(void **state)
{
	struct frame f;
	struct harness *h = begin(state, &f);
	struct rl_losses before, after;
	struct rl_key key = key_of(h);

	make_hot(h, &f, 0);
	assert_int_equal(dp_losses(h->dp, &before), 0);
	send_many(h, &f, 33);
	assert_int_equal(held_packets(h, 0), 33);
	assert_int_equal(
		bpf_map_delete_elem(bpf_map__fd(h->dp->skel->maps.states),
				    &(__u64){rl_fingerprint(&key, dp_control(h->dp)->secret)}),
		0);
	assert_int_equal(dp_settle(h->dp), 0);
	assert_int_equal(dp_losses(h->dp, &after), 0);
	assert_int_equal(after.unattributed - before.unattributed, 33);
}

struct sender {
	struct harness *h;
	struct frame frame;
	int cpu;
	bool done;
};

#define BATCHES 400
#define BATCH 1000

static void *send_all(void *arg)
{
	struct sender *s = arg;

	run_on(s->cpu);
	for (int i = 0; i < BATCHES; i++)
		send_many(s->h, &s->frame, BATCH);
	__atomic_store_n(&s->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* While the daemon asks all the time. */
static void two_cpus_and_a_daemon_lose_nothing(void **state)
{
	struct sender s[2];
	struct harness *h = begin(state, &s[0].frame);
	pthread_t thread[2];
	unsigned apart = 0;

	for (int i = 0; i < 2; i++) {
		s[i] = (struct sender){.h = h, .frame = s[0].frame, .cpu = i};
		assert_int_equal(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
	for (int i = 0; !__atomic_load_n(&s[i % 2].done, __ATOMIC_ACQUIRE); i++) {
		apart += held_packets(h, i % 2) > 0;
		assert_int_equal(dp_settle(h->dp), 0);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_true(apart > 0);
	expect_sent(h, 2 * BATCHES * BATCH);
}

/* While a program replaces another one both run, and share what the CPU holds. Here the other one
 * has just named its source; from the next tick on this one's is named again. */
static void what_another_program_counts_apart_is_left_to_it(void **state)
{
	const struct rl_hot theirs[CPU_SETSIZE] = {[0] = {.fingerprint = (1ull << 63) | 1}};
	struct sender s = {.cpu = 0};
	struct rl_hot seen, later;
	unsigned left = 0;
	pthread_t thread;
	int hot;

	s.h = begin(state, &s.frame);
	hot = bpf_map__fd(s.h->dp->skel->maps.hot);
	make_hot(s.h, &s.frame, 0);
	assert_int_equal(pthread_create(&thread, NULL, send_all, &s), 0);
	run_on(1);
	while (!__atomic_load_n(&s.done, __ATOMIC_ACQUIRE)) {
		assert_int_equal(bpf_map_update_elem(hot, &(__u32){0}, theirs, BPF_ANY), 0);
		usleep(20);
		seen = held(s.h, 0);
		later = held(s.h, 0);
		if (later.fingerprint != theirs[0].fingerprint)
			continue;
		left++;
		assert_true(rl_front_packets(seen.count) <= 1); /* on its way as it was written */
	}
	pthread_join(thread, NULL);
	assert_true(left > 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_that_falls_silent_is_counted_in_full),
		TEST(the_next_packet_of_anybody_brings_it_in),
		TEST(the_next_daemon_finds_it),
		TEST(what_nobody_has_is_counted_as_that),
		TEST(two_cpus_and_a_daemon_lose_nothing),
		TEST(what_another_program_counts_apart_is_left_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
