/* SPDX-License-Identifier: GPL-2.0-only */
/* The bitmap before the prefix trie hides no prefix: of any length, put in or published. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness.h"

#define ROUNDS 3000

static struct rl_filter *filter_of(struct harness *h)
{
	return dp_memory_map(h->dp->skel->maps.filters, dp_rules(h->dp)->filter, 1);
}

/* No bit of another prefix may stand in for a missing one. */
static void clear(struct harness *h)
{
	struct rl_filter *f = filter_of(h);

	memset(f, 0, sizeof(*f));
	dp_memory_unmap(h->dp->skel->maps.filters, f, 1);
}

static void put(struct harness *h, const union rl_addr *addr, unsigned len)
{
	struct dp_prefix p = {.addr = *addr, .len = len};
	struct diag d;

	addr_mask(&p.addr, len);
	clear(h);
	assert_int_equal(dp_set_put(h->dp, DP_SET_DENY, &p, &d), 0);
}

static void del(struct harness *h, const union rl_addr *addr, unsigned len)
{
	struct dp_prefix p = {.addr = *addr, .len = len};
	struct diag d;

	addr_mask(&p.addr, len);
	assert_int_equal(dp_set_del(h->dp, DP_SET_DENY, &p, &d), 0);
}

static bool is_denied(struct harness *h, const union rl_addr *source)
{
	bool ipv4 = addr_is_ipv4(source);
	struct frame f;

	packet_udp(&f, ipv4 ? "192.0.2.1" : "2001:db8::1", ipv4 ? "192.0.2.2" : "2001:db8::2", 1,
		   2);
	if (ipv4)
		memcpy(f.data + f.ip + 12, source->byte + 12, 4);
	else
		memcpy(f.data + f.ip + 8, source->byte, 16);
	return harness_run(h, &f) == XDP_DROP;
}

static union rl_addr random_addr(bool ipv4)
{
	union rl_addr a = {};

	for (int i = 0; i < 16; i++)
		a.byte[i] = (__u8)rand();
	if (!ipv4)
		return a;
	memset(a.byte, 0, 10);
	a.byte[10] = a.byte[11] = 0xff;
	return a;
}

/* The address with all bits behind the prefix drawn anew. */
static union rl_addr within(const union rl_addr *addr, unsigned len)
{
	union rl_addr a = random_addr(false), head = *addr;

	addr_mask(&head, len);
	for (unsigned i = 0; i < len; i++)
		a.byte[i / 8] &= (__u8) ~(0x80 >> i % 8);
	a.half[0] |= head.half[0];
	a.half[1] |= head.half[1];
	return a;
}

static void try(struct harness *h, const union rl_addr *addr, unsigned len,
		const union rl_addr *source)
{
	char text[ADDR_TEXT];

	put(h, addr, len);
	if (!is_denied(h, source))
		fail_msg("%s passed, which the /%u of it covers", addr_format(source, text), len);
	del(h, addr, len);
	assert_false(is_denied(h, source));
}

static void seed(void)
{
	unsigned value = (unsigned)time(NULL);

	srand(value);
	print_message("# seed %u\n", value);
}

static void prefixes_of_all_lengths_are_found(void **state)
{
	struct harness *h = *state;

	seed();
	harness_conf(h, "deny add 203.0.113.99");
	for (unsigned i = 0; i < ROUNDS; i++) {
		bool ipv4 = rand() % 2;
		union rl_addr addr = random_addr(ipv4), source;
		unsigned len = ipv4 ? 96 + i % 33 : i % 129;

		source = within(&addr, len);
		try(h, &addr, len, &source);
	}
}

/* IPv4 addresses are ::ffff:a.b.c.d, in the lists too. */
static void prefixes_of_ipv6_that_cover_ipv4_are_found(void **state)
{
	struct harness *h = *state;

	seed();
	harness_conf(h, "deny add 203.0.113.99");
	for (unsigned len = 0; len <= 96; len++) {
		union rl_addr source = random_addr(true);

		try(h, &source, len, &source);
	}
}

/* As they come with a rule set, each in a filter that begins afresh. */
static void published_prefixes_are_found(void **state)
{
	static const char *const lists[][2] = {
		{"0.0.0.0/0", "192.0.2.1"},	  {"192.0.0.0/5", "192.0.2.1"},
		{"192.0.0.0/8", "192.0.2.1"},	  {"192.0.2.0/23", "192.0.3.1"},
		{"192.0.2.0/24", "192.0.2.1"},	  {"192.0.2.1", "192.0.2.1"},
		{"192.0.2.0/25", "192.0.2.1"},	  {"::/0", "192.0.2.1"},
		{"::/0", "2001:db8::1"},	  {"2000::/4", "2001:db8::1"},
		{"2001:db8::/32", "2001:db8::1"}, {"2001:db8::/47", "2001:db8:1::1"},
		{"2001:db8::/48", "2001:db8::1"}, {"2001:db8::/64", "2001:db8::1"},
		{"2001:db8::1", "2001:db8::1"},	  {"::/64", "192.0.2.1"},
		{"::/40", "192.0.2.1"},		  {"::ffff:0:0/96", "192.0.2.1"},
	};
	struct harness *h = *state;
	char line[128];
	struct frame f;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const char *dst = strchr(lists[i][1], ':') ? "2001:db8::2" : "192.0.2.2";

		snprintf(line, sizeof(line), "deny add %s", lists[i][0]);
		harness_conf(h, line);
		packet_udp(&f, lists[i][1], dst, 1, 2);
		assert_reason(h, &f, RL_REASON_DENY_LIST);
		snprintf(line, sizeof(line), "deny del %s", lists[i][0]);
		harness_conf(h, line);
		assert_reason(h, &f, RL_REASON_NO_LIMIT);
		snprintf(line, sizeof(line), "set-limit a 0/minute match src %s", lists[i][0]);
		harness_conf(h, line);
		assert_reason(h, &f, RL_REASON_OVER_LIMIT);
		harness_conf(h, "del-limit a");
	}
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prefixes_of_all_lengths_are_found),
		TEST(prefixes_of_ipv6_that_cover_ipv4_are_found),
		TEST(published_prefixes_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
