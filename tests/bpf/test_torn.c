// SPDX-License-Identifier: GPL-2.0-only
/* Two whole rule sets take turns, thousands of times, while two CPUs send: each packet is judged by
 * one of them and never by a mixture, and what both have goes on counting as if nothing happened.
 *
 * A packet is over in less than a microsecond, too soon for a set to be written under it. So some
 * are made to take as long as several flips do, between two limits of the eight that judge them:
 * their source finds no room, and they walk through the whole table, as they do without a daemon.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "two_sets.h"

#define RUN_NS (8 * SECOND)
#define WARM 2 /* times that each packet was sent before: once under each set */
#define SOURCES 4096

struct sender {
	struct harness *h;
	int cpu;
	const volatile bool *stop;
	struct frame *frame; /* of all kinds */
	struct rl_iface_counters *counters, before;
	__u64 sent[FRAMES];
	__u64 same_passed;
	__u64 firsts, seconds; /* packets that only one of the sets explains */
	char wrong[256];
};

static void read_own(struct sender *s, struct rl_iface_counters *ret)
{
	__u32 slot = 0;

	bpf_map_lookup_elem(bpf_map__fd(s->h->dp->skel->maps.iface_counters), &slot, s->counters);
	*ret = s->counters[s->cpu];
}

/* The one pair of reason and verdict that this CPU counted since. */
static int counted(struct sender *s, struct outcome *ret)
{
	struct rl_iface_counters now;
	int changed = 0;

	read_own(s, &now);
	for (int r = 0; r < RL_REASON_COUNT; r++) {
		for (int v = 0; v < RL_VERDICT_COUNT; v++) {
			if (now.reason[r][v].packets == s->before.reason[r][v].packets)
				continue;
			changed += now.reason[r][v].packets - s->before.reason[r][v].packets;
			*ret = (struct outcome){r, v};
		}
	}
	s->before = now;
	return changed;
}

static bool is_among(const struct outcome *o, const struct outcome v[2])
{
	return !memcmp(o, &v[0], sizeof(*o)) || !memcmp(o, &v[1], sizeof(*o));
}

/* Sends one packet. False: it was judged by neither set. */
static bool send_one(struct sender *s, size_t i)
{
	const struct packet_kind *kind = two_sets_kind(i);
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = s->frame[i].data,
		    .data_size_in = s->frame[i].len, .repeat = 1);
	struct outcome o = {0};
	bool first, second;
	int n;

	if (i == FRAME_SLOW)
		dp_control(s->h->dp)->sweep_claim = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(s->h->dp->skel->progs.rld), &run))
		return false;
	s->sent[i]++;
	n = counted(s, &o);
	first = is_among(&o, kind->in_first);
	second = is_among(&o, kind->in_second);
	s->firsts += first && !second;
	s->seconds += second && !first;
	if (i == FRAME_SAME && o.reason == RL_REASON_UNDER_LIMIT)
		s->same_passed++;
	if (n == 1 && (first || second) &&
	    run.retval == (o.verdict == RL_VERDICT_DROP ? XDP_DROP : XDP_PASS))
		return true;
	snprintf(s->wrong, sizeof(s->wrong), "%s: %d counted, %s %s", kind->name, n,
		 names_text(&names_reason, o.reason), names_text(&names_verdict, o.verdict));
	return false;
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	read_own(s, &s->before);
	for (size_t i = s->cpu; !*s->stop; i = (i + 1) % FRAMES) {
		if (!send_one(s, i))
			break;
	}
	return NULL;
}

/* Until a packet was wrong or time is up; most of it goes into waiting for grace periods. Returns
 * how many flips there were. */
static unsigned flip(struct harness *h, const struct harness_rules rules[2],
		     const struct sender s[2])
{
	__u64 end_ns = time_mono_ns() + RUN_NS;
	unsigned flips = 0;

	/* First, second, second, first: were there only two places to write to, each would get
	 * another set every time. */
	while (time_mono_ns() < end_ns && !s[0].wrong[0] && !s[1].wrong[0]) {
		harness_rules_publish(h, &rules[(flips + flips / 2) % 2]);
		flips++;
	}
	return flips;
}

