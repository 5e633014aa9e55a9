// SPDX-License-Identifier: GPL-2.0-only
/* Every shape of frame: what the program takes it for. */
#include "base/names.h"
#include "harness.h"
#include "shapes.h"

static void each_shape(struct harness *h, void (*check)(struct harness *h, const struct shape *s))
{
	for (size_t i = 0; i < shapes_count; i++)
		check(h, &shapes[i]);
}

static void check_reason(struct harness *h, const struct shape *s)
{
	struct frame f;
	enum rl_reason got;

	s->build(&f);
	got = harness_reason(h, &f, NULL);
	if (got != s->reason)
		fail_msg("%s: %s, expected %s", s->name, names_text(&names_reason, got),
			 names_text(&names_reason, s->reason));
}

static void every_shape_has_its_reason(void **state)
{
	harness_conf(*state, "set-limit 0/minute");
	each_shape(*state, check_reason);
}

static void check_dropped(struct harness *h, const struct shape *s)
{
	bool refused =
		s->reason == RL_REASON_OVER_LIMIT ||
		(s->reason >= RL_REASON_VLAN_DEPTH && s->reason <= RL_REASON_MALFORMED_TRANSPORT);
	struct frame f;

	s->build(&f);
	if (harness_run(h, &f) != (refused ? XDP_DROP : XDP_PASS))
		fail_msg("%s: wrong verdict", s->name);
}

static void the_malformed_and_the_deep_are_dropped(void **state)
{
	harness_conf(*state, "set-limit 0/minute");
	each_shape(*state, check_dropped);
}

static void check_passed(struct harness *h, const struct shape *s)
{
	struct frame f;
	__u32 verdict;

	s->build(&f);
	if (harness_reason(h, &f, &verdict) != s->reason || verdict == RL_VERDICT_DROP)
		fail_msg("%s: wrong verdict", s->name);
}

static void monitor_drops_nothing(void **state)
{
	harness_conf(*state, "set-limit 0/minute\nmode monitor");
	each_shape(*state, check_passed);
}

static void check_off(struct harness *h, const struct shape *s)
{
	struct frame f;

	s->build(&f);
	if (harness_reason(h, &f, NULL) != RL_REASON_MODE_OFF)
		fail_msg("%s: judged", s->name);
}

static void mode_off_judges_nothing(void **state)
{
	harness_conf(*state, "set-limit 0/minute\nmode off");
	each_shape(*state, check_off);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_shape_has_its_reason, harness_setup,
						harness_teardown),
		cmocka_unit_test_setup_teardown(the_malformed_and_the_deep_are_dropped,
						harness_setup, harness_teardown),
		cmocka_unit_test_setup_teardown(monitor_drops_nothing, harness_setup,
						harness_teardown),
		cmocka_unit_test_setup_teardown(mode_off_judges_nothing, harness_setup,
						harness_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
