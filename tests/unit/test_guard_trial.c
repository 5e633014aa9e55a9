/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guard has tried, and what it does where nothing can be. */
#include <unistd.h>

#include "fake_dp.h"
#include "guard_world.h"
#include "rld/guard/guard_seen.h"
#include "unit.h"

static void what_a_timed_allow_hides_is_seen(void **state)
{
	const char *timed = "deny add 192.0.2.0/24;allow add 192.0.2.7 for 1h";

	objects("", timed, SESSION "22: the deny list has 192.0.2.0/24\n");
	objects(timed, "deny add 192.0.2.0/24;allow add 192.0.2.7 for 2h", "");
	objects("deny add 192.0.2.0/24;allow add 192.0.2.7", timed,
		SESSION "22: the deny list has 192.0.2.0/24\n");
	objects("", "allow add 192.0.2.0/24 for 1h;set-limit a 1/minute match any",
		SESSION "22: limit a admits too few of its packets\n");
	objects("", "allow add 192.0.2.0/24;allow add 192.0.2.7 for 1h;deny add 192.0.0.0/16", "");
}

static void a_trial_that_fails_is_an_objection(void **state)
{
	fake_dp()->trial_fails = true;
	objects("", "set-limit a 600/minute match any",
		"lock-out: this cannot be tried on those who are connected: cannot load it: "
		"Operation not permitted\n");
	objects("", "set-limit a 1/minute match any;deny add 192.0.2.7",
		"lock-out: this cannot be tried on those who are connected: cannot load it: "
		"Operation not permitted\n" SESSION "22: the deny list has 192.0.2.7\n" SESSION
		"22: limit a admits too few of its packets\n");
}

static void who_is_not_tried_is_judged_by_what_limits_say(void **state)
{
	char addr[32];

	guard_world_clear();
	for (unsigned i = 0; i < TRIAL_PEERS_MAX; i++) {
		snprintf(addr, sizeof(addr), "192.0.2.%u", 100 + i);
		there_is(PEER_SESSION, addr, 22);
	}
	there_is(PEER_SESSION, "192.0.2.200", 22);
	objects("", "set-limit a 1/minute match src 192.0.2.200",
		"lock-out: this would cut off the established session from 192.0.2.200 to port 22: "
		"limit a admits too few of its packets\n");
	/* What the trial alone sees. */
	objects("", "set-limit a 20/second,30/minute match src 192.0.2.200", "");
	objects("", "set-limit a 20/second,30/minute match src 192.0.2.100",
		"lock-out: this would cut off the established session from 192.0.2.100 to port 22: "
		"limit a admits too few of its packets\n");
}

static void who_asks_is_tried_first(void **state)
{
	struct peer client = peer_at(PEER_SESSION, "192.0.2.200", 22);
	const struct peers clients = {.v = &client, .count = 1};
	char addr[32], *text;

	guard_world_clear();
	for (unsigned i = 0; i < TRIAL_PEERS_MAX; i++) {
		snprintf(addr, sizeof(addr), "192.0.2.%u", 100 + i);
		there_is(PEER_SESSION, addr, 22);
	}
	text = objections("", "set-limit a 20/second,30/minute match src 192.0.2.200", &clients);
	assert_string_equal(text,
			    "lock-out: this would cut off the established session from "
			    "192.0.2.200 to port 22: limit a admits too few of its packets\n");
	free(text);
}

static void limits_that_go_not_together_are_for_others_to_refuse(void **state)
{
	char text[512] = "";

	for (unsigned i = 0; i <= RL_JUDGE_MAX; i++)
		sprintf(text + strlen(text), "set-limit l%u 1/minute match tcp;", i);
	objects("", text, "");
}

static size_t seen_at(struct guard_seen *seen, __u16 port)
{
	struct ports ports = {.v = {port}, .count = 1};
	struct peers found = {0};
	size_t count;

	assert_int_equal(guard_seen_add(seen, &ports, &found), 0);
	count = found.count;
	peers_done(&found);
	return count;
}

static void who_has_come_is_seen_a_moment_later(void **state)
{
	struct guard_seen *seen = guard_seen_new();

	assert_int_equal(seen_at(seen, 22), 1);
	there_is(PEER_SESSION, "192.0.2.9", 22);
	usleep(200000); /* far more than ten looks */
	assert_int_equal(seen_at(seen, 22), 2);
	assert_int_equal(seen_at(seen, 443), 1);
	assert_int_equal(seen_at(NULL, 22), 2);
	guard_seen_free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_timed_allow_hides_is_seen, guard_world_open,
						guard_world_close),
		cmocka_unit_test_setup_teardown(a_trial_that_fails_is_an_objection,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(who_is_not_tried_is_judged_by_what_limits_say,
						guard_world_open, guard_world_close),
		cmocka_unit_test_setup_teardown(who_asks_is_tried_first, guard_world_open,
						guard_world_close),
		cmocka_unit_test_setup_teardown(
			limits_that_go_not_together_are_for_others_to_refuse, guard_world_open,
			guard_world_close),
		cmocka_unit_test_setup_teardown(who_has_come_is_seen_a_moment_later,
						guard_world_open, guard_world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