/* A packet of a numbered limit was judged by that one and by no other. */
static void check_limits(struct harness *h, const struct sender s[2])
{
	for (size_t i = FRAME_NUMBERED; i < FRAMES; i++) {
		char name[RL_NAME_LEN];
		struct rl_limit_counters c;
		__u64 sent = s[0].sent[i] + s[1].sent[i];

		two_sets_limit(i, name);
		c = harness_limit(h, name);
		assert_int_equal(c.verdict[RL_VERDICT_PASS].packets +
					 c.verdict[RL_VERDICT_DROP].packets +
					 c.verdict[RL_VERDICT_WOULD_DROP].packets,
				 sent + WARM);
		assert_int_equal(c.verdict[RL_VERDICT_WOULD_DROP].packets, 0);
		assert_int_equal(c.created, 1);
	}
}

static void check_same(struct harness *h, const struct sender s[2])
{
	struct rl_limit_counters c = harness_limit(h, "same");

	assert_true(s[0].sent[FRAME_SAME] + s[1].sent[FRAME_SAME] > SAME_AMOUNT);
	assert_int_equal(s[0].same_passed + s[1].same_passed, SAME_AMOUNT - WARM);
	assert_int_equal(c.verdict[RL_VERDICT_PASS].packets, SAME_AMOUNT);
	assert_int_equal(c.created, 1);
	assert_int_equal(c.breaches, 1);
}

/* Each source has its states, then others take what room is left. */
static void fill_table(struct harness *h, const struct harness_rules rules[2],
		       const struct frame *frame)
{
	for (int set = 0; set < WARM; set++) {
		harness_rules_publish(h, &rules[set]);
		for (size_t i = 0; i < FRAMES; i++) {
			if (i != FRAME_SLOW)
				harness_run(h, &frame[i]);
		}
	}
	harness_strangers(h, 0, SOURCES);
	assert_true(harness_limit(h, "fill").full > 0);
	dp_control(h->dp)->idle_ns = SECOND;
	dp_control(h->dp)->heartbeat = 0;
}

static void no_packet_is_judged_by_a_mixture_of_two_rule_sets(void **state)
{
	struct harness *h = *state;
	struct frame *frame = calloc(FRAMES, sizeof(*frame));
	struct harness_rules rules[2];
	volatile bool stop = false;
	struct sender s[2] = {{.cpu = 0}, {.cpu = 1}};
	pthread_t thread[2];
	unsigned flips;

	two_sets_frames(frame);
	two_sets_first(h, &rules[0]);
	harness_rules_publish(h, &rules[0]);
	two_sets_second(h, &rules[1]);
	fill_table(h, rules, frame);
	dp_control(h->dp)->test_now = h->now;
	for (int i = 0; i < 2; i++) {
		s[i].h = h;
		s[i].stop = &stop;
		s[i].frame = frame;
		s[i].counters = calloc(h->dp->cpus, sizeof(*s[i].counters));
		assert_int_equal(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
	flips = flip(h, rules, s);
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	print_message("# %u flips, %llu packets judged by the first and %llu by the second set\n",
		      flips, s[0].firsts + s[1].firsts, s[0].seconds + s[1].seconds);
	for (int i = 0; i < 2; i++) {
		if (s[i].wrong[0])
			fail_msg("%s", s[i].wrong);
		free(s[i].counters);
		harness_rules_done(&rules[i]);
	}
	free(frame);
	assert_true(flips > 50); /* a busy machine does few */
	assert_true(s[0].firsts > 1000 && s[1].firsts > 1000);
	assert_true(s[0].seconds > 1000 && s[1].seconds > 1000);
	check_limits(h, s);
	check_same(h, s);
}

static int setup(void **state)
{
	*state = harness_new(SOURCES);
	return 0;
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_packet_is_judged_by_a_mixture_of_two_rule_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
