// SPDX-License-Identifier: GPL-2.0-only
/* What is explained is what the program then does, and explaining changes nothing: on random rules,
 * packets, states and times. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "at_work.h"
#include "map_hash.h"
#include "random_rules.h"
#include "shapes.h"

#define ROOM 64
#define RULE_SETS 50
#define PACKETS 2000	   /* a rule set */
#define NOTHING_EVERY 1000 /* packets */
#define NOTHING_RUNS 60

static unsigned random_up_to(unsigned max)
{
	return (unsigned)random() % (max + 1);
}

/* Few sources of which some are often seen, so that windows fill; and more than have room. */
static void random_frame(struct frame *f)
{
	unsigned source = random_up_to(3) ? random_up_to(5) : random_up_to(120);
	unsigned kind = random_up_to(20), dport = random_up_to(9), sport = random_up_to(3);
	bool six = random_up_to(3) == 0;
	char src[48];

	snprintf(src, sizeof(src), six ? "2001:db8:0:%x::1" : "192.0.2.%u", source);
	if (kind == 0)
		shapes[random_up_to((unsigned)shapes_count - 1)].build(f);
	else if (kind < 8)
		packet_udp(f, src, six ? "2001:db8::2" : "198.51.100.1", sport, dport);
	else if (kind < 17)
		packet_tcp(f, src, six ? "2001:db8::3" : "198.51.100.2", sport, dport,
			   random_up_to(2) ? TCP_SYN : TCP_ACK);
	else
		packet_icmp(f, src, six ? "2001:db8::4" : "198.51.100.3", six ? 128 : 8, 0);
	if (random_up_to(9) == 0)
		frame_put(f, NULL, random_up_to(600));
}

static void explain(struct harness *h, const struct frame *f, __u32 slot, struct dp_explained *ret)
{
	struct diag d;

	dp_control(h->dp)->test_now = h->now;
	dp_control(h->dp)->heartbeat = h->now;
	if (dp_explain(h->dp, f->data, f->len, slot, ret, &d))
		fail_msg("%s", d.message);
}

/* The notes are those of the last limit that asked a state, if any did. */
static bool only_refusal(const struct dp_explained *e)
{
	for (int i = 0; i < e->decided; i++) {
		if (e->limit[i].verdict != RL_VERDICT_PASS)
			return false;
	}
	return e->decided >= 0 && e->verdict == RL_VERDICT_DROP;
}

static const char *limit_name(struct harness *h, __u32 index)
{
	return index < RL_LIMITS_MAX ? dp_rules(h->dp)->limit[index].name : "no limit";
}

static void same_as_the_program(struct harness *h, const struct frame *f, __u32 slot,
				unsigned seen[RL_REASON_COUNT][RL_VERDICT_COUNT])
{
	struct dp_explained e;
	struct at_work done;
	__u32 index;

	explain(h, f, slot, &e);
	at_work_run(h, f, &done);
	index = e.decided < 0 ? RL_LIMITS_MAX : e.limit[e.decided].index;
	if (e.reason != done.reason || e.verdict != done.verdict || index != done.index)
		fail_msg("explained as %s, %s by %s; it is %s, %s by %s",
			 names_text(&names_reason, e.reason), names_text(&names_verdict, e.verdict),
			 limit_name(h, index), names_text(&names_reason, done.reason),
			 names_text(&names_verdict, done.verdict), limit_name(h, done.index));
	if (only_refusal(&e))
		assert_int_equal(e.limit[e.decided].window, done.window);
	seen[done.reason][done.verdict]++;
}

static void see(void *ctx, const struct rl_event *event)
{
	(*(unsigned *)ctx)++;
}

static bool has_dead_prefixes(struct harness *h)
{
	const struct rl_rules *r = dp_rules(h->dp);
	int fd = bpf_map__fd(h->dp->skel->maps.prefixes);
	struct rl_prefix key;
	int err;

	for (err = bpf_map_get_next_key(fd, NULL, &key); !err;
	     err = bpf_map_get_next_key(fd, &key, &key)) {
		if (key.set != r->allow_set && key.set != r->deny_set && key.set != r->source_set &&
		    key.set != r->destination_set)
			return true;
	}
	return false;
}

/* Until the thread that clears up behind a change of rules has done so. */
static void wait_for_grace(struct harness *h)
{
	struct pollfd p = {.fd = dp_grace_fd(h->dp), .events = POLLIN};

	while (h->dp->dying | h->dp->waiting && poll(&p, 1, 2000) == 1)
		dp_grace_done(h->dp);
	for (int i = 0; has_dead_prefixes(h); i++) {
		assert_true(i < 2000);
		usleep(1000);
	}
}

