/* SPDX-License-Identifier: GPL-2.0-only */
/* Two clocks: the wall's, which somebody may set, and the monotonic one, by which the program ends
 * what has an end.
 *
 * Entries have their ends in seconds of the wall clock, and the daemon reads that clock in one way
 * only: as the monotonic one and an offset. When the wall clock was set, the offset follows by
 * whole seconds, and so do in the same moment the ends of entries that were given as durations:
 * those end when they would have ended. An end that was given as a time stays that time.
 */
#ifndef RLD_CLOCK_H
#define RLD_CLOCK_H

#include <stdbool.h>

#include <linux/types.h>

struct clock {
	__s64 offset_ns; /* wall less monotonic */
};

struct moment {
	__s64 wall_ns;
	__u64 mono_ns;
};

struct moment clock_moment(void);
struct clock clock_at(const struct moment *now);
/* By how many seconds the wall clock was set, or has drifted, since it was last looked at. */
__s64 clock_step(struct clock *clock, const struct moment *now);
__s64 clock_now_s(const struct clock *clock); /* seconds since the epoch */
/* What it was so long ago: less a rounded time it would be a second more, now and then. */
__s64 clock_ago_s(const struct clock *clock, __u64 since_ns);
/* The monotonic time of a second since the epoch, at least 1, and at most what 63 bits hold, which
 * ends in the year 2262; 0 stays 0 (no end). */
__u64 clock_mono(const struct clock *clock, __s64 wall_s);

/* Nanoseconds from `then`, which a file remembers, until now. In another boot the wall clock says
 * it, unless it was or is not set: then only the time that the machine was up counts, and none of
 * it is known. */
__u64 clock_since(const struct moment *then, const struct moment *now, bool same_boot);

#endif
