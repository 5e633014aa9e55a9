// SPDX-License-Identifier: GPL-2.0-only
/* What each statement, clause and option does to a configuration, and what it answers. */
#include "base/units.h"
#include "unit.h"

#define S UNITS_NS_PER_S

static struct conf_limit *set(struct conf *c, const char *line)
{
	struct conf_change change = unit_good(c, line);

	assert_int_equal(change.kind, CONF_CHANGE_LIMIT);
	return conf_find_limit(c, change.name);
}

static void test_defaults_of_a_limit(void **state)
{
	struct conf *c = conf_new();
	struct conf_limit *l = set(c, "set-limit 1000/second");
	union rl_addr addr;

	assert_string_equal(l->abi.name, "default");
	assert_int_equal(l->abi.key, RL_KEY_SOURCE);
	assert_int_equal(l->abi.prefix4, 32);
	assert_int_equal(l->abi.prefix6, 64);
	assert_int_equal(l->abi.strategy, RL_STRATEGY_FIXED_WINDOW);
	assert_int_equal(l->abi.on_full, RL_ON_FULL_SPREAD);
	assert_int_equal(l->abi.windows, 1);
	assert_int_equal(l->abi.window[0].amount, 1000);
	assert_int_equal(l->abi.window[0].period_ns, S);
	assert_true(l->enabled && !l->any && l->conds == 0);
	addr_parse("ffff:ffff:ffff:ffff::", 21, &addr);
	assert_memory_equal(&l->abi.mask6, &addr, 16);
	l = set(c, "set-limit default 1/s per source/24/56,dport");
	assert_int_equal(c->limits, 1);
	assert_int_equal(l->abi.prefix4, 24);
	assert_int_equal(l->abi.prefix6, 56);
	assert_int_equal(l->abi.key, RL_KEY_SOURCE | RL_KEY_DPORT);
	addr_parse("ffff:ffff:ffff:ff00::", 21, &addr);
	assert_memory_equal(&l->abi.mask6, &addr, 16);
	addr_parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00", 39, &addr);
	assert_memory_equal(&l->abi.mask4, &addr, 16);
	conf_free(c);
}

static void test_clauses(void **state)
{
	struct conf *c = conf_new();
	struct conf_limit *l = set(c, "set-limit a 1/s monitor on-full drop action drop strategy "
				      "elastic comment 'x y' per destination,source match any "
				      "");

	assert_true(l->any);
	assert_int_equal(l->abi.flags, RL_LIMIT_MONITOR);
	assert_int_equal(l->abi.on_full, RL_ON_FULL_DROP);
	assert_int_equal(l->abi.strategy, RL_STRATEGY_ELASTIC);
	assert_int_equal(l->abi.key, RL_KEY_SOURCE | RL_KEY_DESTINATION);
	assert_string_equal(l->comment, "x y");
	l = set(c,
		"set-limit a 1/s match any ban for 1h up to 1d after 3 breaches in 10m everywhere");
	assert_int_equal(l->abi.flags, RL_LIMIT_BAN_EVERYWHERE);
	assert_int_equal(l->abi.ban_ns, 3600 * S);
	assert_int_equal(l->abi.ban_max_ns, 86400 * S);
	assert_int_equal(l->abi.ban_after, 3);
	assert_int_equal(l->abi.ban_within_ns, 600 * S);
	l = set(c, "set-limit a 1/s match any ban for 1h");
	assert_int_equal(l->abi.ban_max_ns, 3600 * S);
	assert_int_equal(l->abi.ban_after, 1);
	assert_int_equal(l->abi.ban_within_ns, 0);
	conf_free(c);
}

static void test_token_bucket_is_exact(void **state)
{
	struct conf *c = conf_new();
	struct rl_limit *l =
		&set(c, "set-limit a 7/3s match any strategy token-bucket burst 100")->abi;

	assert_int_equal(l->window[0].step_ns, 3 * S / 7);
	assert_int_equal(l->window[0].step_rem, 3 * S % 7);
	assert_int_equal(l->burst_ns, 300 * S / 7);
	assert_int_equal(l->burst_rem, 300 * S % 7);
	assert_int_equal(l->burst, 100);
	l = &set(c, "set-limit a 7/3s match any strategy token-bucket burst 7")->abi;
	assert_int_equal(l->burst, 0);
	assert_int_equal(l->burst_ns, 3 * S);
	assert_int_equal(l->burst_rem, 0);
	/* Past 64 bits on the way, within them in the end. */
	l = &set(c, "set-limit a 3GB/d match any strategy token-bucket burst 10GB")->abi;
	assert_int_equal(l->burst_ns, 288000 * S);
	l = &set(c, "set-limit a 1024/s,7/m match any strategy moving-window")->abi;
	assert_int_equal(l->window[0].step_ns, 0);
	conf_free(c);
}