static void changes_nothing(struct harness *h, __u32 slot)
{
	struct map_hashes before, after;
	unsigned events = 0, told = 0;
	struct dp_explained e;
	struct frame f;

	wait_for_grace(h);
	dp_events(h->dp, see, &told);
	/* The clock is the test's, and this sets it. */
	random_frame(&f);
	explain(h, &f, slot, &e);
	map_hashes_take(h->dp, &before);
	for (int i = 0; i < NOTHING_RUNS; i++) {
		random_frame(&f);
		explain(h, &f, slot, &e);
	}
	map_hashes_take(h->dp, &after);
	map_hashes_same(&before, &after);
	dp_events(h->dp, see, &events);
	assert_int_equal(events, 0);
}

/* Each packet has a time of its own, as what a packet finds full is full for others of its time. */
static void step_clock(struct harness *h)
{
	static const __u64 steps[] = {1, 1000, 100000, MS, 20 * MS, SECOND, 20 * SECOND};
	unsigned which = random_up_to(6);

	h->now += 1 + (__u64)random() % (which < 5 || random_up_to(9) == 0 ? steps[which] : MS);
}

static void one_rule_set(struct harness *h, unsigned seen[RL_REASON_COUNT][RL_VERDICT_COUNT])
{
	__u32 slot = random_up_to(1) ? 5 : 0;
	struct frame f;

	dp_run_iface(h->dp, 5, RL_LINK_ETHERNET);
	if (!slot)
		dp_run_iface(h->dp, 0, RL_LINK_ETHERNET);
	if (random_up_to(2) == 0)
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
	random_rules(h);
	for (unsigned i = 0; i < PACKETS; i++) {
		step_clock(h);
		random_frame(&f);
		same_as_the_program(h, &f, slot, seen);
		if (random_up_to(199) == 0)
			harness_sweep(h, RL_SWEEP_EXPIRE, h->now - MS);
		if (i % NOTHING_EVERY == 0)
			changes_nothing(h, slot);
	}
}

static void print_seen(unsigned seen[RL_REASON_COUNT][RL_VERDICT_COUNT])
{
	for (int r = 0; r < RL_REASON_COUNT; r++) {
		for (int v = 0; v < RL_VERDICT_COUNT; v++) {
			if (seen[r][v])
				print_message("# %s %s: %u\n", names_text(&names_reason, r),
					      names_text(&names_verdict, v), seen[r][v]);
		}
	}
}

