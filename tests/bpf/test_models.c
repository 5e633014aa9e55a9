// SPDX-License-Identifier: GPL-2.0-only
/* Random traffic of many sources: each decision is what the strategies' definitions say, run
 * natively and without any of the program's short cuts, and so are the counts of each source. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/strategy/ban.h"
#include "bpf/strategy/strategy.h"
#include "harness.h"

#define SOURCES 24
#define PACKETS 6000

/* A source as the definition sees it. */
struct model {
	struct rl_state st;
	__u64 log[RL_WINDOWS_MAX][RL_LOG_MAX];
	__u64 until; /* when the window that refused last frees */
	__u64 passed_bytes, dropped, dropped_bytes;
};

static void take(struct model *m, const struct rl_limit *l, __u32 i, __u64 now, __u64 cost,
		 struct rl_take *ret)
{
	if (l->strategy == RL_STRATEGY_MOVING_WINDOW)
		rl_take_log(&m->st.window[i], &l->window[i], now, m->log[i], RL_LOG_MAX - 1, ret);
	else
		rl_take_window(&m->st.window[i], l, i, now, cost, 0, ret);
}

static bool admits(struct model *m, const struct rl_limit *l, __u64 now, __u64 bytes)
{
	__u64 cost = l->unit == RL_UNIT_BYTES ? bytes : 1;
	struct rl_take t;

	if (now < m->st.banned_until)
		return false;
	for (__u32 i = 0; i < l->windows; i++) {
		__u32 bit = 1u << i, breached;

		take(m, l, i, now, cost, &t);
		if (t.opened)
			m->st.breached &= ~bit;
		if (t.admitted)
			continue;
		breached = m->st.breached & bit;
		m->st.breached |= bit;
		m->until = t.until;
		if (!breached && l->ban_ns && rl_note_breach(&m->st, l, now))
			rl_make_ban(&m->st, l, now);
		return false;
	}
	return true;
}

static void count(struct model *m, bool admitted, __u64 bytes)
{
	m->passed_bytes += admitted ? bytes : 0;
	m->dropped += !admitted;
	m->dropped_bytes += admitted ? 0 : bytes;
}

static __u64 random_up_to(__u64 most)
{
	return ((__u64)rand() << 31 | rand()) % (most + 1);
}

/* Mostly denser than the limit, now and then a pause, often right at an end or beside it. */
static __u64 next_time(const struct model *m, const struct rl_limit *l, __u64 now)
{
	const struct rl_window *w = &l->window[rand() % l->windows];
	__u64 ends[] = {m->until, m->st.window[0].b, m->st.banned_until};
	__u64 hits = l->unit == RL_UNIT_BYTES ? w->amount / 200 : w->amount, at;

	switch (rand() % (16 + 5 * hits)) {
	case 0:
	case 1:
	case 2:
		at = ends[rand() % 3] + rand() % 3 - 1;
		return at > now && at < now + 3 * w->period_ns ? at : now;
	case 3:
		return now + random_up_to(2 * w->period_ns);
	case 4:
	case 5:
		return now + random_up_to(w->period_ns / (1 + hits));
	default:
		return now + random_up_to(w->period_ns / 10000);
	}
}

/* What the source has in its state and in the front table. Returns how many refusals are missing:
 * its place there may be another's by now. */
static __u64 check_counts(struct harness *h, const struct rl_limit *l, __u32 source,
			  const struct model *m)
{
	struct rl_key key = {.limit_id = l->id};
	struct rl_state st;
	char text[32];

	snprintf(text, sizeof(text), "198.51.100.%u", source);
	addr_parse(text, strlen(text), &key.source);
	if (dp_lookup(h->dp, &key, &st)) {
		assert_int_equal(m->dropped + m->passed_bytes, 0);
		return 0;
	}
	assert_int_equal(st.pass_bytes, m->passed_bytes);
	if (st.drop_packets != m->dropped)
		return m->dropped - st.drop_packets;
	assert_int_equal(st.drop_bytes, m->dropped_bytes);
	if (l->strategy == RL_STRATEGY_FIXED_WINDOW)
		assert_int_equal(st.window[0].a & RL_COUNT, m->st.window[0].a & RL_COUNT);
	return 0;
}

static __u64 unattributed(struct harness *h)
{
	struct rl_losses l;

	assert_int_equal(dp_losses(h->dp, &l), 0);
	return l.unattributed;
}

/* `sweeps`: sources that nothing needs are forgotten all the time, which changes no decision. */
static void replay(struct harness *h, const char *statement, const struct rl_limit *l,
		   struct model *model, bool sweeps, unsigned *passed)
{
	struct frame f;
	char src[32];

	for (unsigned n = 0; n < PACKETS; n++) {
		/* A few of them send most. */
		__u32 source = rand() % 2 ? rand() % 3 : rand() % SOURCES;
		struct model *m = &model[source];
		bool got, want;

		h->now = next_time(m, l, h->now);
		snprintf(src, sizeof(src), "198.51.100.%u", source);
		packet_udp(&f, src, "192.0.2.2", 1, 2);
		packet_end(frame_put(&f, NULL, rand() % 4 ? 0 : rand() % 900));
		dp_control(h->dp)->test_now = h->now;
		if (sweeps && rand() % 32 == 0)
			harness_sweep(h, RL_SWEEP_EXPIRE, h->now);
		want = admits(m, l, h->now, f.len);
		count(m, want, f.len);
		got = harness_run(h, &f) == XDP_PASS;
		if (got != want)
			fail_msg("%s: packet %u, of %s at %" PRIu64 ": %s", statement, n, src,
				 (uint64_t)h->now, got ? "passed" : "was refused");
		*passed += got;
	}
}