static void match(const char *given, const char *canonical)
{
	struct conf *c = conf_new();
	char line[1024], buf[CONF_TEXT];

	snprintf(line, sizeof(line), "set-limit a 1/s match %s", given);
	assert_string_equal(conf_format_match(set(c, line), buf), canonical);
	conf_free(c);
}

static void test_conditions_in_canonical_form(void **state)
{
	match("any", "any");
	match("tcp", "tcp");
	match("udp,tcp", "tcp,udp");
	match("proto 17,6", "tcp,udp");
	match("proto 47,tcp", "tcp,gre");
	match("not icmpv6,icmp", "not icmp,icmpv6");
	match("dport 443,80,8000-8100,8101,80-81", "dport 80-81,443,8000-8101");
	match("dport 1-100 not dport 22", "dport 1-100 not dport 22");
	match("src 10.1.0.0/16,10.0.0.0/8,192.0.2.1/32", "src 10.0.0.0/8,192.0.2.1");
	match("not dst 2001:db8::/32 syn", "not dst 2001:db8::/32 syn");
	match("icmp-type 8 not fragment length 100-200", "icmp-type 8 not fragment length 100-200");
	match("not vlan 10,5 iface eth1,eth0,eth1", "not vlan 5,10 iface eth0,eth1");
}

static void test_long_matches_are_cut(void **state)
{
	struct conf *c = conf_new();
	char line[2048] = "set-limit a 1/s match dport 1", buf[CONF_TEXT];

	for (unsigned i = 3; i < 400; i += 2)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), ",%u", i);
	conf_format_match(set(c, line), buf);
	assert_true(strlen(buf) > 500 && strlen(buf) < CONF_TEXT);
	assert_string_equal(buf + strlen(buf) - strlen("…"), "…");
	conf_free(c);
}

static void test_answers(void **state)
{
	struct conf *c = conf_new();
	struct conf_change change;

	change = unit_good(c, "set-limit a 1/s match any");
	assert_false(change.replaced || change.counts_kept || change.warning[0]);
	unit_good(c, "set-limit b 1/s match any");
	change = unit_good(c, "set-limit a 5/s match tcp");
	assert_true(change.replaced && change.counts_kept);
	assert_string_equal(c->limit[0]->abi.name, "a");
	assert_int_equal(c->limits, 2);
	change = unit_good(c, "set-limit a 5/2s match tcp");
	assert_true(change.replaced && !change.counts_kept);
	change = unit_good(c, "set-limit a 5/2s match tcp per source/24");
	assert_false(change.counts_kept);
	change = unit_good(c, "set-limit a 5/2s match tcp per all");
	assert_non_null(strstr(change.warning, "per all"));
	assert_int_equal(unit_good(c, "disable a").kind, CONF_CHANGE_LIMIT);
	assert_int_equal(unit_good(c, "disable a").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "enable a").kind, CONF_CHANGE_LIMIT);
	assert_int_equal(unit_good(c, "del-limit a").kind, CONF_CHANGE_LIMIT);
	assert_int_equal(unit_good(c, "del-limit a").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "attach eth0").kind, CONF_CHANGE_ATTACH);
	assert_int_equal(unit_good(c, "attach eth0").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "attach eth0 mode native").kind, CONF_CHANGE_ATTACH);
	assert_int_equal(unit_good(c, "detach eth0").kind, CONF_CHANGE_DETACH);
	assert_int_equal(unit_good(c, "detach eth0").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "mode enforce").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "mode monitor").kind, CONF_CHANGE_MODE);
	assert_int_equal(unit_good(c, "set-option metrics-top 0").kind, CONF_CHANGE_OPTION);
	assert_int_equal(unit_good(c, "set-option metrics-top 0").kind, CONF_CHANGE_NONE);
	change = unit_good(c, "ban 2001:db8::1 for 1h comment why");
	assert_int_equal(change.kind, CONF_CHANGE_DENY);
	assert_string_equal(change.name, "2001:db8::1");
	assert_int_equal(c->deny.block[0]->entry[0].until_s, NOW + 3600);
	assert_true(c->deny.block[0]->entry[0].timed);
	assert_int_equal(unit_good(c, "unban 2001:db8::1").kind, CONF_CHANGE_DENY);
	assert_int_equal(unit_good(c, "unban 2001:db8::1").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "allow add 10.0.0.0/8").kind, CONF_CHANGE_ALLOW);
	assert_int_equal(unit_good(c, "allow add 10.0.0.0/8").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "allow add 10.0.0.0/8 comment x").kind, CONF_CHANGE_ALLOW);
	assert_int_equal(unit_good(c, "allow del 10.0.0.0/8").kind, CONF_CHANGE_ALLOW);
	assert_int_equal(unit_good(c, "allow del 10.0.0.0/8").kind, CONF_CHANGE_NONE);
	conf_free(c);
}

