// SPDX-License-Identifier: GPL-2.0-only
/* What export writes loads again to the same configuration; what diff writes makes one into the
 * other. */
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

static char dir[] = "/tmp/rld-unit-export-XXXXXX";
static char path[64];

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/export.conf", dir);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static void random_entry(struct conf *c)
{
	static const char *const prefixes[] = {
		"10.0.0.0/8", "10.0.0.0/9", "192.0.2.7", "2001:db8::/32",
		"::/0",	      "0.0.0.0/0",  "::1"};
	static const char *const ends[] = {"", "for 90m", "until 2031-05-06T07:08:09+02:00",
					   "until never", "for 1ms"};
	static const char *const comments[] = {"", "comment x", "comment 'a b'",
					       "comment \"don't\"", "comment \"\""};
	char line[256];

	snprintf(line, sizeof(line), "%s add %s %s %s", unit_chance(50) ? "allow" : "deny",
		 prefixes[unit_random(7)], ends[unit_random(5)], comments[unit_random(5)]);
	unit_good(c, line);
	if (unit_chance(20))
		unit_good(c, "ban 203.0.113.9 comment \"was bad\"");
}

static const char *const others[] = {
	"attach eth0",
	"attach eth1 mode native",
	"attach 'odd#name' mode generic",
	"attach \"#x\"",
	"mode monitor",
	"mode off",
	"set-option log stderr,file:/var/log/rld.log,syslog",
	"set-option log \"file:/tmp/with blank\"",
	"set-option sources-max 64",
	"set-option idle-timeout 90s",
	"set-option protect-port 22,2222",
	"set-option protect-port auto",
	"set-option protect-port auto,2222",
	"set-option protect-port none",
	"set-option on-malformed pass",
	"set-option on-deep judge",
	"set-option exempt-rate 1",
	"set-option metrics-top 100",
	"set-option events-per-second 0",
};

static struct conf *random_conf(void)
{
	struct conf *c = conf_new();
	unsigned limits = unit_random(8), entries = unit_random(6);

	for (unsigned i = 0; i < limits; i++) {
		char name[32], line[1024];

		snprintf(name, sizeof(name), unit_chance(15) ? "default" : "l%u", unit_random(12));
		unit_random_limit(name, line, sizeof(line));
		unit_good(c, line);
		snprintf(line, sizeof(line), "disable %s", name);
		if (unit_chance(20))
			unit_good(c, line);
	}
	for (unsigned i = 0; i < entries; i++)
		random_entry(c);
	for (unsigned i = 0; i < 4; i++)
		unit_good(c, others[unit_random(sizeof(others) / sizeof(others[0]))]);
	return c;
}

static void load(struct conf *c, const char *text)
{
	struct diag d = {0};

	unit_write(path, text);
	if (conf_load_file(c, path, NOW, NULL, &d) != 0) {
		diag_print(stderr, &d, "test", 0);
		fail_msg("does not load:\n%s", text);
	}
}

static void same_limit(const struct conf_limit *a, const struct conf_limit *b)
{
	assert_memory_equal(&a->abi, &b->abi, sizeof(a->abi));
	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->any, b->any);
	assert_string_equal(a->comment, b->comment);
	assert_int_equal(a->conds, b->conds);
	for (size_t i = 0; i < a->conds; i++) {
		const struct conf_cond *x = &a->cond[i], *y = &b->cond[i];

		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->negated, y->negated);
		assert_int_equal(x->count, y->count);
		if (x->range)
			assert_memory_equal(x->range, y->range, x->count * sizeof(*x->range));
		if (x->prefix)
			assert_memory_equal(x->prefix, y->prefix, x->count * sizeof(*x->prefix));
		if (x->iface)
			assert_memory_equal(x->iface, y->iface, x->count * sizeof(*x->iface));
	}
}

static void same_list(const struct conf_list *a, const struct conf_list *b)
{
	struct conf_pair p = conf_pair_begin(a, b);

	assert_int_equal(a->count, b->count);
	while (conf_pair_next(&p, false)) {
		assert_true(p.old && p.new);
		assert_int_equal(p.old->until_s, p.new->until_s);
		assert_int_equal(p.old->timed, p.new->timed);
		assert_int_equal(!p.old->comment, !p.new->comment);
		if (p.old->comment)
			assert_string_equal(p.old->comment, p.new->comment);
	}
}

static bool is_default(const struct conf_limit *l)
{
	return !strcmp(l->abi.name, "default");
}

/* In one order, but for the default limit, which is the last one to judge anyway. */
static void same_limits(const struct conf *a, const struct conf *b)
{
	assert_int_equal(a->limits, b->limits);
	for (size_t i = 0, j = 0; i < a->limits && j < b->limits; i++, j++) {
		i += is_default(a->limit[i]);
		j += is_default(b->limit[j]);
		if (i < a->limits && j < b->limits)
			same_limit(a->limit[i], b->limit[j]);
	}
	assert_int_equal(!conf_find_limit(a, "default"), !conf_find_limit(b, "default"));
	if (conf_find_limit(a, "default"))
		same_limit(conf_find_limit(a, "default"), conf_find_limit(b, "default"));
}

