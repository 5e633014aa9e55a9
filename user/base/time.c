// SPDX-License-Identifier: GPL-2.0-only
/* Clocks and their text. */
#include "base/time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static __u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (__u64)ts.tv_sec * TIME_NS + (__u64)ts.tv_nsec;
}

__s64 time_wall_ns(void)
{
	return (__s64)clock_ns(CLOCK_REALTIME);
}

__u64 time_mono_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

__u64 time_thread_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

__s64 time_mono_to_wall(__u64 mono_ns)
{
	return time_wall_ns() + (__s64)(mono_ns - time_mono_ns());
}

static const char *format(time_t second, int ms, char buf[static TIME_TEXT])
{
	struct tm tm;
	size_t used;

	gmtime_r(&second, &tm);
	used = strftime(buf, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + used, TIME_TEXT - used, ".%03dZ", ms);
	return buf;
}

const char *time_format(__s64 wall_ns, char buf[static TIME_TEXT])
{
	return format(wall_ns / (__s64)TIME_NS, (int)(wall_ns % (__s64)TIME_NS / 1000000), buf);
}

const char *time_format_s(__s64 wall_s, char buf[static TIME_TEXT])
{
	return format(wall_s, 0, buf);
}

int time_parse(const char *text, __s64 *ret_wall_ns)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction = 0;
	char *end;

	if (!rest)
		return -EINVAL;
	if (*rest == '.') {
		fraction = strtod(rest, &end);
		rest = end;
	}
	if (strcmp(rest, "Z"))
		return -EINVAL;
	*ret_wall_ns = (__s64)timegm(&tm) * (__s64)TIME_NS + (__s64)(fraction * 1e9);
	return 0;
}

static const struct {
	__u64 seconds;
	const char *name;
} spans[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};

const char *time_format_span(__u64 ns, char buf[static TIME_TEXT])
{
	__u64 seconds = ns / TIME_NS;
	size_t i = 0;

	if (!ns)
		return strcpy(buf, "0s");
	if (seconds < 1) {
		snprintf(buf, TIME_TEXT, "%llums", (ns + 999999) / 1000000);
		return buf;
	}
	if (seconds < 60) {
		snprintf(buf, TIME_TEXT, "%llu.%llus", seconds, ns % TIME_NS / 100000000);
		return buf;
	}
	while (seconds < spans[i].seconds)
		i++;
	snprintf(buf, TIME_TEXT, "%llu%s", seconds / spans[i].seconds, spans[i].name);
	seconds %= spans[i].seconds;
	if (i < 3 && seconds >= spans[i + 1].seconds)
		snprintf(buf + strlen(buf), TIME_TEXT - strlen(buf), " %llu%s",
			 seconds / spans[i + 1].seconds, spans[i + 1].name);
	return buf;
}
