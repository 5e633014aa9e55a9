// SPDX-License-Identifier: GPL-2.0-only
/* Which sources a reboot must not forget, and their times by the clock of another boot. */
#include <stdint.h>
#include <string.h>

#include "base/time.h"
#include "rld/kept/kept_shift.h"

#define LONG_NS (3600 * TIME_NS)

bool kept_limit_matters(const struct rl_limit *limit)
{
	return limit->ban_ns || limit->window[limit->windows - 1].period_ns >= LONG_NS;
}

bool kept_matters(const struct rl_limit *limit, const struct rl_state *state, __u64 now_ns)
{
	if (state->banned_until > now_ns)
		return true;
	if (state->keep_until <= now_ns)
		return false;
	return state->ban_times || state->ban_breaches ||
	       limit->window[limit->windows - 1].period_ns >= LONG_NS;
}

/* Beyond what the numbers hold is their end. */
static __s64 later(__u64 time_ns, __s64 shift_ns)
{
	__s64 time = time_ns > INT64_MAX ? INT64_MAX : (__s64)time_ns;
	__s64 shifted;

	if (__builtin_add_overflow(time, shift_ns, &shifted))
		return INT64_MAX;
	return shifted;
}

__u64 kept_shift_time(__u64 time_ns, __s64 shift_ns)
{
	__s64 shifted = later(time_ns, shift_ns);

	if (!time_ns)
		return 0;
	return shifted < 1 ? 1 : (__u64)shifted;
}

/* a = count, b = end. */
static void shift_fixed(struct rl_window_state *s, __s64 shift_ns, __u64 now_ns)
{
	s->b = kept_shift_time(s->b, shift_ns);
	if (s->b <= now_ns)
		*s = (struct rl_window_state){0};
}

/* a = start, b = count of the window before, c = count. A start before the boot becomes that of the
 * boot: what was counted is then held longer than it would have been, and never shorter. */
static void shift_sliding(struct rl_window_state *s, __u64 period_ns, __s64 shift_ns, __u64 now_ns)
{
	__s64 start = later(s->a, shift_ns);
	__u64 age = start < (__s64)now_ns ? now_ns - (__u64)start : 0;

	if (age >= period_ns) {
		s->b = age < 2 * period_ns ? s->c : 0;
		s->c = 0;
		start += (__s64)period_ns;
	}
	s->a = start < 1 ? 1 : (__u64)start;
	if (!s->b && !s->c)
		*s = (struct rl_window_state){0};
}

/* a, b = when it is full again, c = end of the period of the last breach. */
static void shift_bucket(struct rl_window_state *s, __s64 shift_ns, __u64 now_ns)
{
	s->a = kept_shift_time(s->a, shift_ns);
	s->c = kept_shift_time(s->c, shift_ns);
	if (s->a <= now_ns)
		s->a = s->b = 0;
}

static void shift_windows(struct rl_state *state, const struct rl_limit *limit, __s64 shift_ns,
			  __u64 now_ns)
{
	for (unsigned i = 0; i < RL_WINDOWS_MAX; i++) {
		struct rl_window_state *s = &state->window[i];

		if (i >= limit->windows || limit->strategy == RL_STRATEGY_MOVING_WINDOW)
			*s = (struct rl_window_state){0}; /* its log is not kept */
		else if (limit->strategy == RL_STRATEGY_SLIDING_WINDOW)
			shift_sliding(s, limit->window[i].period_ns, shift_ns, now_ns);
		else if (limit->strategy == RL_STRATEGY_TOKEN_BUCKET)
			shift_bucket(s, shift_ns, now_ns);
		else
			shift_fixed(s, shift_ns, now_ns);
	}
}

void kept_shift(struct rl_state *state, const struct rl_limit *limit, __s64 shift_ns, __u64 now_ns)
{
	__u64 *const times[] = {&state->last_seen,     &state->banned_until, &state->keep_until,
				&state->blocked_until, &state->recover_at,   &state->first_seen,
				&state->ban_from};

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		*times[i] = kept_shift_time(*times[i], shift_ns);
	/* The program's clock never runs before it. */
	if (state->last_seen > now_ns)
		state->last_seen = now_ns;
	shift_windows(state, limit, shift_ns, now_ns);
	memset(state->room, 0, sizeof(state->room));
}

__u64 kept_sum(__u64 sum, const void *data, size_t len)
{
	const __u8 *at = data;

	for (size_t i = 0; i + 8 <= len; i += 8) {
		__u64 word;

		memcpy(&word, at + i, 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	return sum;
}