static void same_conf(const struct conf *a, const struct conf *b)
{
	assert_int_equal(a->mode, b->mode);
	same_limits(a, b);
	assert_int_equal(a->attaches, b->attaches);
	for (size_t i = 0; i < a->attaches; i++) {
		assert_string_equal(a->attach[i].iface, b->attach[i].iface);
		assert_int_equal(a->attach[i].mode, b->attach[i].mode);
	}
	same_list(&a->allow, &b->allow);
	same_list(&a->deny, &b->deny);
	assert_memory_equal(&a->options, &b->options, sizeof(a->options));
	assert_int_equal(a->options_set, b->options_set);
}

static void test_export_loads_to_the_same(void **state)
{
	unit_seed("export");
	for (unsigned round = 0; round < 1500; round++) {
		struct conf *c = random_conf(), *again = conf_new();
		char *text = unit_export(c), *second;

		load(again, text);
		same_conf(c, again);
		second = unit_export(again);
		assert_string_equal(text, second);
		free(text);
		free(second);
		conf_free(c);
		conf_free(again);
	}
}

static void test_copy_is_the_same(void **state)
{
	unit_seed("copy");
	for (unsigned round = 0; round < 200; round++) {
		struct conf *c = random_conf(), *copy = conf_copy(c);

		same_conf(c, copy);
		conf_free(c);
		conf_free(copy);
	}
}

/* Those parts that statements of a file can make: what only the base has stays, counted. */
static void test_diff_makes_the_base_into_the_other(void **state)
{
	unit_seed("diff");
	for (unsigned round = 0; round < 500; round++) {
		struct conf *base = random_conf(), *c = random_conf();
		size_t count, lines = 0, left;
		char *text = unit_diff(base, c, &count), *rest;

		for (const char *at = text; *at; at++)
			lines += *at == '\n';
		assert_true(lines <= count);
		load(base, text);
		rest = unit_diff(base, c, &left);
		assert_string_equal(rest, "");
		assert_int_equal(left, count - lines);
		free(text);
		free(rest);
		conf_free(base);
		conf_free(c);
	}
}

static void check_diff(const char *const base_lines[], const char *const lines[],
		       const char *expected, size_t expected_count)
{
	struct conf *base = conf_new(), *c = conf_new();
	size_t count;
	char *text;

	for (size_t i = 0; base_lines[i]; i++)
		unit_good(base, base_lines[i]);
	for (size_t i = 0; lines[i]; i++)
		unit_good(c, lines[i]);
	text = unit_diff(base, c, &count);
	assert_string_equal(text, expected);
	assert_int_equal(count, expected_count);
	assert_int_equal(conf_diff(base, c, NULL, NULL), expected_count);
	free(text);
	conf_free(base);
	conf_free(c);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NONE ((const char *const[]){NULL})

static void test_diff_says_what_differs(void **state)
{
	check_diff(NONE, NONE, "", 0);
	check_diff(NONE, LINES("set-limit a 1/s match tcp"),
		   "set-limit a 1/1s per source match tcp\n", 1);
	check_diff(LINES("set-limit a 1/s match tcp"), NONE, "", 1);
	check_diff(LINES("set-limit a 60/minute match tcp"),
		   LINES("set-limit a 60 per 60s match proto 6 per source"), "", 0);
	check_diff(LINES("set-limit a 1/s match tcp"),
		   LINES("set-limit a 1/s match tcp", "disable a"), "disable a\n", 1);
	check_diff(LINES("set-limit a 1/s match tcp", "disable a"),
		   LINES("set-limit a 1/s match tcp"), "set-limit a 1/1s per source match tcp\n",
		   1);
	check_diff(LINES("mode monitor"), NONE, "mode enforce\n", 1);
	check_diff(LINES("set-option metrics-top 5"), NONE, "set-option metrics-top 0\n", 1);
	check_diff(LINES("attach eth0"), LINES("attach eth0 mode native", "attach eth1"),
		   "attach eth0 mode native\nattach eth1\n", 2);
	check_diff(NONE, LINES("deny add 192.0.2.0/24 comment x"),
		   "deny add 192.0.2.0/24 comment x\n", 1);
	check_diff(NONE, LINES("ban 192.0.2.1", "deny add 192.0.2.2 for 1h"), "", 0);
	check_diff(LINES("ban 192.0.2.1"), NONE, "", 0);
	check_diff(LINES("ban 192.0.2.1"), LINES("deny add 192.0.2.1"), "deny add 192.0.2.1\n", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_export_loads_to_the_same),
		cmocka_unit_test(test_copy_is_the_same),
		cmocka_unit_test(test_diff_makes_the_base_into_the_other),
		cmocka_unit_test(test_diff_says_what_differs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
