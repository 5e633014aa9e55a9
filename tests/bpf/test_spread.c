// SPDX-License-Identifier: GPL-2.0-only
/* A full table with on-full spread: sources without room are counted in many buckets. */
#include <stdio.h>

#include "strangers.h"

#define ROOM 64

static int setup(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

static void sources_of_a_bucket_share_it_and_no_others_do(void **state)
{
	struct harness *h = *state;
	char same[STRANGER_TEXT], other[STRANGER_TEXT];

	strangers_take_room(h);
	harness_conf(h, "set-limit a 9/10s match udp");
	strangers_next(h, "192.0.2.9", true, same);
	strangers_next(h, "192.0.2.9", false, other);
	assert_int_equal(strangers_passed(h, "192.0.2.9", 4), 4);
	assert_int_equal(strangers_passed(h, same, 20), 5);
	assert_int_equal(strangers_passed(h, "192.0.2.9", 4), 0);
	assert_int_equal(strangers_passed(h, other, 20), 9);
	h->now += 10 * SECOND;
	assert_int_equal(strangers_passed(h, same, 20), 9);
	assert_int_equal(harness_limit(h, "a").full, 68);
	assert_false(strangers_tracked(h, same, NULL));
}

/* Whose the buckets are: no limit has another's, and each has a power of two. */
static void limits_divide_the_buckets(void **state)
{
	struct harness *h = *state;
	__u32 all = bpf_map__max_entries(h->dp->skel->maps.spread);
	__u32 share = all;
	char line[128];

	for (unsigned n = 1; n <= 9; n++) {
		const struct rl_rules *rules;
		__u32 next = 0;

		snprintf(line, sizeof(line), "set-limit l%u %u/s match udp dport %u on-full %s", n,
			 n, n, n == 4 ? "shared" : "spread");
		harness_conf(h, line);
		rules = dp_rules(h->dp);
		share = all / (n == 1 ? 1 : n == 2 ? 2 : n <= 5 ? 4 : 8);
		for (__u32 i = 0; i < rules->limits; i++) {
			if (rules->limit[i].on_full != RL_ON_FULL_SPREAD)
				continue;
			assert_int_equal(rules->limit[i].spread_first, next);
			assert_int_equal(rules->limit[i].spread_mask, share - 1);
			next += share;
		}
		assert_true(next <= all);
	}
}

/* Another limit in the place of one that went begins its buckets anew. */
static void a_bucket_of_another_limit_begins_anew(void **state)
{
	struct harness *h = *state;

	strangers_take_room(h);
	harness_conf(h, "set-limit z 1/s match tcp\nset-limit a 5/minute match udp");
	assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 5);
	harness_conf(h, "del-limit z\ndel-limit a\nset-limit a 7/minute match udp burst 7 "
			"strategy token-bucket");
	for (unsigned i = 0; i < 50; i++) {
		char src[STRANGER_TEXT];

		strangers_next(h, "192.0.2.9", false, src);
		assert_int_equal(strangers_passed(h, src, 1), 1);
	}
	assert_int_equal(strangers_passed(h, "192.0.2.9", 20), 7);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sources_of_a_bucket_share_it_and_no_others_do),
		TEST(limits_divide_the_buckets),
		TEST(a_bucket_of_another_limit_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
