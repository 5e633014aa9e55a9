// SPDX-License-Identifier: GPL-2.0-only
/* Reading window states from outside, without changing them. */
#include "rld/sources/state.h"

#include "base/time.h"

#define SPENT_AFTER_NS (10 * TIME_NS)

static __u64 until(__u64 end, __u64 now)
{
	return end > now ? end - now : 0;
}

/* a = count below a tag, b = end. */
static void fixed(const struct rl_window *window, const struct rl_window_state *s, __u64 now,
		  struct state_window *ret)
{
	ret->reset_in_ns = until(s->b, now);
	ret->count = ret->reset_in_ns ? s->a & RL_COUNT : 0;
}

/* a = start of the bucket, b = count of the one before, c = count. */
static void sliding(const struct rl_window *window, const struct rl_window_state *s, __u64 now,
		    struct state_window *ret)
{
	__u64 period = window->period_ns;
	__u64 since = now > s->a ? now - s->a : 0;
	__u64 before = s->b;
	__u64 current = s->c;

	if (!s->a || since >= 2 * period)
		return;
	if (since >= period) {
		before = current;
		current = 0;
		since -= period;
	}
	ret->count = current + (__u64)((double)before * (double)(period - since) / (double)period);
	ret->reset_in_ns = (current ? 2 : 1) * period - since;
	if (!before && !current)
		ret->reset_in_ns = 0;
}

/* a = theoretical arrival time: tokens are missing for as long as it lies ahead. */
static void bucket(const struct rl_window *window, const struct rl_window_state *s, __u64 now,
		   struct state_window *ret)
{
	__u64 step = window->step_ns ? window->step_ns : 1;

	ret->reset_in_ns = until(s->a, now);
	ret->count = (ret->reset_in_ns + step - 1) / step;
}

static void (*const readers[RL_STRATEGY_COUNT])(const struct rl_window *window,
						const struct rl_window_state *s, __u64 now,
						struct state_window *ret) = {
	[RL_STRATEGY_FIXED_WINDOW] = fixed,
	[RL_STRATEGY_SLIDING_WINDOW] = sliding,
	[RL_STRATEGY_ELASTIC] = fixed,
	[RL_STRATEGY_TOKEN_BUCKET] = bucket,
};

static void moving(struct dp *dp, const struct rl_limit *limit, unsigned window,
		   const struct rl_key *key, const struct rl_state *state, __u64 now_ns,
		   struct state_window *ret)
{
	__u64 inside, leaves_ns;

	if (dp_log_inside(dp, key, state, limit, window, now_ns, &inside, &leaves_ns))
		return;
	ret->count = inside;
	ret->reset_in_ns = until(leaves_ns, now_ns);
}

void state_window(struct dp *dp, const struct rl_limit *limit, unsigned window,
		  const struct rl_key *key, const struct rl_state *state, __u64 now_ns,
		  struct state_window *ret)
{
	__u64 amount = limit->window[window].amount;

	*ret = (struct state_window){0};
	if (limit->strategy == RL_STRATEGY_MOVING_WINDOW)
		moving(dp, limit, window, key, state, now_ns, ret);
	else if (limit->strategy < RL_STRATEGY_COUNT)
		readers[limit->strategy](&limit->window[window], &state->window[window], now_ns,
					 ret);
	if (limit->strategy == RL_STRATEGY_TOKEN_BUCKET && limit->burst)
		amount = limit->burst;
	ret->remaining = amount > ret->count ? amount - ret->count : 0;
}

bool state_is_idle(const struct rl_limit *limit, const struct rl_state *state, __u64 idle_ns,
		   __u64 now_ns)
{
	__u64 silent_ns = idle_ns > limit->keep_ns ? idle_ns : limit->keep_ns;

	return state->last_seen + silent_ns < now_ns && state->keep_until < now_ns;
}

/* Every refusal is counted in one of these, and a ban comes after a refusal. */
static bool was_refused(const struct rl_state *state)
{
	return state->drop_packets || state->would_packets || state->ban_times;
}

bool state_is_spent(const struct rl_limit *limit, const struct rl_state *state, __u64 now_ns)
{
	__u64 silent_ns = state->pass_packets > 1 ? SPENT_AFTER_NS : 0;

	return !was_refused(state) && state_is_idle(limit, state, silent_ns, now_ns);
}

__u64 state_blocked_for(const struct rl_state *state, __u64 now_ns)
{
	__u64 blocked = until(state->blocked_until, now_ns);
	__u64 banned = until(state->banned_until, now_ns);

	return blocked > banned ? blocked : banned;
}
