/* SPDX-License-Identifier: GPL-2.0-only */
/* Points in time: the wall clock, its text, and the way there from the monotonic clock of the data
 * path. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <linux/types.h>

#define TIME_TEXT 40 /* bytes of "2026-01-02T03:04:05.678901234Z" and its NUL */
#define TIME_NS 1000000000ULL

__s64 time_wall_ns(void); /* since the epoch */
__u64 time_mono_ns(void);
__u64 time_thread_ns(void); /* CPU time of this thread */
/* The wall-clock time of a monotonic one, by the difference of the two clocks now. */
__s64 time_mono_to_wall(__u64 mono_ns);
/* RFC 3339 in UTC with milliseconds. */
const char *time_format(__s64 wall_ns, char buf[static TIME_TEXT]);
const char *time_format_s(__s64 wall_s, char buf[static TIME_TEXT]); /* of any second */
/* -EINVAL unless `text` is what time_format() prints, with or without the fraction. */
int time_parse(const char *text, __s64 *ret_wall_ns);
/* "1d 2h", "3m 20s", "57.1s", "120ms": two parts at most, for people. */
const char *time_format_span(__u64 ns, char buf[static TIME_TEXT]);

#endif
