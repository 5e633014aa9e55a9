// SPDX-License-Identifier: GPL-2.0-only
/* Which limits judge, under which key, and what lists, modes and reloads do. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

/* Passes of `count` packets from each of two sources, under one limit. */
static void two_sources(struct harness *h, const char *limit, const char *a, const char *b,
			unsigned expected)
{
	struct frame f;
	unsigned passed;

	harness_conf(h, limit);
	passed = harness_passed(h, packet_udp(&f, a, strchr(a, ':') ? "2001:db8::ff" : DST, 1, 2),
				5);
	passed += harness_passed(h, packet_udp(&f, b, strchr(b, ':') ? "2001:db8::ff" : DST, 1, 2),
				 5);
	if (passed != expected)
		fail_msg("%s: %s and %s: %u passed, expected %u", limit, a, b, passed, expected);
	harness_conf(h, "del-limit a");
}

static void sources_share_a_bucket_by_prefix(void **state)
{
	struct harness *h = *state;

	two_sources(h, "set-limit a 3/minute match any", "192.0.2.1", "192.0.2.9", 6);
	two_sources(h, "set-limit a 3/minute match any per source/24", "192.0.2.1", "192.0.2.9", 3);
	two_sources(h, "set-limit a 3/minute match any per source/24", "192.0.2.1", "192.0.3.1", 6);
	two_sources(h, "set-limit a 3/minute match any", "2001:db8::1", "2001:db8::2", 3);
	two_sources(h, "set-limit a 3/minute match any", "2001:db8::1", "2001:db8:0:1::1", 6);
	two_sources(h, "set-limit a 3/minute match any per source/32/56", "2001:db8::1",
		    "2001:db8:0:1::1", 3);
	two_sources(h, "set-limit a 3/minute match any per source/32/128", "2001:db8::1",
		    "2001:db8::2", 6);
	two_sources(h, "set-limit a 3/minute match any per all", "192.0.2.1", "2001:db8::2", 3);
	two_sources(h, "set-limit a 3/minute match any per destination", "192.0.2.1", "192.0.7.1",
		    3);
}

struct key_case {
	const char *per;
	bool sport, dport, proto, destination; /* parts that make another bucket */
};

static void keys_take_the_parts_they_name(void **state)
{
	static const struct key_case cases[] = {
		{"source", false, false, false, false},
		{"source,dport", false, true, false, false},
		{"source,sport", true, false, false, false},
		{"source,proto", false, false, true, false},
		{"source,destination", false, false, false, true},
		{"source,dport,sport,proto,destination", true, true, true, true},
	};
	struct harness *h = *state;
	struct frame f;
	char line[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct key_case *c = &cases[i];

		snprintf(line, sizeof(line), "set-limit a 1/minute match any per %s", c->per);
		harness_conf(h, line);
		assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 2), 1);
		assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 9, 2), 2), c->sport);
		assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 9), 2), c->dport);
		assert_int_equal(harness_passed(h, packet_tcp(&f, SRC, DST, 1, 2, TCP_ACK), 2),
				 c->proto);
		assert_int_equal(harness_passed(h, packet_udp(&f, SRC, "192.0.2.3", 1, 2), 2),
				 c->destination);
		harness_conf(h, "del-limit a");
	}
}

static void a_later_fragment_matches_no_limit_that_names_a_port(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(
		h,
		"set-limit a 0/minute match dport 0-65535\nset-limit b 0/minute match not sport 9");
	frame_next(packet_fragment(packet_ip(&f, SRC, DST), 10, false), 17);
	packet_end(frame_put(&f, NULL, 16));
	assert_reason(h, &f, RL_REASON_NO_LIMIT);
	harness_conf(h, "set-limit c 0/minute match udp");
	assert_reason(h, &f, RL_REASON_OVER_LIMIT);
}

static void the_default_judges_what_no_enforcing_limit_matched(void **state)
{
	struct harness *h = *state;
	struct frame dns, web;

	packet_udp(&dns, SRC, DST, 1, 53);
	packet_tcp(&web, SRC, DST, 1, 80, TCP_SYN);
	harness_conf(h, "set-limit 0/minute\nset-limit dns 100/minute match udp dport 53");
	assert_reason(h, &dns, RL_REASON_UNDER_LIMIT);
	assert_reason(h, &web, RL_REASON_OVER_LIMIT);
	harness_conf(h, "set-limit dns 100/minute match udp dport 53 monitor");
	assert_reason(h, &dns, RL_REASON_OVER_LIMIT);
	harness_conf(h, "set-limit dns 100/minute match udp dport 53\ndisable dns");
	assert_reason(h, &dns, RL_REASON_OVER_LIMIT);
	harness_conf(h, "enable dns\ndisable default");
	assert_reason(h, &dns, RL_REASON_UNDER_LIMIT);
	assert_reason(h, &web, RL_REASON_NO_LIMIT);
}

