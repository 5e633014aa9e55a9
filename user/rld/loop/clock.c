// SPDX-License-Identifier: GPL-2.0-only
/* Ends by the wall clock, held against the monotonic one. */
#include "rld/loop/clock.h"

#include <stdint.h>

#include "base/time.h"

/* 2024: a clock that shows less was never set. Boards without a clock begin in 1970 or 2000. */
#define SET_SINCE_NS (1704067200 * (__s64)TIME_NS)

struct moment clock_moment(void)
{
	return (struct moment){.wall_ns = time_wall_ns(), .mono_ns = time_mono_ns()};
}

struct clock clock_at(const struct moment *now)
{
	return (struct clock){.offset_ns = now->wall_ns - (__s64)now->mono_ns};
}

__s64 clock_step(struct clock *clock, const struct moment *now)
{
	__s64 step_s = (now->wall_ns - (__s64)now->mono_ns - clock->offset_ns) / (__s64)TIME_NS;

	clock->offset_ns += step_s * (__s64)TIME_NS;
	return step_s;
}

__s64 clock_now_s(const struct clock *clock)
{
	return clock_ago_s(clock, 0);
}

__s64 clock_ago_s(const struct clock *clock, __u64 since_ns)
{
	return ((__s64)(time_mono_ns() - since_ns) + clock->offset_ns) / (__s64)TIME_NS;
}

__u64 clock_mono(const struct clock *clock, __s64 wall_s)
{
	__s64 mono_ns;

	if (!wall_s)
		return 0;
	if (__builtin_mul_overflow(wall_s, (__s64)TIME_NS, &mono_ns) ||
	    __builtin_sub_overflow(mono_ns, clock->offset_ns, &mono_ns))
		return INT64_MAX; /* centuries from now */
	return mono_ns < 1 ? 1 : (__u64)mono_ns;
}

__u64 clock_since(const struct moment *then, const struct moment *now, bool same_boot)
{
	if (same_boot && now->mono_ns >= then->mono_ns)
		return now->mono_ns - then->mono_ns;
	if (then->wall_ns < SET_SINCE_NS || now->wall_ns < then->wall_ns)
		return 0;
	return (__u64)(now->wall_ns - then->wall_ns);
}
