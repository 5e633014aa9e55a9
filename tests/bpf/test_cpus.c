// SPDX-License-Identifier: GPL-2.0-only
/* Two CPUs judge one source: exact, also while it is made and while it is forgotten. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

struct sender {
	struct harness *h;
	struct frame frame;
	int cpu;
	unsigned rounds;
	unsigned passed;
	int *waiting; /* of both: they start at one time */
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	__atomic_sub_fetch(s->waiting, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(s->waiting, __ATOMIC_SEQ_CST) > 0)
		;
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
	int waiting = 2;
	struct sender s[2] = {{.h = h, .cpu = 0, .rounds = rounds, .waiting = &waiting},
			      {.h = h, .cpu = 1, .rounds = rounds, .waiting = &waiting}};
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
			assert_int_equal(harness_sweep(h, RL_SWEEP_CLEAR, 0), 1);
		}
	}
}

struct churn {
	struct harness *h;
	volatile bool stop;
	volatile unsigned long deleted;
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
	unsigned passed = 0;
	void *failed;

	harness_conf(h, "set-limit a 10/minute match any on-full drop");
	harness_strangers(h, 0, 20);
	assert_int_equal(pthread_create(&thread, NULL, forget, &c), 0);
	for (int i = 0; i < 100 && c.deleted <= 100; i++) /* on a busy machine it takes more */
		passed += hammer(h, 20000);
	c.stop = true;
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_true(c.deleted > 100);
	assert_true(passed <= 10 * (c.deleted + 1));
	harness_sweep(h, RL_SWEEP_CLEAR, 0);
	assert_int_equal(source_presence(h), 0);
	harness_strangers(h, 0, 20);
	for (int i = 0; i < 20; i++) {
		char src[32];

		snprintf(src, sizeof(src), "198.51.0.%d", i);
		assert_int_equal(harness_passed(h, packet_udp(&f, src, DST, 1, 2), 20), 9);
	}
}

struct changes {
	struct harness *h;
	struct dp_ruleset set[2];
	unsigned count;
};

/* One rule set after the other, as fast as generations come free. */
static void *change_rules(void *arg)
{
	static const struct dp_prefixes none;
	struct changes *c = arg;
	struct diag d;

	for (unsigned i = 0; i < c->count; i++) {
		for (int s = DP_LISTS; s < DP_SET_COUNT; s++)
			c->set[i % 2].set[s] = &none;
		harness_wait_free(c->h);
		if (dp_publish(c->h->dp, &c->set[i % 2], &d))
			return c;
	}
	return NULL;
}

/* In one rule set the first limit refuses the packet, in the other the second, each by two
 * conditions: one that sees some of either set passes. `quick`: how old sets come free. */
static void change_under_packets(struct harness *h, bool quick, unsigned count)
{
	static const char *const statements[] = {
		"set-limit a 0/minute match udp dport 2\n"
		"set-limit b 0/minute match not udp not dport 2",
		"set-limit a 0/minute match not udp not dport 2\n"
		"set-limit b 0/minute match udp dport 2",
	};
	struct changes c = {.h = h, .count = count};
	struct rl_rules *rules[2];
	pthread_t thread;
	void *failed;

	for (int i = 0; i < 2; i++) {
		harness_conf(h, statements[i]);
		rules[i] = malloc(sizeof(*rules[i]));
		memcpy(rules[i], dp_rules(h->dp), sizeof(*rules[i]));
		c.set[i] = (struct dp_ruleset){.rules = rules[i], .rows_used = 64};
	}
	h->dp->grace.quick = quick;
	assert_int_equal(pthread_create(&thread, NULL, change_rules, &c), 0);
	assert_int_equal(hammer(h, 100000), 0);
	pthread_join(thread, &failed);
	assert_null(failed);
	for (int i = 0; i < 2; i++)
		free(rules[i]);
}

static void no_packet_sees_parts_of_two_rule_sets(void **state)
{
	change_under_packets(*state, true, 3000);
	change_under_packets(*state, false, 30);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_cpus_are_exact_window_after_window),
		TEST(two_cpus_make_one_source),
		TEST(a_source_recycled_under_its_judges_is_never_another),
		TEST(no_packet_sees_parts_of_two_rule_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