static void the_default_judges_only_what_its_unit_and_key_can(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit 0 connections/second");
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 53), RL_REASON_NO_LIMIT);
	assert_reason(h, packet_tcp(&f, SRC, DST, 1, 53, TCP_SYN), RL_REASON_OVER_LIMIT);
	harness_conf(h, "set-limit 0/second per source,dport");
	assert_reason(h, packet_icmp(&f, SRC, DST, 8, 0), RL_REASON_NO_LIMIT);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 53), RL_REASON_OVER_LIMIT);
}

static void the_first_refusal_decides_and_earlier_counts_stay(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 10/minute match udp\nset-limit b 2/minute match "
			"any\nset-limit c 9/minute match any");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 20), 2);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_PASS].packets, 10);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 10);
	assert_int_equal(harness_limit(h, "b").verdict[RL_VERDICT_DROP].packets, 8);
	assert_int_equal(harness_limit(h, "c").verdict[RL_VERDICT_PASS].packets, 2);
}

static void a_monitored_limit_only_tells(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u32 verdict;

	harness_conf(h, "set-limit a 2/minute match any monitor");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 9), 9);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_WOULD_DROP].packets, 7);
	assert_int_equal(harness_reason(h, &f, &verdict), RL_REASON_OVER_LIMIT);
	assert_int_equal(verdict, RL_VERDICT_WOULD_DROP);
}

static void eight_limits_judge_one_packet(void **state)
{
	struct harness *h = *state;
	struct frame f;
	char line[64];

	for (int i = 0; i < 8; i++) {
		snprintf(line, sizeof(line), "set-limit l%d %d/minute match any", i, 20 - i);
		harness_conf(h, line);
	}
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 30), 13);
	assert_int_equal(harness_limit(h, "l0").verdict[RL_VERDICT_PASS].packets, 20);
	assert_int_equal(harness_limit(h, "l7").verdict[RL_VERDICT_PASS].packets, 13);
}

static void lists_come_before_limits_and_allow_before_deny(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit 0/minute\nallow add 192.0.2.0/28\ndeny add 192.0.2.0/24\n"
			"deny add 2001:db8:1::/48\nallow add 2001:db8:1:2::/64");
	assert_reason(h, packet_udp(&f, "192.0.2.1", DST, 1, 2), RL_REASON_ALLOW_LIST);
	assert_reason(h, packet_udp(&f, "192.0.2.16", DST, 1, 2), RL_REASON_DENY_LIST);
	assert_reason(h, packet_udp(&f, "192.0.3.1", DST, 1, 2), RL_REASON_OVER_LIMIT);
	assert_reason(h, packet_udp(&f, "2001:db8:1:2::5", "::1", 1, 2), RL_REASON_ALLOW_LIST);
	assert_reason(h, packet_udp(&f, "2001:db8:1:3::5", "::1", 1, 2), RL_REASON_DENY_LIST);
	harness_conf(h, "allow del 192.0.2.0/28\ndeny del 2001:db8:1::/48");
	assert_reason(h, packet_udp(&f, "192.0.2.1", DST, 1, 2), RL_REASON_DENY_LIST);
	assert_reason(h, packet_udp(&f, "2001:db8:1:3::5", "::1", 1, 2), RL_REASON_OVER_LIMIT);
}

static void entries_end_and_a_covering_one_goes_on(void **state)
{
	struct harness *h = *state;
	struct frame f;

	h->now = 1000 * SECOND;
	harness_conf(h, "deny add 192.0.2.1 for 10s\ndeny add 192.0.2.0/24 for 20s\ndeny add "
			"192.0.2.64/26");
	packet_udp(&f, SRC, DST, 1, 2);
	h->now = 1010 * SECOND - 1;
	assert_reason(h, &f, RL_REASON_BANNED);
	h->now = 1020 * SECOND - 1; /* the /24 is not over, and rld takes the entry inside out */
	assert_reason(h, &f, RL_REASON_BANNED);
	h->now = 1020 * SECOND;
	assert_reason(h, &f, RL_REASON_NO_LIMIT);
	assert_reason(h, packet_udp(&f, "192.0.2.65", DST, 1, 2), RL_REASON_DENY_LIST);
}

