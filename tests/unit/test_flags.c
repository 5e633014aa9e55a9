// SPDX-License-Identifier: GPL-2.0-only
/* Conditions on flags, on the packet's own length and on protocols by name: their canonical form,
 * and which ones no packet meets together. */
#include <stdio.h>

#include "unit.h"

static void test_one_form_for_each(void **state)
{
	static const char *const cases[][2] = {
		{"proto 253,tcp", "proto 6,253"},
		{"vrrp,igmp not proto 89", "igmp,vrrp not ospf"},
		{"flags ack+syn,rst+ack,rst,none", "flags none,rst,syn+ack"},
		{"not flags fin,fin+ack tcp", "not flags fin tcp"},
		{"ip-length 40-60,61 not ip-length 50", "ip-length 40-61 not ip-length 50"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf *c = conf_new();
		char line[128], buf[CONF_TEXT];

		snprintf(line, sizeof(line), "set-limit a 1/s match %s", cases[i][0]);
		unit_good(c, line);
		assert_string_equal(conf_format_match(c->limit[0], buf), cases[i][1]);
		conf_free(c);
	}
}

static void test_what_no_packet_meets_is_named(void **state)
{
	static const struct {
		const char *limit;
		int column;
		const char *named;
	} cases[] = {
		{"1/s match udp flags rst", 15, "\"udp\" and \"flags rst\" together"},
		{"1/s match icmp-type 8 flags none", 23, "together"},
		{"1/s match not fragment syn flags syn+ack", 28, "\"flags syn+ack\" together"},
		{"1/s match syn flags psh,urg", 0, NULL},
		{"1/s match syn not flags syn", 0,
		 NULL}, /* a first fragment that ends before them */
		{"1/s match syn not fragment not flags syn", 28, "together"},
		{"1/s match not fragment flags rst not flags rst", 34, "together"},
		{"5 connections/m match not fragment flags ack", 36, "\"flags ack\" and the unit"},
		{"1/s match ip-length 0-19", 11, "no packet matches \"ip-length 0-19\""},
		{"1/s match src ::/0 ip-length 0-39", 20, "together"},
		{"1/s match ip-length 0-46 length 60", 0, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		unit_limit_named(cases[i].limit, cases[i].column, cases[i].named);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_form_for_each),
		cmocka_unit_test(test_what_no_packet_meets_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