static void follow(struct harness *h, const char *statement, bool sweeps)
{
	struct model *model = calloc(SOURCES, sizeof(*model));
	const struct rl_limit *l;
	struct rl_counter pass, drop;
	__u64 dropped = 0, missing = 0, lost = unattributed(h);
	unsigned passed = 0;

	harness_conf(h, statement);
	l = &dp_rules(h->dp)->limit[0];
	replay(h, statement, l, model, sweeps, &passed);
	for (__u32 i = 0; i < SOURCES && !sweeps; i++) {
		missing += check_counts(h, l, i, &model[i]);
		dropped += model[i].dropped;
	}
	assert_true(sweeps || missing == unattributed(h) - lost);
	pass = harness_limit(h, "a").verdict[RL_VERDICT_PASS];
	drop = harness_limit(h, "a").verdict[RL_VERDICT_DROP];
	assert_int_equal(pass.packets, passed);
	assert_int_equal(drop.packets, sweeps ? PACKETS - passed : dropped);
	if (passed < PACKETS / 50 || passed > PACKETS / 50 * 49)
		fail_msg("%s: %u of %u passed: no test", statement, passed, PACKETS);
	harness_conf(h, "del-limit a");
	harness_sweep(h, RL_SWEEP_CLEAR, 0);
	free(model);
}

static void seed(void)
{
	const char *given = getenv("RLD_TEST_SEED");
	unsigned value = given ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);

	srand(value);
	print_message("# RLD_TEST_SEED=%u\n", value);
}

static void one_window_decides_as_defined(void **state)
{
	static const char *const limits[] = {
		"set-limit a 7/second match any",
		"set-limit a 40/minute match any",
		"set-limit a 5/hour match any",
		"set-limit a 3/day match any",
		"set-limit a 3000 bytes/10s match any",
		"set-limit a 6/minute match any strategy elastic",
		"set-limit a 9000 bytes/minute match any strategy elastic",
		"set-limit a 8/minute match any strategy sliding-window",
		"set-limit a 5/hour match any strategy sliding-window",
		"set-limit a 5000 bytes/minute match any strategy sliding-window",
		"set-limit a 8/minute match any strategy moving-window",
		"set-limit a 40/hour match any strategy moving-window",
		"set-limit a 9/minute match any strategy token-bucket",
		"set-limit a 7/hour burst 3 match any strategy token-bucket",
		"set-limit a 1/3m match any strategy token-bucket",
		"set-limit a 5000 bytes/minute match any strategy token-bucket",
	};

	seed();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		follow(*state, limits[i], false);
}

static void stacks_decide_as_defined(void **state)
{
	static const char *const limits[] = {
		"set-limit a 4/second,20/minute match any",
		"set-limit a 3/second,9/10s,30/minute,200/hour match any",
		"set-limit a 900 bytes/second,9000 bytes/minute match any",
		"set-limit a 4/second,20/minute match any strategy elastic",
		"set-limit a 4/second,20/minute match any strategy sliding-window",
		"set-limit a 5/10s,40/2m match any strategy moving-window",
	};

	seed();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		follow(*state, limits[i], false);
}

static void bans_decide_as_defined(void **state)
{
	static const char *const limits[] = {
		"set-limit a 5/10s match any ban for 20s up to 5m after 2 breaches in 2m",
		"set-limit a 4/second,20/minute match any ban for 20s up to 2m after 2 breaches in "
		"2m",
		"set-limit a 5/10s match any strategy elastic ban for 20s",
		"set-limit a 5/10s match any strategy sliding-window ban for 20s up to 5m after 3 "
		"breaches in 2m",
	};

	seed();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		follow(*state, limits[i], false);
}

static void forgetting_changes_no_decision(void **state)
{
	static const char *const limits[] = {
		"set-limit a 7/second match any",
		"set-limit a 5/hour match any",
		"set-limit a 4/second,20/minute match any",
		"set-limit a 6/minute match any strategy elastic",
		"set-limit a 8/minute match any strategy sliding-window",
		"set-limit a 4/second,20/minute match any strategy sliding-window",
		"set-limit a 5/10s,40/2m match any strategy moving-window",
		"set-limit a 9/minute match any strategy token-bucket",
		"set-limit a 7/hour burst 3 match any strategy token-bucket",
		"set-limit a 2/minute burst 20 match any strategy token-bucket",
		"set-limit a 5/10s match any ban for 20s up to 5m",
		"set-limit a 5/10s match any ban for 20s up to 5m after 3 breaches in 10m",
		"set-limit a 5/hour match any ban for 1m",
		"set-limit a 4/10s,20/hour match any ban for 1m after 2 breaches in 10m",
	};

	seed();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		follow(*state, limits[i], true);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_window_decides_as_defined),
		TEST(stacks_decide_as_defined),
		TEST(bans_decide_as_defined),
		TEST(forgetting_changes_no_decision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