static void a_reload_keeps_what_did_not_change(void **state)
{
	struct harness *h = *state;
	struct frame a, b;

	harness_conf(h, "set-limit a 5/minute match udp\nset-limit b 5/minute match tcp");
	packet_udp(&a, SRC, DST, 1, 2);
	packet_tcp(&b, SRC, DST, 1, 2, TCP_ACK);
	assert_int_equal(harness_passed(h, &a, 3), 3);
	assert_int_equal(harness_passed(h, &b, 3), 3);
	harness_conf(h, "set-limit b 5/hour match tcp\nset-limit c 1/minute match icmp\nset-limit "
			"a 6/minute match udp");
	assert_int_equal(harness_passed(h, &a, 9), 3); /* the count of 3 stays, the amount is new */
	assert_int_equal(harness_passed(h, &b, 9), 5); /* another period: afresh */
	for (int i = 0; i < 3 * RL_GENERATIONS; i++)
		harness_publish(h);
	assert_int_equal(harness_passed(h, &a, 9), 0);
}

static void a_new_daemon_takes_up_state_and_counters(void **state)
{
	struct harness *h = *state;
	struct frame f;

	harness_conf(h, "set-limit a 5/minute match udp\ndeny add 198.51.100.0/24");
	packet_udp(&f, SRC, DST, 1, 2);
	assert_int_equal(harness_passed(h, &f, 4), 4);
	harness_reopen(h);
	assert_true(dp_adopted(h->dp));
	assert_int_equal(harness_passed(h, &f, 4), 1);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_DROP].packets, 3);
	harness_publish(h);
	assert_int_equal(harness_passed(h, &f, 4), 0);
	assert_reason(h, packet_udp(&f, "198.51.100.9", DST, 1, 2), RL_REASON_DENY_LIST);
}

static void before_the_first_rules_everything_passes_with_a_reason(void **state)
{
	struct harness *h = *state;
	struct frame f;

	dp_control(h->dp)->active = (dp_control(h->dp)->active + 3) % RL_GENERATIONS;
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_NO_RULES);
}

static void rule_sets_share_the_prefixes_of_conditions(void **state)
{
	struct harness *h = *state;
	struct frame f;
	__u32 set;

	harness_conf(h, "set-limit a 0/minute match src 192.0.2.0/24");
	set = dp_rules(h->dp)->source_set;
	harness_conf(h, "set-limit b 5/minute match udp src 198.51.100.0/24\ndel-limit b");
	assert_int_equal(dp_rules(h->dp)->source_set, set);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_OVER_LIMIT);
	harness_conf(h, "set-limit a 0/minute match src 192.0.2.128/25");
	assert_int_not_equal(dp_rules(h->dp)->source_set, set);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_NO_LIMIT);
	harness_conf(h, "set-limit a 0/minute match udp");
	assert_int_equal(dp_rules(h->dp)->source_set, 0);
	harness_conf(h, "set-limit a 0/minute match src 192.0.2.0/24");
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_OVER_LIMIT);
	harness_reopen(h);
	harness_publish(h);
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 2), RL_REASON_OVER_LIMIT);
}

static unsigned prefixes(struct harness *h)
{
	int fd = bpf_map__fd(h->dp->skel->maps.prefixes);
	struct rl_prefix key, next;
	unsigned count = 0;

	for (int more = !bpf_map_get_next_key(fd, NULL, &next); more; count++) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
	}
	return count;
}

static void prefixes_of_former_rule_sets_go(void **state)
{
	struct harness *h = *state;
	struct frame f;
	char line[64];

	for (int i = 0; i < 400; i++) {
		snprintf(line, sizeof(line), "deny add 10.0.%d.%d", i / 250, i % 250);
		harness_conf(h, line);
	}
	/* And the one where IPv4 ends. */
	for (int i = 0; i < 500 && prefixes(h) != 401; i++) {
		harness_wait_free(h);
		usleep(10000);
	}
	assert_int_equal(prefixes(h), 401);
	assert_reason(h, packet_udp(&f, "10.0.1.149", DST, 1, 2), RL_REASON_DENY_LIST);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sources_share_a_bucket_by_prefix),
		TEST(keys_take_the_parts_they_name),
		TEST(a_later_fragment_matches_no_limit_that_names_a_port),
		TEST(the_default_judges_what_no_enforcing_limit_matched),
		TEST(the_default_judges_only_what_its_unit_and_key_can),
		TEST(the_first_refusal_decides_and_earlier_counts_stay),
		TEST(a_monitored_limit_only_tells),
		TEST(eight_limits_judge_one_packet),
		TEST(lists_come_before_limits_and_allow_before_deny),
		TEST(entries_end_and_a_covering_one_goes_on),
		TEST(a_reload_keeps_what_did_not_change),
		TEST(a_new_daemon_takes_up_state_and_counters),
		TEST(rule_sets_share_the_prefixes_of_conditions),
		TEST(prefixes_of_former_rule_sets_go),
		TEST(before_the_first_rules_everything_passes_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
