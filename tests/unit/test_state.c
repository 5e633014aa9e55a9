// SPDX-License-Identifier: GPL-2.0-only
/* Which sources nothing needs any more. */
#include "rld/sources/state.h"
#include "unit.h"

#define S 1000000000ull
#define LATER (100000 * S)

/* Of a limit whose longest window is a minute. */
static const struct rl_limit minute = {.keep_ns = 60 * S};
static const struct rl_limit second = {.keep_ns = S};

static struct rl_state seen(__u64 ago_ns, __u64 packets)
{
	return (struct rl_state){
		.last_seen = LATER - ago_ns, .keep_until = LATER - ago_ns, .pass_packets = packets};
}

static void idle_is_silent_for_the_idle_time_and_for_the_longest_window(void **state)
{
	struct rl_state st = seen(30 * S, 9);

	assert_true(state_is_idle(&second, &st, 29 * S, LATER));
	assert_false(state_is_idle(&second, &st, 30 * S, LATER));
	/* Its windows are over, but packets of less than a minute ago would be beside those of a
	 * bucket that is the end of another window. */
	assert_false(state_is_idle(&minute, &st, 29 * S, LATER));
	st = seen(61 * S, 9);
	assert_true(state_is_idle(&minute, &st, 29 * S, LATER));
	st.keep_until = LATER; /* a ban */
	assert_false(state_is_idle(&minute, &st, 29 * S, LATER));
}

static void one_packet_is_spent_with_its_windows_more_after_ten_seconds(void **state)
{
	struct rl_state once = seen(S + 1, 1), more = seen(S + 1, 2), later = seen(10 * S + 1, 2);
	struct rl_state open = seen(S - 1, 1);

	assert_true(state_is_spent(&second, &once, LATER));
	assert_false(state_is_spent(&minute, &once, LATER));
	assert_false(state_is_spent(&second, &open, LATER));
	assert_false(state_is_spent(&second, &more, LATER));
	assert_true(state_is_spent(&second, &later, LATER));
	assert_false(state_is_spent(&minute, &later, LATER));
}

static void who_was_refused_is_never_spent(void **state)
{
	struct rl_state dropped = seen(1000 * S, 1), would = seen(1000 * S, 1);
	struct rl_state banned = seen(1000 * S, 1);

	dropped.drop_packets = 1;
	would.would_packets = 1;
	banned.ban_times = 1;
	assert_false(state_is_spent(&second, &dropped, LATER));
	assert_false(state_is_spent(&second, &would, LATER));
	assert_false(state_is_spent(&second, &banned, LATER));
	assert_true(state_is_idle(&second, &banned, 60 * S, LATER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_is_silent_for_the_idle_time_and_for_the_longest_window),
		cmocka_unit_test(one_packet_is_spent_with_its_windows_more_after_ten_seconds),
		cmocka_unit_test(who_was_refused_is_never_spent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
