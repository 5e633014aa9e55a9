// SPDX-License-Identifier: GPL-2.0-only
/* Limits that match no packet are refused, and no others; windows that never decide are named, and
 * no others. */
#include <stdio.h>

#include "bpf/strategy/strategy.h"
#include "conf/model/conf_internal.h"
#include "unit.h"
#include "conf/compile/compile.h"

static void test_what_no_packet_meets_is_named(void **state)
{
	static const struct {
		const char *limit;
		int column;
		const char *named;
	} cases[] = {
		{"1/s match tcp udp", 15, "\"tcp\" and \"udp\" together"},
		{"1/s match udp syn", 15, "\"udp\" and \"syn\" together"},
		{"1/s match tcp dport 80 dport 443", 24, "\"dport 80\" and \"dport 443\" together"},
		{"1/s match tcp dport 80,443 not dport 81", 0, NULL},
		{"1/s match vlan 5 icmp fragment dport 5", 32, "\"icmp\" and \"dport 5\" together"},
		{"1/s match fragment dport 5", 0, NULL},
		{"1/s match not tcp not udp dport 80", 0, NULL}, /* SCTP */
		{"1/s match not proto 6,17,33,132,136 dport 80", 37,
		 "\"not proto 6,17,33,132,136\" and \"dport 80\" together"},
		{"1/s match src 10.0.0.0/8 src 2001:db8::/32", 26,
		 "\"src 10.0.0.0/8\" and \"src 2001:db8::/32\" together"},
		{"1/s match src 10.0.0.0/8 dst ::/0", 26, "\"dst ::/0\" together"},
		{"1/s match not src ::/0 dst 2001:db8::1", 24, "\"dst 2001:db8::1\" together"},
		{"1/s match src 10.0.0.0/8 not src 10.0.0.0/8", 26,
		 "\"src 10.0.0.0/8\" and \"not src 10.0.0.0/8\""},
		{"1/s match src 10.0.0.0/8 not src 10.0.0.0/9,10.128.0.0/9", 26, "together"},
		{"1/s match src 10.0.0.0/8 not src 10.0.0.0/9,10.128.0.0/10", 0, NULL},
		{"1/s match icmp icmp-type 8 dst ::1", 28,
		 "\"icmp\" and \"icmp-type 8\" and \"dst ::1\" together"},
		{"1/s match icmp-type 8 dst ::1", 0, NULL},
		{"1/s match length 0-10", 11, "no packet matches \"length 0-10\""},
		{"1/s match length 0-30", 0, NULL},
		{"1/s match udp length 0-39 src ::/0", 27, "\"length 0-39\" and \"src ::/0\""},
		{"1/s match length 0-40 src ::/0", 0, NULL},
		{"1/s match not length 0-65535", 11, "\"not length 0-65535\""},
		{"1/s match not proto 0-255", 11, "\"not proto 0-255\""},
		{"1/s match iface a not iface a,b", 19, "\"iface a\" and \"not iface a,b\""},
		{"1/s match vlan 5 vlan 6", 18, "\"vlan 5\" and \"vlan 6\""},
		{"1/s match not vlan 0-4095", 0, NULL},
		{"5 connections/m match src 10.0.0.0/8 udp", 38,
		 "\"udp\" and the unit \"connections\""},
		{"5 connections/m match tcp not syn", 27, "\"not syn\" and the unit"},
		{"1/s per source,dport match icmpv6", 28, "\"icmpv6\" and a key with ports"},
		{"1/s per source,sport match not udp", 0, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		unit_limit_named(cases[i].limit, cases[i].column, cases[i].named);
}

static void test_what_holds_is_said(void **state)
{
	static const struct {
		const char *limit;
		const char *expected;
	} cases[] = {
		{"1/s match tcp udp", "a list: tcp,udp"},
		{"1/s match proto 6 udp", "a list: proto 6,udp"},
		{"1/s match tcp dport 80 dport 443", "a list: dport 80,443"},
		{"1/s match src 10.0.0.0/8 src 2001:db8::/32", "src 10.0.0.0/8,2001:db8::/32"},
		{"1/s match src 10.0.0.0/8 not src 10.0.0.0/8", "values that \"not\" leaves"},
		{"1/s match src 10.0.0.0/8 dst ::/0", "one version of IP"},
		{"1/s match icmp dport 5", "a protocol with ports"},
		{"1/s match udp syn", "tcp, which alone has SYN"},
		{"5 connections/m match not syn", "another unit"},
		{"1/s match icmp icmp-type 8 dst ::1", "icmp for IPv4 or icmpv6 for IPv6"},
		{"1/s match icmp-type 8 dport 3", "each in a limit of its own"},
		{"1/s match length 0-10", "20 bytes or more"},
		{"1/s match not proto 0-255", "what some packet meets"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf *c = conf_new();
		struct diag d;
		char line[256];

		snprintf(line, sizeof(line), "set-limit a %s", cases[i].limit);
		d = unit_bad(c, line);
		if (!strstr(d.expected, cases[i].expected))
			fail_msg("%s: %s", line, d.expected);
		conf_free(c);
	}
}

static void test_most_that_are_accepted_are_met_by_a_packet(void **state)
{
	unsigned refused = 0, accepted = 0, met = 0;

	unit_seed("contradiction");
	for (unsigned round = 0; round < 3000; round++) {
		struct conf *c = conf_new();
		struct diag d = {0};
		char line[1024];
		bool found = false, good;

		unit_random_statement("a", line, sizeof(line));
		good = unit_line(c, line, NULL, NULL, &d) == 0;
		accepted += good;
		refused += !good;
		for (unsigned i = 0; good && !found && i < 2000; i++) {
			struct unit_packet p;

			unit_random_packet(&p);
			found = unit_matches(c->limit[0], &p);
		}
		met += found;
		conf_free(c);
	}
	/* Random packets meet most of what is accepted. */
	fprintf(stderr, "# %u accepted, %u of them met by a packet, %u refused\n", accepted, met,
		refused);
	assert_true(refused > 100 && accepted > 1000 && met * 10 >= accepted * 8);
}

/* The conditions alone, which nothing has looked at together. */
static void read_conds(const char *match, struct conf_limit *ret)
{
	struct words words = {0};
	struct diag d = {0};
	struct stmt s = {.words = &words, .d = &d};

	assert_int_equal(words_split(match, strlen(match), &words, &d), 0);
	assert_int_equal(conds_take(&s, ret), 0);
	words_done(&words);
}

static void test_refused_ones_are_met_by_no_packet(void **state)
{
	unit_seed("refused");
	for (unsigned refused = 0; refused < 200;) {
		struct conf_limit *l = conf_limit_new();
		struct conf *c = conf_new();
		struct diag d = {0};
		char match[512], line[600];

		unit_random_match(match, sizeof(match));
		snprintf(line, sizeof(line), "set-limit a 1/s match %s", match);
		if (strcmp(match, "any") != 0 && unit_line(c, line, NULL, NULL, &d)) {
			refused++;
			read_conds(match, l);
			for (unsigned i = 0; i < 3000; i++) {
				struct unit_packet p;

				unit_random_packet(&p);
				if (p.length && unit_matches(l, &p))
					fail_msg("refused, though a packet meets it: %s", line);
			}
		}
		conf_limit_free(l);
		conf_free(c);
	}
}

/* The quick answer is the one of the search, and nearly always there. */
static void test_a_witness_is_met_by_the_limit(void **state)
{
	unsigned met = 0, found = 0;

	unit_seed("witness");
	for (unsigned round = 0; round < 2000; round++) {
		struct conf_limit *l = conf_limit_new();
		char match[512];
		bool witness, any;

		unit_random_match(match, sizeof(match));
		if (strcmp(match, "any") != 0)
			read_conds(match, l);
		l->enabled = true;
		l->abi.unit = unit_chance(20) ? RL_UNIT_CONNECTIONS : RL_UNIT_PACKETS;
		l->abi.key = unit_chance(20) ? RL_KEY_SOURCE | RL_KEY_DPORT : RL_KEY_SOURCE;
		witness = conf_limit_has_witness(l);
		any = conf_limit_matches_any(l);
		if (witness && !any)
			fail_msg("no packet meets it, but there is a witness: %s", match);
		met += any;
		found += witness;
		conf_limit_free(l);
	}
	fprintf(stderr, "# %u met, %u of them by the witness\n", met, found);
	assert_true(met > 1000 && found * 10 > met * 6);
}

static void test_usual_limits_have_a_witness(void **state)
{
	static const char *const matches[] = {
		"tcp dport 22",
		"udp dport 1000-2000 src 198.51.100.0/24",
		"icmpv6 icmp-type 128",
		"tcp syn not src 10.0.0.0/8,192.0.2.0/24,2001:db8::/32",
		"icmpv6 not src 2001:db8::/32 not dst fe80::/10",
		"length 1000-65535 udp not sport 53",
		"vlan 10 iface eth0 not dport 22",
	};

	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		struct conf_limit *l = conf_limit_new();

		read_conds(matches[i], l);
		if (!conf_limit_has_witness(l))
			fail_msg("%s", matches[i]);
		conf_limit_free(l);
	}
}

static void test_windows_that_never_decide_are_named(void **state)
{
	static const struct {
		const char *rates;
		const char *warning; /* "": none */
	} cases[] = {
		{"10/s,1000/m", "1000/1m never decides: 10/1s lets at most 610 through"},
		{"10/s,610/m", "610/1m never decides"},
		{"10/s,609/m", ""},
		{"1000/m,10/s,2000/h", "1000/1m never decides"},
		{"2/s,10/7s", ""},
		{"2/s,18/7500ms", "18/7500ms never decides: 2/1s lets at most 18"},
		{"0/s,5/m", "5/1m never decides: 0/1s lets at most 0"},
		{"5MB/s,1GB/m strategy sliding-window", "lets at most 310000000 through"},
		{"10/s,620/m strategy sliding-window", "never decides"},
		{"10/s,619/m strategy sliding-window", ""},
		{"10/s,1000/m strategy elastic", ""},
		{"0/s,1000/m strategy elastic", "never decides"},
		{"10/s,600/m strategy moving-window on-full drop", "lets at most 600 through"},
		{"10/s,599/m strategy moving-window on-full drop", ""},
		{"10/100ms,199/s strategy moving-window", ""}, /* a bucket looks back for 2 s */
		{"10/100ms,200/s strategy moving-window", "never decides"},
		{"100/s,50/m", ""},
		{"1G/ms,140737488355327/2year", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf *c = conf_new();
		struct conf_change change;
		char line[256];

		snprintf(line, sizeof(line), "set-limit %s", cases[i].rates);
		change = unit_good(c, line);
		if (!strstr(change.warning, cases[i].warning) ||
		    !cases[i].warning[0] != !change.warning[0])
			fail_msg("%s: %s", cases[i].rates, change.warning);
		conf_free(c);
	}
}

#define LOG 64
/* As the program asks it; a moving window by its log, where the source has a place of its own, or by
 * its overflow bucket. */
static bool admits(const struct rl_limit *l, struct rl_state *st, unsigned i, __u64 now)
{
	static __u64 log[2][LOG];
	struct rl_take take;

	if (l->strategy == RL_STRATEGY_MOVING_WINDOW && l->on_full == RL_ON_FULL_DROP)
		rl_take_log(&st->window[i], &l->window[i], now, log[i], LOG - 1, &take);
	else
		rl_take_window(&st->window[i], l, i, now, 1, 0, &take);
	return take.admitted;
}

/* Bursts that come when they get most through; true if the longer window ever refuses. */
static bool decides(const struct rl_limit *l)
{
	struct rl_state st = {0};
	__u64 now = 1000000000;

	for (unsigned i = 0; i < 2000; i++) {
		if (unit_chance(30))
			now += l->window[0].period_ns / (1 + unit_random(4));
		else if (unit_chance(10))
			now += l->window[1].period_ns / (1 + unit_random(3));
		else if (unit_chance(30))
			now += 1;
		if (admits(l, &st, 0, now) && !admits(l, &st, 1, now))
			return true;
	}
	return false;
}

static void test_none_that_decides_is_named(void **state)
{
	static const char *const strategies[] = {
		"fixed-window",
		"sliding-window",
		"elastic",
		"moving-window",
		"moving-window on-full drop",
	};
	unsigned named[5] = {0}, decided[5] = {0};

	unit_seed("bounds");
	for (unsigned round = 0; round < 10000; round++) {
		unsigned amount = unit_random(5), which = round % 5, periods = 2 + unit_random(6);
		struct conf *c = conf_new();
		bool warned;
		char line[128];

		snprintf(line, sizeof(line), "set-limit %u/s,%u/%ums strategy %s", amount,
			 1 + amount + unit_random(1 + amount * (periods + 4)),
			 periods * 1000 - unit_random(900), strategies[which]);
		warned = unit_good(c, line).warning[0];
		named[which] += warned;
		if (decides(&c->limit[0]->abi)) {
			decided[which]++;
			if (warned)
				fail_msg("it decides: %s", line);
		}
		conf_free(c);
	}
	for (unsigned i = 0; i < 5; i++) {
		fprintf(stderr, "# %s: of 2000 %u are named, %u seen to decide\n", strategies[i],
			named[i], decided[i]);
		assert_true(named[i] > 150 && decided[i] > 150);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_no_packet_meets_is_named),
		cmocka_unit_test(test_what_holds_is_said),
		cmocka_unit_test(test_most_that_are_accepted_are_met_by_a_packet),
		cmocka_unit_test(test_refused_ones_are_met_by_no_packet),
		cmocka_unit_test(test_a_witness_is_met_by_the_limit),
		cmocka_unit_test(test_usual_limits_have_a_witness),
		cmocka_unit_test(test_windows_that_never_decide_are_named),
		cmocka_unit_test(test_none_that_decides_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
