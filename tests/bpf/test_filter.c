// SPDX-License-Identifier: GPL-2.0-only
/* Prefix sets: the bitmap before the trie hides no prefix, of any length, put in or published, and
 * no prefix of IPv6 holds IPv4. */
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

static void filter_everything(struct harness *h)
{
	struct rl_filter *f = filter_of(h);

	f->all = RL_FILTER_ALL4 | RL_FILTER_ALL6;
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

/* Though IPv4 addresses are ::ffff:a.b.c.d in the trie. */
static void prefixes_of_ipv6_hold_no_ipv4(void **state)
{
	struct harness *h = *state;

	seed();
	harness_conf(h, "deny add 203.0.113.99");
	for (unsigned len = 0; len < 96; len++) {
		union rl_addr source = random_addr(true), other = within(&source, len);

		put(h, &source, len);
		filter_everything(h); /* the trie alone has to know */
		assert_false(is_denied(h, &source));
		assert_true(is_denied(h, &other) || addr_is_ipv4(&other));
		del(h, &source, len);
	}
}

static const char *const some[] = {
	"0.0.0.0/0",	 "0.0.0.0/1",	  "128.0.0.0/1",   "192.0.0.0/3",
	"192.0.0.0/8",	 "192.0.2.0/24",  "192.0.2.1",	   "10.0.0.0/9",
	"::/0",		 "::/1",	  "8000::/1",	   "::/3",
	"2000::/3",	 "::/8",	  "::/64",	   "::/80",
	"::fffe:0:0/95", "::ffc0:0:0/90", "::8000:0:0/81", "2001:db8::/32",
	"2001:db8::1",	 "2001::/16",	  "::1.2.3.4",	   "2001:db8:1::/48",
};
#define SOME (sizeof(some) / sizeof(some[0]))

static bool names(const char *prefix, const union rl_addr *addr)
{
	bool ipv4 = !strchr(prefix, ':');
	unsigned from = ipv4 ? 96 : 0, len = 128 - from;
	char head[ADDR_TEXT];
	union rl_addr a;

	if (sscanf(prefix, "%[^/]/%u", head, &len) < 1 || addr_parse(head, strlen(head), &a))
		fail();
	if (ipv4 != addr_is_ipv4(addr))
		return false;
	for (unsigned i = from; i < from + len; i++)
		if ((a.byte[i / 8] ^ addr->byte[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* One that is in some of the prefixes, or next to them. */
static union rl_addr probe(void)
{
	const char *prefix = some[(size_t)rand() % SOME];
	struct addr_prefix p;
	union rl_addr a;

	addr_parse_prefix(prefix, strlen(prefix), &p);
	do {
		a = rand() % 4 ? within(&p.addr, p.len) : random_addr(rand() % 2);
	} while (!strchr(prefix, ':') != addr_is_ipv4(&a));
	return a;
}

static void agree(struct harness *h, const bool *in, const char *what)
{
	for (int i = 0; i < 20; i++) {
		union rl_addr source = probe();
		bool expected = false, is = is_denied(h, &source);
		char text[ADDR_TEXT];

		for (size_t k = 0; k < SOME; k++)
			expected |= in[k] && names(some[k], &source);
		if (is != expected)
			fail_msg("%s: %s is %srefused", what, addr_format(&source, text),
				 is ? "" : "not ");
	}
}

static void change_in_place(struct harness *h, bool *in)
{
	for (int i = 0; i < 8; i++) {
		size_t k = (size_t)rand() % SOME;
		struct dp_prefix p = {};
		struct addr_prefix parsed;
		struct diag d;

		addr_parse_prefix(some[k], strlen(some[k]), &parsed);
		p.addr = parsed.addr;
		p.len = parsed.len;
		in[k] = !in[k];
		assert_int_equal(in[k] ? dp_set_put(h->dp, DP_SET_DENY, &p, &d)
				       : dp_set_del(h->dp, DP_SET_DENY, &p, &d),
				 0);
		if (rand() % 2)
			filter_everything(h);
		agree(h, in, "changed in place");
	}
}

static void match_line(const bool *in, char *line)
{
	int at = sprintf(line, "set-limit a 0/minute match src 203.0.113.99");

	for (size_t k = 0; k < SOME; k++)
		if (in[k])
			at += sprintf(line + at, ",%s", some[k]);
}

/* Lists as published and as changed in place, and conditions, against a search bit by bit. */
static void sets_of_both_families_agree_with_a_search(void **state)
{
	struct harness *h = *state;

	seed();
	for (int round = 0; round < 150; round++) {
		bool in[SOME];
		char line[1024] = "";
		int at = 0;

		conf_free(h->conf);
		h->conf = conf_new();
		for (size_t k = 0; k < SOME; k++) {
			in[k] = rand() % 6 == 0 || k == (size_t)round % SOME;
			if (in[k])
				at += sprintf(line + at, "deny add %s\n", some[k]);
		}
		harness_conf(h, line);
		agree(h, in, "published");
		change_in_place(h, in);
		in[0] |= round % 3 == 0;
		in[8] |= round % 4 == 0;
		conf_free(h->conf);
		h->conf = conf_new();
		match_line(in, line);
		harness_conf(h, line);
		agree(h, in, "match src");
	}
}

/* As they come with a rule set, each in a filter that begins afresh. */
static void published_prefixes_are_found(void **state)
{
	static const char *const lists[][2] = {
		{"0.0.0.0/0", "192.0.2.1"},
		{"192.0.0.0/5", "192.0.2.1"},
		{"192.0.0.0/8", "192.0.2.1"},
		{"192.0.2.0/23", "192.0.3.1"},
		{"192.0.2.0/24", "192.0.2.1"},
		{"192.0.2.1", "192.0.2.1"},
		{"192.0.2.0/25", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"::/0", "2001:db8::1"},
		{"2000::/4", "2001:db8::1"},
		{"2001:db8::/32", "2001:db8::1"},
		{"2001:db8::/47", "2001:db8:1::1"},
		{"2001:db8::/48", "2001:db8::1"},
		{"2001:db8::/64", "2001:db8::1"},
		{"2001:db8::1", "2001:db8::1"},
		{"::ffff:192.0.0.0/104", "192.0.2.1"},
		{"::/40", "::1"},
		{"::ffff:0:0/96", "192.0.2.1"},
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

/* Whoever has short prefixes of one family only pays for the trie in that one only. */
static void families_have_filters_of_their_own(void **state)
{
	static const struct {
		const char *list;
		__u64 all;
	} cases[] = {{"deny add ::/3", RL_FILTER_ALL6},
		     {"deny add 2000::/4", RL_FILTER_ALL6},
		     {"allow add 224.0.0.0/3", RL_FILTER_ALL4},
		     {"deny add 10.0.0.0/8\ndeny add 2001:db8::/32", 0}};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rl_filter *f;

		conf_free(h->conf);
		h->conf = conf_new();
		clear(h);
		harness_conf(h, cases[i].list);
		f = filter_of(h);
		assert_int_equal(f->all, cases[i].all);
		dp_memory_unmap(h->dp->skel->maps.filters, f, 1);
	}
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prefixes_of_all_lengths_are_found),
		TEST(prefixes_of_ipv6_hold_no_ipv4),
		TEST(sets_of_both_families_agree_with_a_search),
		TEST(published_prefixes_are_found),
		TEST(families_have_filters_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