static void it_says_what_the_program_does_and_changes_nothing(void **state)
{
	static unsigned seen[RL_REASON_COUNT][RL_VERDICT_COUNT];
	struct harness *h = *state;
	unsigned seed = (unsigned)time(NULL);
	const char *given = getenv("RLD_TEST_SEED");

	if (given)
		seed = (unsigned)strtoul(given, NULL, 0);
	print_message("# seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < RULE_SETS; i++)
		one_rule_set(h, seen);
	print_seen(seen);
	assert_true(seen[RL_REASON_OVER_LIMIT][RL_VERDICT_DROP] > 1000);
	assert_true(seen[RL_REASON_OVER_LIMIT][RL_VERDICT_WOULD_DROP] > 100);
	assert_true(seen[RL_REASON_UNDER_LIMIT][RL_VERDICT_PASS] > 1000);
	assert_true(seen[RL_REASON_STATE_FULL][RL_VERDICT_PASS] > 100);
	assert_true(seen[RL_REASON_STATE_FULL][RL_VERDICT_DROP] > 100);
	assert_true(seen[RL_REASON_BANNED][RL_VERDICT_DROP] > 100);
	assert_true(seen[RL_REASON_DENY_LIST][RL_VERDICT_DROP] > 100);
	assert_true(seen[RL_REASON_ALLOW_LIST][RL_VERDICT_PASS] > 100);
}

static void it_knows_whether_logs_have_room(void **state)
{
	struct harness *h = harness_new(2048);
	struct dp_explained e;
	unsigned passed = 0;
	struct frame f;
	char src[32];

	harness_conf(h, "set-limit a 1000/minute,900/second match any strategy moving-window "
			"on-full drop");
	for (unsigned i = 0; i < 300; i++, h->now++) {
		snprintf(src, sizeof(src), "198.51.%u.%u", i / 256, i % 256);
		packet_udp(&f, src, "192.0.2.2", 1, 2);
		explain(h, &f, 0, &e);
		assert_false(e.limit[0].tracked);
		assert_int_equal(e.limit[0].full, i >= 256);
		assert_int_equal(harness_run(h, &f),
				 e.verdict == RL_VERDICT_DROP ? XDP_DROP : XDP_PASS);
		passed += e.verdict == RL_VERDICT_PASS;
	}
	assert_int_equal(passed, 256); /* each takes two of the 512 logs */
	harness_free(h);
}

static void one_packet_of_two_newcomers_may_find_room_for_one(void **state)
{
	struct harness *h = *state;
	struct dp_explained e;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match any on-full drop");
	assert_int_equal(harness_strangers(h, 0, ROOM - 1), ROOM - 1);
	harness_conf(h, "set-limit b 5/minute match any on-full drop");
	packet_udp(&f, "192.0.2.1", "192.0.2.2", 1, 2);
	explain(h, &f, 0, &e);
	assert_int_equal(e.limits, 2);
	assert_int_equal(e.decided, 1);
	assert_false(e.limit[0].full);
	assert_true(e.limit[1].full);
	assert_int_equal(e.limit[1].window, -1);
	assert_reason(h, &f, RL_REASON_STATE_FULL);
}

static void it_tells_what_the_front_table_has_counted(void **state)
{
	struct harness *h = *state;
	const struct dp_explained_limit *told;
	struct dp_explained e;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute,9/hour match any");
	packet_udp(&f, "192.0.2.1", "192.0.2.2", 1, 2);
	told = &e.limit[0];
	explain(h, &f, 0, &e);
	assert_int_equal(e.limits, 1);
	assert_false(told->tracked);
	assert_int_equal(e.verdict, RL_VERDICT_PASS);
	harness_passed(h, &f, 20);
	for (int i = 0; i < 3; i++)
		explain(h, &f, 0, &e);
	assert_true(told->tracked);
	assert_int_equal(e.reason, RL_REASON_OVER_LIMIT);
	assert_int_equal(told->window, 0);
	assert_int_equal(told->state.window[0].a & RL_COUNT, 20);
	assert_int_equal(told->state.window[1].a & RL_COUNT, 5);
}

static void what_the_front_table_has_counted_counts_under_other_limits(void **state)
{
	struct harness *h = *state;
	struct dp_explained e;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match any");
	packet_udp(&f, "192.0.2.1", "192.0.2.2", 1, 2);
	harness_passed(h, &f, 20);
	harness_conf(h, "set-limit a 20/minute match any");
	explain(h, &f, 0, &e);
	assert_int_equal(e.reason, RL_REASON_OVER_LIMIT);
	assert_reason(h, &f, RL_REASON_OVER_LIMIT);
}

static void it_tells_of_bans_to_come_and_at_work(void **state)
{
	struct harness *h = *state;
	struct dp_explained e;
	struct frame f;

	harness_conf(h, "set-limit a 2/minute match udp dport 2 ban for 1h everywhere");
	packet_udp(&f, "192.0.2.1", "192.0.2.2", 1, 2);
	harness_passed(h, &f, 2);
	explain(h, &f, 0, &e);
	assert_int_equal(e.reason, RL_REASON_OVER_LIMIT);
	assert_true(e.limit[0].ban_until == h->now + 3600 * SECOND);
	harness_passed(h, &f, 1);
	packet_udp(&f, "192.0.2.1", "192.0.2.2", 1, 3);
	explain(h, &f, 0, &e);
	assert_int_equal(e.reason, RL_REASON_BANNED);
	assert_int_equal(e.decided, -1);
	assert_true(e.ban.until == h->now + 3600 * SECOND);
	assert_int_equal(e.ban.limit_id, dp_rules(h->dp)->limit[0].id);
	harness_conf(h, "set-limit a 2/minute match udp dport 2 ban for 1h");
	packet_udp(&f, "192.0.2.1", "192.0.2.2", 1, 2);
	explain(h, &f, 0, &e);
	assert_int_equal(e.reason, RL_REASON_BANNED);
	assert_int_equal(e.decided, 0);
	assert_true(e.limit[0].banned);
	assert_int_equal(e.limit[0].window, -1);
}

static int small_setup(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

#define SMALL(t) cmocka_unit_test_setup_teardown(t, small_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SMALL(it_tells_what_the_front_table_has_counted),
		SMALL(what_the_front_table_has_counted_counts_under_other_limits),
		SMALL(it_tells_of_bans_to_come_and_at_work),
		SMALL(one_packet_of_two_newcomers_may_find_room_for_one),
		cmocka_unit_test(it_knows_whether_logs_have_room),
		SMALL(it_says_what_the_program_does_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
