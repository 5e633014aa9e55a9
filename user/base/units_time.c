// SPDX-License-Identifier: GPL-2.0-only
/* Points in time as RFC 3339 and as seconds since the epoch. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

#define SECONDS_PATTERN "dddd-dd-ddTdd:dd:dd"

/* True if text[0..] has the pattern's form: d a digit, everything else itself (T in any case). */
static bool has_form(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == 'd' ? *text < '0' || *text > '9'
				    : *text != *pattern && !(*pattern == 'T' && *text == 't'))
			return false;
	}
	return true;
}

static int number(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

static int parse_civil(const char *text, __s64 *ret_s)
{
	struct tm tm = {
		.tm_year = number(text, 4) - 1900,
		.tm_mon = number(text + 5, 2) - 1,
		.tm_mday = number(text + 8, 2),
		.tm_hour = number(text + 11, 2),
		.tm_min = number(text + 14, 2),
		.tm_sec = number(text + 17, 2),
	};
	struct tm got = tm;

	*ret_s = timegm(&got);
	/* timegm() makes 30 February the 2nd of March. */
	if (got.tm_mon != tm.tm_mon || got.tm_mday != tm.tm_mday || got.tm_hour != tm.tm_hour ||
	    got.tm_min != tm.tm_min || got.tm_sec != tm.tm_sec)
		return -EINVAL;
	return 0;
}

static int parse_zone(const char *text, size_t len, __s64 *ret_s)
{
	int hours, minutes;

	if (len == 1 && (text[0] == 'Z' || text[0] == 'z')) {
		*ret_s = 0;
		return 0;
	}
	if (len != 6 || (text[0] != '+' && text[0] != '-') || !has_form(text + 1, "dd:dd"))
		return -EINVAL;
	hours = number(text + 1, 2);
	minutes = number(text + 4, 2);
	if (hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_s = (hours * 60 + minutes) * (text[0] == '-' ? -60 : 60);
	return 0;
}

int units_parse_time(const char *text, size_t len, __s64 *ret_s)
{
	size_t at = strlen(SECONDS_PATTERN), dot;
	__s64 civil, zone;

	if (len <= at || !has_form(text, SECONDS_PATTERN) || parse_civil(text, &civil))
		return -EINVAL;
	if (text[at] == '.') {
		for (dot = at++; at < len && text[at] >= '0' && text[at] <= '9';)
			at++;
		if (at == dot + 1)
			return -EINVAL;
	}
	if (parse_zone(text + at, len - at, &zone) || civil - zone <= 0)
		return -EINVAL;
	*ret_s = civil - zone;
	return 0;
}

const char *units_format_time(__s64 s, char buf[static UNITS_TEXT])
{
	time_t t = (time_t)s;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, UNITS_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(buf, UNITS_TEXT, "@%lld", (long long)s);
	return buf;
}