/* After so many good commands, what the last one warns of. */
static void warns(const char *lines, const char *expected)
{
	struct conf_change change = {0};
	struct conf *c = conf_new();
	char text[512], *rest = text;
	const char *line;

	snprintf(text, sizeof(text), "%s", lines);
	while ((line = strsep(&rest, ";")))
		change = unit_good(c, line);
	assert_string_equal(change.warning, expected);
	conf_free(c);
}

static void test_bans_that_strangers_can_bring(void **state)
{
	warns("set-limit a 1/s match udp ban for 1h everywhere",
	      "limit \"a\": packets with a made-up source can have others banned from everything");
	warns("set-limit a 1/s match udp ban for 1h", "");
}

static void test_entries_that_decide_what_a_change_comes_to(void **state)
{
	warns("allow add 10.0.0.0/8;ban 10.1.2.3",
	      "it has no effect while the allow list has 10.0.0.0/8");
	warns("allow add 10.1.2.3 until 2027-01-20T00:00:00Z;ban 10.1.2.3 for 1h",
	      "it has no effect while the allow list has 10.1.2.3 until 2027-01-20T00:00:00Z");
	warns("allow add 2001:db8::/32;deny add 2001:db8:1::/48",
	      "it has no effect while the allow list has 2001:db8::/32");
	warns("allow add 10.0.0.0/8;allow add 10.1.0.0/16;ban 10.1.2.3",
	      "it has no effect while the allow list has 10.1.0.0/16");
	warns("allow add 10.1.2.3;deny add 10.0.0.0/8", "");
	warns("allow add 10.1.2.3;ban 10.1.2.4", "");
	warns("allow add 10.0.0.0/8;ban 10.1.2.3;ban 10.1.2.3",
	      "it has no effect while the allow list has 10.0.0.0/8");

	warns("mode monitor;ban 10.1.2.3", "nothing is refused in mode monitor");
	warns("ban 10.1.2.3;allow add 10.1.2.3", "it lets pass what the deny list refuses as "
						 "10.1.2.3");
	warns("deny add 10.0.0.0/8;allow add 10.1.2.3",
	      "it lets pass what the deny list refuses as 10.0.0.0/8");
	warns("ban 10.1.2.3;allow add 10.0.0.0/8", "it lets pass what the deny list refuses as "
						   "10.1.2.3");
	warns("ban 10.1.2.3;ban 10.1.2.4;allow add 10.0.0.0/8",
	      "it lets pass what 2 entries of the deny list refuse, such as 10.1.2.3");
	warns("ban 192.0.2.1;allow add 10.0.0.0/8", "");

	warns("deny add 10.0.0.0/8;ban 10.1.2.3 for 1h", "10.0.0.0/8, which covers it, has no end");
	warns("deny add 10.0.0.0/8 until 2027-01-20T00:00:00Z;ban 10.1.2.3 for 1h",
	      "10.0.0.0/8, which covers it, holds until 2027-01-20T00:00:00Z");
	warns("deny add 10.0.0.0/8 for 1m;ban 10.1.2.3 for 1h", "");
	warns("deny add 10.0.0.0/8;ban 10.1.2.3", "");
	warns("ban 10.1.2.3;ban 10.1.2.3 for 1h",
	      "it ends sooner than the entry that it replaces, which held for ever");
	warns("allow add 10.1.2.3 until 2027-01-20T00:00:00Z;allow add 10.1.2.3 for 1h",
	      "it ends sooner than the entry that it replaces, which held until "
	      "2027-01-20T00:00:00Z");
	warns("ban 10.1.2.3 for 1h;ban 10.1.2.3 for 2h", "");

	warns("deny add 10.0.0.0/8;ban 10.1.2.3;unban 10.1.2.3",
	      "the deny list still has 10.0.0.0/8");
	warns("deny add 10.0.0.0/8;unban 10.1.2.3", "the deny list still has 10.0.0.0/8");
	warns("allow add 10.0.0.0/8;allow del 10.1.0.0/16", "the allow list still has 10.0.0.0/8");
	warns("deny add 10.0.0.0/8;ban 10.1.2.3;deny del 10.0.0.0/8",
	      "the deny list still has 1 entry inside it");
	warns("ban 10.1.2.3;ban 10.1.2.4;deny del 10.0.0.0/8",
	      "the deny list still has 2 entries inside it");
	warns("deny add 10.0.0.0/8;deny del 10.0.0.0/8", "");
	warns("ban ::1;deny del ::/0", "the deny list still has 1 entry inside it");
}

