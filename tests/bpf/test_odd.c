// SPDX-License-Identifier: GPL-2.0-only
/* Packets that are not simply judged: too deep, malformed, or never refused within a budget. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "hot.h"

#define SRC6 "2001:db8::1"
#define SECOND 1000000000ull

static struct frame *deep(struct frame *f, const char *source)
{
	packet_ip(f, source, "2001:db8::2");
	for (int i = 0; i < 12; i++)
		packet_extension(f, IPPROTO_DSTOPTS, 1);
	return packet_end(frame_tcp(f, 1, 22, TCP_SYN));
}

/* UDP whose length says more than there is. */
static struct frame *malformed(struct frame *f, const char *source)
{
	packet_udp(f, source, "192.0.2.2", 1, 53);
	f->data[14 + 20 + 5] = 90;
	return f;
}

static struct frame *tagged(struct frame *f, int tags)
{
	packet_ethernet(f);
	for (int i = 0; i < tags; i++)
		frame_vlan(f, ETH_P_8021AD, 7 + i);
	return packet_end(frame_udp(packet_between(f, "192.0.2.1", "192.0.2.2"), 1, 53));
}

static void expect(struct harness *h, const struct frame *f, enum rl_reason reason,
		   enum rl_verdict verdict)
{
	__u32 got;

	assert_int_equal(harness_reason(h, f, &got), reason);
	assert_int_equal(got, verdict);
}

static void drops(struct harness *h, const struct frame *f, enum rl_reason reason)
{
	expect(h, f, reason, RL_VERDICT_DROP);
}

static void passes(struct harness *h, const struct frame *f, enum rl_reason reason)
{
	expect(h, f, reason, RL_VERDICT_PASS);
}

static void the_deep_is_refused_though_no_limit_sees_it(void **state)
{
	struct frame f;

	harness_conf(*state, "set-limit ssh 5/minute match tcp dport 22");
	drops(*state, deep(&f, SRC6), RL_REASON_HEADER_DEPTH);
	drops(*state, tagged(&f, 3), RL_REASON_VLAN_DEPTH);
	drops(*state, tagged(&f, 9), RL_REASON_VLAN_DEPTH);
	passes(*state, tagged(&f, 2), RL_REASON_NO_LIMIT);
	harness_conf(*state, "mode monitor");
	expect(*state, deep(&f, SRC6), RL_REASON_HEADER_DEPTH, RL_VERDICT_WOULD_DROP);
}

static void the_deep_is_judged_by_what_is_known(void **state)
{
	struct frame f;

	harness_conf(*state, "set-option on-deep judge\nset-limit 2/minute per source");
	for (int i = 0; i < 2; i++)
		passes(*state, deep(&f, SRC6), RL_REASON_UNDER_LIMIT);
	drops(*state, deep(&f, SRC6), RL_REASON_OVER_LIMIT);
	passes(*state, deep(&f, "2001:db8:7::1"), RL_REASON_UNDER_LIMIT);
	for (int i = 0; i < 2; i++)
		passes(*state, tagged(&f, 4), RL_REASON_UNDER_LIMIT);
	drops(*state, tagged(&f, 5), RL_REASON_OVER_LIMIT);
	/* No address was reached: nothing to judge by. */
	drops(*state, tagged(&f, 9), RL_REASON_VLAN_DEPTH);
}

static void lists_come_before_what_is_wrong(void **state)
{
	struct frame f;

	harness_conf(*state, "allow add 192.0.2.1\nallow add 2001:db8:a::/48\n"
			     "deny add 198.51.100.0/24\ndeny add 2001:db8:d::/48\n"
			     "set-limit 0/minute");
	passes(*state, malformed(&f, "192.0.2.1"), RL_REASON_ALLOW_LIST);
	drops(*state, malformed(&f, "198.51.100.9"), RL_REASON_DENY_LIST);
	drops(*state, malformed(&f, "203.0.113.1"), RL_REASON_MALFORMED_TRANSPORT);
	passes(*state, deep(&f, "2001:db8:a::1"), RL_REASON_ALLOW_LIST);
	drops(*state, deep(&f, "2001:db8:d::1"), RL_REASON_DENY_LIST);
	drops(*state, deep(&f, SRC6), RL_REASON_HEADER_DEPTH);
	passes(*state, tagged(&f, 3), RL_REASON_ALLOW_LIST);
	/* The total length is wrong, the address is there. */
	packet_udp(&f, "198.51.100.9", "192.0.2.2", 1, 53);
	f.data[17]++;
	drops(*state, &f, RL_REASON_DENY_LIST);
	harness_conf(*state, "set-option on-malformed pass\nset-limit 0/minute");
	passes(*state, malformed(&f, "203.0.113.1"), RL_REASON_MALFORMED_TRANSPORT);
	drops(*state, deep(&f, SRC6), RL_REASON_HEADER_DEPTH);
}

