// SPDX-License-Identifier: GPL-2.0-only
/* That at most as many limits as may judge a packet can: never more, and not refused without need.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "unit.h"
#include "conf/compile/compile.h"

static __u32 slot_of(void *ctx, const char *name)
{
	return strcmp(name, "eth0") == 0 ? 1 : strcmp(name, "eth1") == 0 ? 5 : 0;
}

/* The most limits that any of many random packets would be judged by. */
static unsigned judged_most(const struct conf *c)
{
	unsigned most = 0;

	for (unsigned i = 0; i < 3000; i++) {
		unsigned judged = 0, enforcing = 0, fallback = 0;
		struct unit_packet p;

		unit_random_packet(&p);
		for (size_t j = 0; j < c->limits; j++) {
			const struct conf_limit *l = c->limit[j];

			if (!l->enabled || !unit_matches(l, &p))
				continue;
			if (strcmp(l->abi.name, "default") == 0) {
				fallback = 1;
				continue;
			}
			judged++;
			enforcing += !(l->abi.flags & RL_LIMIT_MONITOR);
		}
		judged += enforcing ? 0 : fallback;
		most = judged > most ? judged : most;
	}
	return most;
}

static void test_no_set_is_accepted_in_which_too_many_judge(void **state)
{
	unsigned refused = 0, found = 0, accepted = 0;

	unit_seed("overlap");
	for (unsigned round = 0; round < 400; round++) {
		struct conf *c = unit_random_conf(9 + unit_random(25));
		struct conf_image image = {0};
		struct diag d = {0};
		bool good = conf_compile(c, slot_of, NULL, &image, &d) == 0;
		unsigned most = judged_most(c);

		if (good && most > RL_JUDGE_MAX)
			fail_msg("accepted, but a packet is judged %u times", most);
		accepted += good;
		refused += !good;
		found += !good && most > RL_JUDGE_MAX;
		conf_image_done(&image);
		conf_free(c);
	}
	/* Random packets find most of what is refused: the check is not far from exact. */
	fprintf(stderr, "# %u accepted, %u refused, of those %u shown by a packet\n", accepted,
		refused, found);
	assert_true(accepted > 10 && refused > 10 && found * 10 >= refused * 4);
}

static int compile(struct conf *c, struct diag *d, double *ms)
{
	struct conf_image image = {0};
	struct timespec a, b;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &a);
	err = conf_compile(c, slot_of, NULL, &image, d);
	clock_gettime(CLOCK_MONOTONIC, &b);
	*ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
	conf_image_done(&image);
	return err;
}

static void many(const char *format, int expected)
{
	struct conf *c = conf_new();
	struct diag d = {0};
	double ms;
	int err;

	for (unsigned i = 0; i < 1000; i++) {
		char match[256], line[512];

		snprintf(match, sizeof(match), format, i + 1, i / 250, i % 250);
		snprintf(line, sizeof(line), "set-limit n%u 10/s match %s", i, match);
		unit_good(c, line);
	}
	err = compile(c, &d, &ms);
	fprintf(stderr, "# 1000 limits \"%s\": %.1f ms with sanitizers, %s\n", format, ms,
		err ? d.message : "ok");
	assert_int_equal(err, expected);
	assert_true(ms < 1000);
	conf_free(c);
}

static void test_a_thousand_limits_compile(void **state)
{
	many("tcp dport %1$u", 0);
	many("src 10.%2$u.%3$u.0/24", 0);
	many("tcp dport %1$u src 10.%2$u.%3$u.0/24 dst 192.0.2.0/24", 0);
	many("length %1$u-65535", -EINVAL);
}

/* One row a line: limits, "|" between, and whether nine of them can meet. */
static void nine(const char *a, const char *b, int expected)
{
	struct conf *c = conf_new();
	struct diag d = {0};
	double ms;

	for (unsigned i = 0; i < 9; i++) {
		char line[512];

		snprintf(line, sizeof(line), "set-limit n%u %s", i, i < 5 ? a : b);
		unit_good(c, line);
	}
	if (compile(c, &d, &ms) != expected)
		fail_msg("five of \"%s\" and four of \"%s\": %s", a, b,
			 expected ? "accepted" : d.message);
	conf_free(c);
}

static void test_what_cannot_meet_is_not_counted_together(void **state)
{
	nine("1/s match tcp dport 53", "1/s match udp dport 53", 0);
	nine("1/s match tcp dport 53", "1/s match tcp dport 53-60", -EINVAL);
	nine("1/s match icmp", "1/s match dport 53", 0);
	nine("1/s match udp", "1/s match syn", 0);
	nine("1 connection/s match any", "1/s match not tcp", 0);
	nine("1/s match icmp-type 8", "1/s match tcp", 0);
	nine("1/s match icmp-type 8", "1/s match icmp-type 9", 0);
	nine("1/s match src 10.0.0.0/8", "1/s match dst 2001:db8::/32", 0);
	nine("1/s match src ::/0", "1/s match dst 2001:db8::/32", -EINVAL);
	nine("1/s match src 10.0.0.0/8", "1/s match not src 10.0.0.0/9 not src 10.128.0.0/9", 0);
	nine("1/s match src 10.0.0.0/8", "1/s match not src 10.0.0.0/9 not src 10.128.0.0/10",
	     -EINVAL);
	nine("1/s match iface gone", "1/s match iface away", 0);
	nine("1/s match iface gone", "1/s match iface gone,away", -EINVAL);
	nine("1/s match vlan 10", "1/s match not vlan 0-4095", 0);
	nine("1/s match fragment not dport 1", "1/s match fragment", -EINVAL);
	nine("1/s match proto 47", "1/s per source,dport match any", 0);
	nine("1/s match length 0-100", "1/s match length 100", -EINVAL);
	nine("1/s match length 0-99", "1/s match length 100", 0);
}

static void test_default_is_counted_where_it_applies(void **state)
{
	struct conf *c = conf_new();
	struct conf_image image = {0};
	struct diag d = {0};
	char line[128];

	for (unsigned i = 0; i < 8; i++) {
		snprintf(line, sizeof(line), "set-limit n%u 1/s match udp monitor", i);
		unit_good(c, line);
	}
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
	assert_int_equal(image.rules->default_limit, RL_LIMITS_MAX);
	conf_image_done(&image);
	unit_good(c, "set-limit 5/s");
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), -EINVAL);
	assert_non_null(strstr(d.message, "n0, n1, n2, n3, n4, n5, n6, n7, default"));
	unit_good(c, "disable default");
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
	assert_int_equal(image.rules->default_limit, RL_LIMITS_MAX);
	conf_image_done(&image);
	unit_good(c, "set-limit default 5 connections/s");
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
	assert_int_equal(image.rules->default_limit, 8);
	conf_image_done(&image);
	unit_good(c, "set-limit default 5/s");
	unit_good(c, "set-limit n3 1/s match udp");
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
	conf_image_done(&image);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_set_is_accepted_in_which_too_many_judge),
		cmocka_unit_test(test_a_thousand_limits_compile),
		cmocka_unit_test(test_what_cannot_meet_is_not_counted_together),
		cmocka_unit_test(test_default_is_counted_where_it_applies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
