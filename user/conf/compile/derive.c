// SPDX-License-Identifier: GPL-2.0-only
/* What of a limit follows from what was said of it; the formulas are in derive.h. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/addr.h"
#include "base/units.h"
#include "conf/compile/derive.h"

static void derive_masks(struct rl_limit *l)
{
	int ones = l->key & RL_KEY_SOURCE ? 0xff : 0;

	memset(&l->mask4, ones, sizeof(l->mask4));
	memset(&l->mask6, ones, sizeof(l->mask6));
	addr_mask(&l->mask4, ADDR_MAPPED_BITS + l->prefix4);
	addr_mask(&l->mask6, l->prefix6);
}

static int derive_bucket(struct rl_limit *l)
{
	struct rl_window *w = &l->window[0];
	unsigned __int128 span;

	for (unsigned i = 0; i < RL_WINDOWS_MAX; i++)
		l->window[i].step_ns = l->window[i].step_rem = 0;
	l->burst_ns = l->burst_rem = 0;
	if (l->strategy != RL_STRATEGY_TOKEN_BUCKET)
		return 0;
	span = (unsigned __int128)(l->burst ? l->burst : w->amount) * w->period_ns;
	if (span / w->amount >= UNITS_SPAN_MAX)
		return -ERANGE;
	w->step_ns = w->period_ns / w->amount;
	w->step_rem = w->period_ns % w->amount;
	l->burst_ns = (__u64)(span / w->amount);
	l->burst_rem = (__u64)(span % w->amount);
	return 0;
}

static __u64 keep_ns(const struct rl_limit *l)
{
	__u64 longest = l->window[l->windows - 1].period_ns;

	if (l->strategy == RL_STRATEGY_SLIDING_WINDOW)
		return 2 * longest;
	return l->burst_ns > longest ? l->burst_ns : longest;
}

static __u32 log_classes(const struct rl_limit *l)
{
	__u32 logs = 0;

	if (l->strategy != RL_STRATEGY_MOVING_WINDOW)
		return 0;
	for (unsigned i = 0; i < l->windows; i++)
		logs |= (__u32)(1 + RL_LOG_CLASS(l->window[i].amount)) << (4 * i);
	return logs;
}

static bool needs_fine_clock(const struct rl_limit *l)
{
	/* Else a hit would be logged as of the tick before, and age too soon by that much. */
	if (l->strategy == RL_STRATEGY_MOVING_WINDOW)
		return true;
	if (l->strategy == RL_STRATEGY_TOKEN_BUCKET)
		return l->burst_ns < UNITS_NS_PER_S;
	return l->window[0].period_ns < UNITS_NS_PER_S;
}

int conf_derive(struct rl_limit *l)
{
	int err = derive_bucket(l);

	if (err)
		return err;
	derive_masks(l);
	l->keep_ns = keep_ns(l);
	l->logs = log_classes(l);
	l->flags &= (__u8)~RL_LIMIT_FINE_CLOCK;
	if (needs_fine_clock(l))
		l->flags |= RL_LIMIT_FINE_CLOCK;
	return 0;
}
