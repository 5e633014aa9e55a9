/* SPDX-License-Identifier: GPL-2.0-only */
/* Whom no limit bans: peers of protected ports, and prefixes that one of them is in. */
#include <string.h>

#include "harness.h"

#define PEER "192.0.2.1"
#define PEER6 "2001:db8:0:1::1"
#define OTHER "192.0.2.200"
#define OTHER6 "2001:db8:0:2::1"
#define DST "192.0.2.2"
#define DST6 "2001:db8::2"
#define MINUTE (60 * SECOND)

static union rl_addr number(const char *text)
{
	union rl_addr addr = {0};

	assert_int_equal(addr_parse(text, strlen(text), &addr), 0);
	return addr;
}

static void set_peers(struct harness *h, const char *first, const char *second)
{
	union rl_addr v[2];
	size_t count = 0;

	if (first)
		v[count++] = number(first);
	if (second)
		v[count++] = number(second);
	dp_peers_set(h->dp, v, count);
}

static bool is_ipv6(const char *source)
{
	return strchr(source, ':');
}

/* Three packets within a limit of 1 a second. */
static void breach(struct harness *h, const char *source)
{
	struct frame f;

	packet_udp(&f, source, is_ipv6(source) ? DST6 : DST, 1, 2);
	harness_passed(h, &f, 3);
}

/* By what it sends otherwise. */
static bool banned(struct harness *h, const char *source)
{
	struct frame f;

	packet_tcp(&f, source, is_ipv6(source) ? DST6 : DST, 1, 22, TCP_ACK);
	return harness_reason(h, &f, NULL) == RL_REASON_BANNED;
}

static bool banned_after_breach(struct harness *h, const char *source)
{
	breach(h, source);
	return banned(h, source);
}

static void a_peer_is_not_banned_and_others_are(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	set_peers(h, PEER, PEER6);
	assert_false(banned_after_breach(h, PEER));
	assert_false(banned_after_breach(h, PEER6));
	assert_true(banned_after_breach(h, OTHER));
	assert_true(banned_after_breach(h, OTHER6));
	assert_int_equal(dp_control(h->dp)->bans, 2);
	assert_int_equal(harness_limit(h, "a").bans, 2);
	assert_int_equal(harness_limit(h, "a").bans_spared, 2);
	/* The limit refuses as it would without the clause. */
	assert_reason(h, packet_udp(&f, PEER, DST, 1, 2), RL_REASON_OVER_LIMIT);
	h->now += SECOND;
	assert_reason(h, &f, RL_REASON_UNDER_LIMIT);
	assert_false(banned_after_breach(h, PEER));
	assert_int_equal(harness_limit(h, "a").bans_spared, 3);
}

static void a_peer_that_has_left_is_banned(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	set_peers(h, PEER, NULL);
	assert_false(banned_after_breach(h, PEER));
	set_peers(h, OTHER, NULL);
	h->now += SECOND;
	assert_true(banned_after_breach(h, PEER));
	assert_false(banned_after_breach(h, OTHER));
	set_peers(h, NULL, NULL);
	h->now += SECOND;
	assert_true(banned_after_breach(h, OTHER));
	h->now += 2 * MINUTE;
	assert_true(banned_after_breach(h, PEER));
}

static void a_ban_of_the_limit_alone_is_not_made_either(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m");
	set_peers(h, PEER, NULL);
	breach(h, PEER);
	breach(h, OTHER);
	assert_reason(h, packet_udp(&f, PEER, DST, 1, 2), RL_REASON_OVER_LIMIT);
	assert_reason(h, packet_udp(&f, OTHER, DST, 1, 2), RL_REASON_BANNED);
	h->now += SECOND;
	assert_reason(h, packet_udp(&f, PEER, DST, 1, 2), RL_REASON_UNDER_LIMIT);
	assert_reason(h, packet_udp(&f, OTHER, DST, 1, 2), RL_REASON_BANNED);
}

static void a_prefix_with_a_peer_is_not_banned(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second per source/24/64 match udp ban for 1m everywhere");
	set_peers(h, PEER, PEER6);
	assert_false(banned_after_breach(h, OTHER));
	assert_false(banned_after_breach(h, "2001:db8:0:1:ffff::9"));
	assert_true(banned_after_breach(h, "192.0.3.1"));
	assert_true(banned_after_breach(h, OTHER6));
	/* A bit of the prefix decides. */
	harness_conf(h, "set-limit a 1/second per source/25/63 match udp ban for 1m everywhere");
	assert_false(banned_after_breach(h, "192.0.2.127"));
	assert_true(banned_after_breach(h, "192.0.2.128"));
	assert_false(banned_after_breach(h, "2001:db8::1"));
}

