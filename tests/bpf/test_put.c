/* SPDX-License-Identifier: GPL-2.0-only */
/* What an earlier program knew of a source, put into maps that were made anew. */
#include "source.h"

#define ROOM 64
#define SRC "192.0.2.1"
#define DST "192.0.2.2"

static unsigned passed(struct harness *h, const char *src, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, src, DST, 1, 2), count);
}

static void put(struct harness *h, const struct rl_state *state)
{
	struct dp_put *put;

	assert_int_equal(dp_put_open(h->dp, &put), 0);
	assert_int_equal(dp_put_state(put, &dp_rules(h->dp)->limit[0], state), 0);
	dp_put_close(put);
}

/* A full table asks its filter first who is in it. */
static void what_is_put_is_known_in_a_full_table(void **state)
{
	static const char *const strategies[] = {"fixed-window", "elastic", "sliding-window",
						 "moving-window", "token-bucket"};
	struct harness *h = *state;

	for (unsigned i = 0; i < sizeof(strategies) / sizeof(*strategies); i++) {
		char conf[128];
		struct rl_state st;

		snprintf(conf, sizeof(conf),
			 "set-limit a 3/hour match udp on-full pass strategy %s", strategies[i]);
		harness_conf(h, conf);
		assert_int_equal(passed(h, SRC, 3), 3);
		st = source_settled(h, "a", SRC);
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
		assert_int_equal(source_presence(h), 0);
		put(h, &st);
		assert_int_equal(source_presence(h), 1);
		harness_strangers(h, 0, ROOM);
		assert_int_equal(passed(h, "192.0.2.9", 5), 5); /* no room for it */
		if (strategies[i][0] != 'm')			/* a log begins empty */
			assert_int_equal(passed(h, SRC, 1), 0);
		harness_sweep(h, RL_SWEEP_CLEAR, 0);
		harness_conf(h, "del-limit a");
		h->now += 7200 * SECOND;
	}
}

static int set_up(void **state)
{
	*state = harness_new(ROOM);
	return 0;
}

static int tear_down(void **state)
{
	harness_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_put_is_known_in_a_full_table, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
