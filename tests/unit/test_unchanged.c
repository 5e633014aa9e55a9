// SPDX-License-Identifier: GPL-2.0-only
/* Which statements say what stands already, in whatever words. */
#include "unit.h"

#include "base/cleanup.h"

static void free_conf(struct conf **c)
{
	conf_free(*c);
}

static void same(struct conf *c, const char *line)
{
	assert_int_equal(unit_good(c, line).kind, CONF_CHANGE_NONE);
}

static void other(struct conf *c, const char *line)
{
	assert_int_equal(unit_good(c, line).kind, CONF_CHANGE_LIMIT);
}

static void a_limit_in_other_words(void **state)
{
	_cleanup_(free_conf) struct conf *c = conf_new();

	other(c, "set-limit b 120/minute,5/s per source/24 match dport 80,443 tcp comment 'x y'");
	same(c, "set-limit b 120/minute,5/s per source/24 match dport 80,443 tcp comment 'x y'");
	same(c, "set-limit b 5 per second;120 packets/60s match dport 443,80 tcp comment \"x y\" "
		"strategy fixed-window per source/24/64 action drop on-full spread");
	other(c, "set-limit b 121/minute,5/s per source/24 match dport 80,443 tcp comment 'x y'");
	other(c, "set-limit b 121/minute,5/s per source/24 match dport 80,443 tcp");
	same(c, "set-limit b 121/minute,5/s per source/24 match dport 80,443 tcp");
	other(c, "set-limit b 121/minute,5/s per source/24 match dport 80,443 tcp monitor");
	other(c, "set-limit 2000/second");
	same(c, "set-limit 2k/s");
}

/* The order of conditions and of lists does not matter; what they hold does. */
static void conditions_in_another_order(void **state)
{
	_cleanup_(free_conf) struct conf *c = conf_new();

	other(c,
	      "set-limit a 5/s match tcp dport 80,443 not src 10.0.0.0/8,192.0.2.0/24 iface b,a");
	same(c, "set-limit a 5/s match iface a,b not src 192.0.2.0/24,10.0.0.0/8 dport 443,80 tcp");
	same(c, "set-limit a 5/s match dport 80,443,80 tcp tcp iface a,b dport 80,443 not src "
		"10.0.0.0/8,192.0.2.0/24,10.1.0.0/16");
	other(c, "set-limit a 5/s match tcp dport 80,443 src 10.0.0.0/8,192.0.2.0/24 iface b,a");
	other(c, "set-limit a 5/s match tcp sport 80,443 src 10.0.0.0/8,192.0.2.0/24 iface b,a");
	other(c, "set-limit a 5/s match tcp sport 80,443 dst 10.0.0.0/8,192.0.2.0/24 iface b,a");
	other(c, "set-limit a 5/s match tcp sport 80,443 dst 10.0.0.0/8,192.0.2.0/25 iface b,a");
	same(c, "set-limit a 5/s match dst 192.0.2.0/25,10.0.0.0/8 iface b,a tcp sport 443,80");
	other(c, "set-limit a 5/s match tcp sport 80,443 dst 10.0.0.0/8,192.0.2.0/25 iface b,c");
	other(c, "set-limit a 5/s match tcp not sport 80 sport 80-90");
	same(c, "set-limit a 5/s match sport 80-90 not sport 80 tcp");
	other(c, "set-limit a 1/minute match udp");
	other(c, "set-limit a 60/hour match udp");
	same(c, "set-limit a 60/60m match udp");
}

static void a_disabled_limit_is_enabled(void **state)
{
	_cleanup_(free_conf) struct conf *c = conf_new();

	other(c, "set-limit a 5/s match udp");
	other(c, "disable a");
	other(c, "set-limit a 5/s match udp");
	same(c, "enable a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_in_other_words),
		cmocka_unit_test(conditions_in_another_order),
		cmocka_unit_test(a_disabled_limit_is_enabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