/* The first and the last one count as all others do; there are no more than 256. */
static void so_many_peers_are_known_and_no_more(void **state)
{
	struct harness *h = *state;
	union rl_addr v[RL_PEERS_MAX + 1];

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	for (unsigned i = 0; i <= RL_PEERS_MAX; i++) {
		v[i] = number("198.51.100.0");
		v[i].byte[14] += i >> 8;
		v[i].byte[15] = i & 0xff;
	}
	dp_peers_set(h->dp, v, RL_PEERS_MAX + 1);
	assert_false(banned_after_breach(h, "198.51.100.0"));
	assert_false(banned_after_breach(h, "198.51.100.255"));
	assert_true(banned_after_breach(h, "198.51.101.0"));
}

static void other_strategies_spare_as_well(void **state)
{
	static const char *const strategies[] = {"elastic", "sliding-window", "moving-window",
						 "token-bucket"};
	struct harness *h = *state;
	char line[128];

	set_peers(h, PEER, NULL);
	for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
		snprintf(line, sizeof(line),
			 "set-limit a 1/second match udp strategy %s ban for 1m everywhere",
			 strategies[i]);
		harness_conf(h, line);
		assert_false(banned_after_breach(h, PEER));
		assert_true(banned_after_breach(h, OTHER));
		h->now += 2 * MINUTE;
	}
}

static void breaches_count_anew_after_a_spared_ban(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 1/second match udp "
			"ban for 1m after 2 breaches in 1m everywhere");
	set_peers(h, PEER, NULL);
	for (int i = 0; i < 4; i++, h->now += SECOND)
		assert_false(banned_after_breach(h, PEER));
	assert_int_equal(harness_limit(h, "a").bans_spared, 2);
	set_peers(h, NULL, NULL);
	assert_false(banned_after_breach(h, PEER));
	h->now += SECOND;
	assert_true(banned_after_breach(h, PEER));
	assert_int_equal(harness_limit(h, "a").bans, 1);
}

struct told {
	unsigned count[RL_EVENT_COUNT];
	struct rl_event spared;
};

static void take_event(void *ctx, const struct rl_event *event)
{
	struct told *told = ctx;

	told->count[event->kind]++;
	if (event->kind == RL_EVENT_BAN_SPARED)
		told->spared = *event;
}

static void it_is_told(void **state)
{
	struct harness *h = *state;
	struct told told = {0};
	union rl_addr peer = number(PEER);

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	set_peers(h, PEER, NULL);
	dp_control(h->dp)->events_per_second = 10;
	breach(h, PEER);
	assert_int_equal(dp_events(h->dp, take_event, &told), 2);
	assert_int_equal(told.count[RL_EVENT_BREACH], 1);
	assert_int_equal(told.count[RL_EVENT_BAN_SPARED], 1);
	assert_memory_equal(&told.spared.source, &peer, sizeof(peer));
	assert_int_equal(told.spared.until, h->now + SECOND);
	assert_int_equal(told.spared.verdict, RL_VERDICT_DROP);
}

static void explain(struct harness *h, const struct frame *f, struct dp_explained *ret)
{
	struct diag d;

	dp_control(h->dp)->test_now = h->now;
	assert_int_equal(dp_explain(h->dp, f->data, f->len, 0, ret, &d), 0);
}

static void an_explanation_knows_of_peers(void **state)
{
	struct harness *h = *state;
	struct dp_explained e;
	struct frame f;

	harness_conf(h, "set-limit a 1/second match udp ban for 1m everywhere");
	set_peers(h, PEER, NULL);
	harness_run(h, packet_udp(&f, OTHER, DST, 1, 2));
	explain(h, &f, &e);
	assert_int_equal(e.limit[0].ban_until, h->now + MINUTE);
	harness_run(h, packet_udp(&f, PEER, DST, 1, 2));
	explain(h, &f, &e);
	assert_int_equal(e.reason, RL_REASON_OVER_LIMIT);
	assert_int_equal(e.limit[0].ban_until, 0);
	assert_int_equal(harness_limit(h, "a").bans_spared, 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_peer_is_not_banned_and_others_are),
		TEST(a_peer_that_has_left_is_banned),
		TEST(a_ban_of_the_limit_alone_is_not_made_either),
		TEST(a_prefix_with_a_peer_is_not_banned),
		TEST(so_many_peers_are_known_and_no_more),
		TEST(other_strategies_spare_as_well),
		TEST(breaches_count_anew_after_a_spared_ban),
		TEST(it_is_told),
		TEST(an_explanation_knows_of_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
