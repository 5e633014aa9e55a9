// SPDX-License-Identifier: GPL-2.0-only
/* Addresses and prefixes as text and back. */
#include <errno.h>

#include "unit.h"

static void both_ways(const char *text, const char *canonical, unsigned len, bool ipv4)
{
	struct addr_prefix p;
	char buf[ADDR_TEXT];

	assert_int_equal(addr_parse_prefix(text, strlen(text), &p), 0);
	assert_int_equal(p.len, len);
	assert_int_equal(addr_is_ipv4(&p.addr), ipv4);
	assert_string_equal(addr_format_prefix(&p, buf), canonical);
}

static void test_prefixes(void **state)
{
	both_ways("192.0.2.7", "192.0.2.7", 128, true);
	both_ways("192.0.2.7/32", "192.0.2.7", 128, true);
	both_ways("192.0.2.0/24", "192.0.2.0/24", 120, true);
	both_ways("0.0.0.0/0", "0.0.0.0/0", 96, true);
	both_ways("::ffff:192.0.2.7", "192.0.2.7", 128, true);
	both_ways("::ffff:10.0.0.0/104", "10.0.0.0/8", 104, true);
	both_ways("::/0", "::/0", 0, false);
	both_ways("2001:DB8::/32", "2001:db8::/32", 32, false);
	both_ways("2001:db8:0:0::1", "2001:db8::1", 128, false);
}

static void test_wrong_ones(void **state)
{
	static const char *const wrong[] = {"",		"/",	       "1.2.3",	     "1.2.3.4.5",
					    "1.2.3.4/", "1.2.3.4/33",  "1.2.3.4/-1", "1.2.3.4/ 8",
					    "01.2.3.4", "::1/129",     "::g",	     "1.2.3.4/032",
					    "host",	"1.2.3.4/8/8", " 1.2.3.4"};
	struct addr_prefix p;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (addr_parse_prefix(wrong[i], strlen(wrong[i]), &p) != -EINVAL)
			fail_msg("\"%s\"", wrong[i]);
	assert_int_equal(addr_parse_prefix("10.0.0.1/8", 10, &p), -ERANGE);
	assert_int_equal(addr_parse_prefix("2001:db8::1/64", 14, &p), -ERANGE);
}

/* What stands behind `len` is not read: the copy has no byte more. */
static void test_nothing_is_read_past_the_end(void **state)
{
	static const char text[] = "10.0.0.0/81.2.3.4";
	char *copy = malloc(10);
	struct addr_prefix p;

	memcpy(copy, text, 10);
	assert_int_equal(addr_parse_prefix(copy, 10, &p), 0);
	assert_int_equal(p.len, 104);
	assert_int_equal(addr_parse_prefix(copy, 8, &p), 0);
	assert_int_equal(p.len, 128);
	free(copy);
}

static void test_in_agrees_with_mask(void **state)
{
	unit_seed("addr");
	for (unsigned i = 0; i < 20000; i++) {
		union rl_addr a, b, masked;
		struct addr_prefix p = {.len = (__u8)unit_random(129)};

		for (unsigned j = 0; j < 16; j++)
			a.byte[j] = (__u8)unit_random(256);
		b = a;
		b.byte[unit_random(16)] ^= (__u8)(1u << unit_random(8));
		p.addr = a;
		addr_mask(&p.addr, p.len);
		masked = b;
		addr_mask(&masked, p.len);
		assert_true(addr_in(&a, &p));
		assert_int_equal(addr_in(&b, &p), memcmp(&masked, &p.addr, 16) == 0);
	}
}

static void test_no_prefix_has_both_families(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool in;
	} cases[] = {
		{"::/0", "10.0.0.1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "::", true},
		{"::/3", "255.255.255.255", false},
		{"::/3", "1fff::1", true},
		{"::/64", "0.0.0.0", false},
		{"::/80", "192.0.2.1", false},
		{"::ffc0:0:0/90", "192.0.2.1", false},
		{"::ffc0:0:0/90", "::ffc0:0:1", true},
		{"::fffe:0:0/95", "192.0.2.1", false},
		{"::fffe:0:0/95", "::fffe:1:1", true},
		{"::ffff:0:0/96", "192.0.2.1", true},
		{"::ffff:10.0.0.0/104", "10.9.9.9", true},
		{"::ffff:10.0.0.0/104", "11.0.0.1", false},
		{"0.0.0.0/0", "192.0.2.1", true},
		{"0.0.0.0/0", "::", false},
		{"0.0.0.0/0", "::fffe:1:1", false},
		{"192.0.2.7", "::192.0.2.7", false},
		{"::192.0.2.7", "192.0.2.7", false},
		{"::ffff:192.0.2.7", "192.0.2.7", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr_prefix p;
		union rl_addr a;

		assert_int_equal(addr_parse_prefix(cases[i].prefix, strlen(cases[i].prefix), &p),
				 0);
		assert_int_equal(addr_parse(cases[i].addr, strlen(cases[i].addr), &a), 0);
		if (addr_in(&a, &p) != cases[i].in)
			fail_msg("%s in %s", cases[i].addr, cases[i].prefix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_wrong_ones),
		cmocka_unit_test(test_nothing_is_read_past_the_end),
		cmocka_unit_test(test_in_agrees_with_mask),
		cmocka_unit_test(test_no_prefix_has_both_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
