/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers with units: amounts, periods, durations and times, as text and as integers.
 *
 * Every parser takes all of text[0..len), knows no locale, and returns 0, -EINVAL (not of that
 * form) or -ERANGE (of that form, but too large). Spans of time stop at UNITS_SPAN_MAX, so that
 * adding one to a clock cannot wrap.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "rl/names.h"

#define UNITS_TEXT 64
#define UNITS_NS_PER_S 1000000000ull
#define UNITS_SPAN_MAX ((__u64)1 << 63) /* exclusive; 292 years */
#define UNITS_PERIODS "ms second minute hour day week month year"
#define UNITS_SIZES "k M G kB MB GB KiB MiB GiB kbit Mbit Gbit"

int units_parse_u64(const char *text, size_t len, __u64 *ret);

/* The suffix of an amount: what it multiplies by, and whether it makes the amount one of bytes. */
struct units_size {
	const char *text;
	__u64 factor;
	bool bytes;
};
/* NULL: there is no such suffix. */
const struct units_size *units_find_size(const char *text, size_t len);
/* "10", "10k", "5MB"; `*ret_bytes` if the suffix says so. */
int units_parse_amount(const char *text, size_t len, __u64 *ret, bool *ret_bytes);

/* "packets", "Connection"; -EINVAL if it is none. */
int units_parse_unit(const char *text, size_t len, enum rl_unit *ret);
/* The name of a period, "minute" or "h" in any case, in nanoseconds. */
int units_parse_period(const char *text, size_t len, __u64 *ret_ns);
/* "1h", "500ms", "2minutes". 0 is -EINVAL. */
int units_parse_duration(const char *text, size_t len, __u64 *ret_ns);
/* RFC 3339 "2026-01-31T12:00:00Z" or with "+01:00"; seconds since the epoch, fractions cut. */
int units_parse_time(const char *text, size_t len, __s64 *ret_s);

/* "2m", "1w", "1500ms"; with "ns" what is no whole number of milliseconds. */
const char *units_format_duration(__u64 ns, char buf[static UNITS_TEXT]);
/* "10", "5MB", "1500 bytes", "20 connections". */
const char *units_format_amount(__u64 amount, enum rl_unit unit, char buf[static UNITS_TEXT]);
const char *units_format_time(__s64 s, char buf[static UNITS_TEXT]);

#endif
