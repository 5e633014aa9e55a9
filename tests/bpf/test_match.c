// SPDX-License-Identifier: GPL-2.0-only
/* Conditions: which packets a limit judges. */
#include <stdlib.h>

#include "harness.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"

struct match_case {
	const char *match;
	bool udp, syn, icmp, tagged, fragment, other_source, other_destination, long_frame;
};

static const struct match_case cases[] = {
	{"any", 1, 1, 1, 1, 1, 1, 1, 1},
	{"udp", 1, 0, 0, 1, 1, 1, 1, 1},
	{"not udp", 0, 1, 1, 0, 0, 0, 0, 0},
	{"tcp,icmp", 0, 1, 1, 0, 0, 0, 0, 0},
	{"proto 17 dport 50-60", 1, 0, 0, 1, 0, 1, 1, 1},
	{"dport 53,80", 1, 1, 0, 1, 0, 1, 1, 1},
	{"not dport 53", 0, 1, 0, 0, 0, 0, 0, 0},
	{"sport 7", 1, 1, 0, 1, 0, 1, 1, 1},
	{"syn", 0, 1, 0, 0, 0, 0, 0, 0},
	{"not syn", 1, 0, 1, 1, 1, 1, 1, 1},
	{"icmp-type 8", 0, 0, 1, 0, 0, 0, 0, 0},
	{"not icmp-type 0", 0, 0, 1, 0, 0, 0, 0, 0},
	{"fragment", 0, 0, 0, 0, 1, 0, 0, 0},
	{"flags syn", 0, 1, 0, 0, 0, 0, 0, 0},
	{"not flags ack,rst", 0, 1, 0, 0, 0, 0, 0, 0},
	{"flags none,syn+ack", 0, 0, 0, 0, 0, 0, 0, 0},
	{"ip-length 300-500", 0, 0, 0, 0, 0, 0, 0, 1},
	{"not ip-length 28", 0, 1, 0, 0, 1, 0, 0, 1},
	{"not fragment", 1, 1, 1, 1, 0, 1, 1, 1},
	{"vlan 7", 0, 0, 0, 1, 0, 0, 0, 0},
	{"not vlan 7", 1, 1, 1, 0, 1, 1, 1, 1},
	{"src 192.0.2.0/29", 1, 1, 1, 1, 1, 0, 1, 1},
	{"not src 192.0.2.0/29", 0, 0, 0, 0, 0, 1, 0, 0},
	{"src 192.0.2.0/24 not src 192.0.2.1", 0, 0, 0, 0, 0, 0, 0, 0},
	{"src 0.0.0.0/0 not src 192.0.2.1", 0, 0, 0, 0, 0, 1, 0, 0},
	{"dst 192.0.2.2", 1, 1, 1, 1, 1, 1, 0, 1},
	{"length 300-1500", 0, 0, 0, 0, 0, 0, 0, 1},
	{"not length 300-1500", 1, 1, 1, 1, 1, 1, 1, 0},
	{"udp dport 53 vlan 7 src 192.0.2.1 dst 192.0.2.2 length 20-80", 0, 0, 0, 1, 0, 0, 0, 0},
};

static void conditions_match_what_they_say(void **state)
{
	static struct frame udp, syn, icmp, tagged, fragment, other_source, other_destination,
		long_frame;
	struct harness *h = *state;
	char line[256];

	packet_udp(&udp, SRC, DST, 7, 53);
	packet_tcp(&syn, SRC, DST, 7, 80, TCP_SYN);
	packet_icmp(&icmp, SRC, DST, 8, 0);
	frame_vlan(packet_ethernet(&tagged), 0x8100, 7);
	packet_end(frame_udp(packet_between(&tagged, SRC, DST), 7, 53));
	frame_next(packet_fragment(packet_ip(&fragment, SRC, DST), 10, false), 17);
	packet_end(frame_put(&fragment, NULL, 16));
	packet_udp(&other_source, "198.51.100.1", DST, 7, 53);
	packet_udp(&other_destination, SRC, "198.51.100.2", 7, 53);
	packet_end(frame_put(packet_udp(&long_frame, SRC, DST, 7, 53), NULL, 400));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct match_case *c = &cases[i];
		const struct frame *frames[] = {&udp,
						&syn,
						&icmp,
						&tagged,
						&fragment,
						&other_source,
						&other_destination,
						&long_frame};
		const bool *expected = &c->udp;

		snprintf(line, sizeof(line), "set-limit a 0/minute match %s", c->match);
		harness_conf(h, line);
		for (int k = 0; k < 8; k++) {
			if ((harness_run(h, frames[k]) == XDP_DROP) != expected[k])
				fail_msg("match %s: frame %d is %sexpected to match", c->match, k,
					 expected[k] ? "" : "not ");
		}
	}
}

/* Each of many limits judges its own packets and no others. */
static void a_thousand_limits_find_their_packets(void **state)
{
	struct harness *h = *state;
	char *lines = malloc(1000 * 64), *p = lines;
	struct frame f;

	for (int i = 0; i < 1000; i++)
		p += sprintf(p, "set-limit l%d 1/minute match %s dport %d\n", i,
			     i % 2 ? "udp" : "tcp", 1000 + i);
	harness_conf(h, lines);
	free(lines);
	for (int i = 0; i < 1000; i += 7) {
		assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 1000 + i), 3),
				 i % 2 ? 1 : 3);
		assert_int_equal(harness_passed(h, packet_tcp(&f, SRC, DST, 1, 1000 + i, 0), 3),
				 i % 2 ? 3 : 1);
	}
	assert_reason(h, packet_udp(&f, SRC, DST, 1, 999), RL_REASON_NO_LIMIT);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(conditions_match_what_they_say),
		TEST(a_thousand_limits_find_their_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