static void the_malformed_of_who_is_banned_is_refused(void **state)
{
	struct frame f;

	harness_conf(*state, "set-option on-malformed pass\n"
			     "set-limit u 1/minute per source ban for 1h everywhere match udp");
	packet_udp(&f, "203.0.113.1", "192.0.2.2", 1, 53);
	passes(*state, &f, RL_REASON_UNDER_LIMIT);
	drops(*state, &f, RL_REASON_OVER_LIMIT);
	drops(*state, malformed(&f, "203.0.113.1"), RL_REASON_BANNED);
	passes(*state, malformed(&f, "203.0.113.2"), RL_REASON_MALFORMED_TRANSPORT);
}

static struct frame *solicitation(struct frame *f)
{
	packet_icmp(f, "fe80::1", "ff02::1", 135, 0);
	f->data[14 + 7] = 255;
	return f;
}

static struct frame *report(struct frame *f)
{
	packet_icmp(f, "fe80::1", "ff02::16", 143, 0);
	f->data[14 + 7] = 1;
	return f;
}

static void each_class_has_a_budget_a_second(void **state)
{
	struct harness *h = *state;
	struct frame f;

	hot_run_on(0); /* each CPU has a budget of its own */
	harness_conf(h, "set-option exempt-rate 3\nset-limit 0/minute");
	for (int second = 0; second < 2; second++) {
		for (int i = 0; i < 3; i++)
			passes(h, solicitation(&f), RL_REASON_NEIGHBOUR_DISCOVERY);
		drops(h, solicitation(&f), RL_REASON_OVER_LIMIT);
		for (int i = 0; i < 3; i++)
			passes(h, report(&f), RL_REASON_MLD);
		drops(h, report(&f), RL_REASON_OVER_LIMIT);
		packet_udp(&f, "0.0.0.0", "255.255.255.255", 68, 67);
		for (int i = 0; i < 3; i++)
			passes(h, &f, RL_REASON_DHCP);
		drops(h, &f, RL_REASON_OVER_LIMIT);
		h->now += SECOND - 1;
		drops(h, &f, RL_REASON_OVER_LIMIT);
		h->now++;
	}
	/* Beyond it a packet is judged as all else: what no limit looks at passes. */
	harness_conf(
		h, "set-option exempt-rate 1\ndel-limit default\nset-limit tcp 0/minute match tcp");
	passes(h, report(&f), RL_REASON_MLD);
	passes(h, report(&f), RL_REASON_NO_LIMIT);
	for (int i = 0; i < 9; i++) /* ARP has none */
		passes(h, frame_put(frame_next(packet_ethernet(&f), ETH_P_ARP), NULL, 46),
		       RL_REASON_ARP);
}

static void path_mtu_messages_meet_the_lists_first(void **state)
{
	struct harness *h = *state;
	struct frame f;

	hot_run_on(0);
	harness_conf(h, "set-option exempt-rate 2\nallow add 192.0.2.1\n"
			"deny add 198.51.100.0/24\ndeny add 2001:db8::/32\n"
			"deny add fe80::/10\n"
			"set-limit 0/minute");
	for (int i = 0; i < 9; i++) {
		drops(h, packet_icmp(&f, "198.51.100.1", "192.0.2.2", 3, 4), RL_REASON_DENY_LIST);
		drops(h, packet_icmp(&f, SRC6, "2001:db8::2", 2, 0), RL_REASON_DENY_LIST);
		passes(h, packet_icmp(&f, "192.0.2.1", "192.0.2.2", 3, 4), RL_REASON_ALLOW_LIST);
	}
	packet_icmp(&f, "203.0.113.1", "192.0.2.2", 3, 4);
	for (int i = 0; i < 2; i++)
		passes(h, &f, RL_REASON_PATH_MTU);
	drops(h, &f, RL_REASON_OVER_LIMIT);
	/* Discovery comes first, or a deny list would cut the link; beyond its budget it does not.
	 */
	for (int i = 0; i < 2; i++)
		passes(h, solicitation(&f), RL_REASON_NEIGHBOUR_DISCOVERY);
	drops(h, solicitation(&f), RL_REASON_DENY_LIST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_deep_is_refused_though_no_limit_sees_it),
		TEST(the_deep_is_judged_by_what_is_known),
		TEST(lists_come_before_what_is_wrong),
		TEST(the_malformed_of_who_is_banned_is_refused),
		TEST(each_class_has_a_budget_a_second),
		TEST(path_mtu_messages_meet_the_lists_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
