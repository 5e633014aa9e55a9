/* SPDX-License-Identifier: GPL-2.0-only */
/* Enums of abi.h to text and back. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>

/* The texts of one enum, by its numbers. */
struct names {
	const char *const *text;
	size_t count;
};

extern const struct names names_reason;
extern const struct names names_verdict;
extern const struct names names_strategy;
extern const struct names names_unit;
extern const struct names names_on_full;
extern const struct names names_mode;

/* "?" for a number that the enum has not got. */
const char *names_text(const struct names *names, unsigned value);
/* The number of text[0..len), or -ENOENT. */
int names_find(const struct names *names, const char *text, size_t len);

#endif
