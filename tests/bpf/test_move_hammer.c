// SPDX-License-Identifier: GPL-2.0-only
/* Another sources-max under traffic: two CPUs send as known and as new sources all the time, by the
 * former program and by the new one, while the states move from one table into the other. Each
 * source gets its amount, to the packet, and each packet is counted.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source.h"

#define DST "192.0.2.2"
#define SOURCES 600
#define AMOUNT 20
#define PER_NEWCOMER 700 /* packets of a CPU, until there is another source */

static struct frame frames[SOURCES];

struct sender {
	struct harness *h;
	int cpu;
	volatile int prog;
	volatile bool over;
	volatile unsigned long sent;
	unsigned long passed;
	bool failed;
	pthread_t thread;
};

static void source_name(char buf[static 32], unsigned nth)
{
	snprintf(buf, 32, "192.0.%u.%u", 3 + nth / 250, 1 + nth % 250);
}

static void send_one(struct sender *s, unsigned nth)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frames[nth].data,
		    .data_size_in = frames[nth].len, .repeat = 1);

	s->failed |= !!bpf_prog_test_run_opts(s->prog, &run);
	s->passed += run.retval == XDP_PASS;
	s->sent++;
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	unsigned seed = 1 + s->cpu;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	while (!s->over && !s->failed) {
		unsigned long known = 8 + s->sent / PER_NEWCOMER;

		send_one(s, rand_r(&seed) % (known < SOURCES ? known : SOURCES));
	}
	for (unsigned i = 0; i < SOURCES * (AMOUNT + 1) && !s->failed; i++)
		send_one(s, i % SOURCES);
	return NULL;
}

static void begin(struct harness *h, struct sender s[static 2])
{
	int prog = bpf_program__fd(h->dp->skel->progs.rld);

	dp_control(h->dp)->test_now = h->now;
	for (int i = 0; i < 2; i++) {
		s[i] = (struct sender){.h = h, .cpu = i, .prog = dup(prog)};
		assert_int_equal(pthread_create(&s[i].thread, NULL, send_all, &s[i]), 0);
	}
}

/* As a link is switched. */
static void give(struct harness *h, struct sender *s)
{
	int prog = dup(bpf_program__fd(h->dp->skel->progs.rld)), before = s->prog;
	unsigned long sent;

	s->prog = prog;
	for (sent = s->sent; s->sent < sent + 2 && !s->failed;)
		usleep(100);
	close(before);
}

static void end(struct sender s[static 2])
{
	for (int i = 0; i < 2; i++)
		s[i].over = true;
	for (int i = 0; i < 2; i++) {
		pthread_join(s[i].thread, NULL);
		assert_false(s[i].failed);
		close(s[i].prog);
	}
}

static __u64 refused_of(struct harness *h, const struct rl_key *key, const struct rl_state *st)
{
	return st->drop_packets + source_front_refused(h, key);
}

/* What each has got, and the sum of what was refused. */
static __u64 see_sources(struct harness *h, const char *what)
{
	__u64 refused = 0;

	for (unsigned i = 0; i < SOURCES; i++) {
		char src[32];
		struct rl_key key;
		struct rl_state st;

		source_name(src, i);
		key = source_key(h, "a", src);
		st = source_state(h, "a", src);
		if (st.pass_packets != AMOUNT)
			fail_msg("%s: %s got %llu", what, src, st.pass_packets);
		refused += refused_of(h, &key, &st);
	}
	return refused;
}

static void see_all(struct harness *h, struct sender s[static 2], const char *what)
{
	unsigned long passed = s[0].passed + s[1].passed, sent = s[0].sent + s[1].sent;
	struct rl_limit_counters a = harness_limit(h, "a");
	__u64 refused = see_sources(h, what);
	struct rl_losses losses;

	assert_int_equal(dp_losses(h->dp, &losses), 0);
	if (passed != SOURCES * AMOUNT)
		fail_msg("%s: %lu passed", what, passed);
	if (refused + losses.unattributed != sent - passed)
		fail_msg("%s: %llu and %llu refused of %lu", what, refused, losses.unattributed,
			 sent - passed);
	assert_int_equal(a.verdict[RL_VERDICT_PASS].packets, passed);
	assert_int_equal(a.verdict[RL_VERDICT_DROP].packets, sent - passed);
	assert_int_equal(a.created - a.expired, SOURCES);
	assert_int_equal(source_presence(h), SOURCES);
	printf("# %s: %lu packets, %llu of them nobody's\n", what, sent, losses.unattributed);
}

static void resize_under(struct harness *h, struct sender s[static 2], __u32 sources_max)
{
	struct dp_moved moved;

	harness_open_resized(h, sources_max);
	assert_true(dp_moving(h->dp));
	give(h, &s[1]);
	usleep(20000);
	give(h, &s[0]);
	harness_publish(h);
	moved = harness_move(h);
	assert_false(dp_moving(h->dp));
	assert_true(moved.kept > 8);
	assert_int_equal(moved.lost, 0);
	give(h, &s[0]);
	usleep(20000);
	give(h, &s[1]);
}

static void a_source_that_moves_gets_its_amount(void **state)
{
	static const char *const limits[] = {
		"set-limit a 20/second,100/10s match udp",
		"set-limit a 20/second,100/10s match udp strategy moving-window",
		"set-limit a 20/second match udp strategy token-bucket",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct harness *h = harness_new(1024);
		struct sender s[2];

		harness_conf(h, limits[i]);
		begin(h, s);
		usleep(20000);
		resize_under(h, s, i % 2 ? 4096 : 700);
		end(s);
		see_all(h, s, limits[i]);
		harness_free(h);
	}
}

static int make_frames(void **state)
{
	char src[32];

	(void)state;
	for (unsigned i = 0; i < SOURCES; i++) {
		source_name(src, i);
		packet_udp(&frames[i], src, DST, 1, 2);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_that_moves_gets_its_amount),
	};

	return cmocka_run_group_tests(tests, make_frames, NULL);
}