static void test_options(void **state)
{
	static const char *const fallback[] = {"65536", "10m",	"10",	"0",   "stderr",
					       "drop",	"drop", "5000", "auto"};
	struct conf *c = conf_new();
	char buf[CONF_TEXT];

	assert_int_equal(conf_option_count(), 9);
	for (size_t i = 0; i < 9; i++) {
		assert_string_equal(conf_option_format(c, i, buf), fallback[i]);
		assert_string_equal(conf_option_info(i)->fallback, fallback[i]);
		assert_int_equal(conf_option_info(i)->restart, i == 0);
	}
	unit_good(c, "set-option log syslog,file:/x");
	assert_int_equal(c->options.logs, 2);
	assert_string_equal(c->options.log[1], "file:/x");
	unit_good(c, "set-option protect-port 22,443");
	assert_int_equal(c->options.protect_port[1], 443);
	assert_false(c->options.protect_auto);
	unit_good(c, "set-option protect-port 2222,auto");
	assert_true(c->options.protect_auto);
	assert_int_equal(c->options.protect_ports, 1);
	assert_string_equal(conf_option_format(c, 8, buf), "auto,2222");
	unit_good(c, "set-option sources-max 16777216");
	assert_int_equal(c->options.sources_max, 16777216);
	unit_good(c, "set-option idle-timeout 30d");
	assert_int_equal(c->options.idle_timeout_ns, 30 * 86400 * S);
	conf_free(c);
}

/* The line of a comment names words of the grammar, and is none the less a comment. */
static void test_argv_is_a_statement(void **state)
{
	char *good[] = {"set-limit", "a",     "10",  "per",	"minute",   "per",
			"source",    "match", "tcp", "comment", "two words"};
	char *bad[] = {"set-limit", "a b", "1/s"};
	struct conf_change change;
	struct conf *c = conf_new();
	struct diag d = {0};

	assert_int_equal(conf_apply(c, good, 11, NOW, &change, &d), 0);
	assert_string_equal(c->limit[0]->comment, "two words");
	assert_int_not_equal(conf_apply(c, bad, 3, NOW, &change, &d), 0);
	assert_int_equal(d.column, 12);
	assert_string_equal(d.text, "set-limit \"a b\" 1/s");
	assert_int_not_equal(conf_apply(c, bad, 0, NOW, &change, &d), 0);
	assert_true(conf_is_statement("ban") && conf_is_statement("set-limit"));
	assert_false(conf_is_statement("status") || conf_is_statement(""));
	conf_free(c);
}

static void a_copy_shares_limits_until_one_changes(void **state)
{
	struct conf *a = conf_new(), *b;

	unit_good(a, "set-limit ssh 5/minute match tcp dport 22,80 src 192.0.2.0/24");
	unit_good(a, "set-limit web 9/minute match iface eth0");
	unit_good(a, "set-limit dns 7/minute match udp dport 53");
	b = conf_copy(a);
	assert_ptr_equal(a->limit[0], b->limit[0]);
	unit_good(b, "disable ssh");
	unit_good(b, "set-limit web 8/minute match any");
	unit_good(b, "del-limit dns");
	assert_true(a->limit[0]->enabled);
	assert_false(b->limit[0]->enabled);
	assert_int_equal(a->limit[1]->abi.window[0].amount, 9);
	assert_int_equal(b->limit[1]->abi.window[0].amount, 8);
	assert_int_equal(a->limits, 3);
	assert_int_equal(b->limits, 2);
	unit_good(a, "disable dns"); /* b has it no more: nothing to copy */
	assert_int_equal(a->limit[2]->shares, 0);
	conf_free(a);
	assert_int_equal(b->limit[0]->cond[1].count, 2);
	a = conf_copy(b);
	conf_free(b);
	unit_good(a, "enable ssh");
	conf_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_of_a_limit),
		cmocka_unit_test(test_clauses),
		cmocka_unit_test(test_token_bucket_is_exact),
		cmocka_unit_test(test_conditions_in_canonical_form),
		cmocka_unit_test(test_long_matches_are_cut),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_bans_that_strangers_can_bring),
		cmocka_unit_test(test_entries_that_decide_what_a_change_comes_to),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_argv_is_a_statement),
		cmocka_unit_test(a_copy_shares_limits_until_one_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
