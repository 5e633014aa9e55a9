/* SPDX-License-Identifier: GPL-2.0-only */
/* Characters of text, and those that steer a terminal. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* The length of the longest start of text[0..len) that is UTF-8 without NUL: `len` if all of it
 * is. */
size_t utf8_valid_prefix(const char *text, size_t len);
/* Bytes of the control character that text[0..left) starts with, C1 (U+0080 to U+009F) included; 0:
 * none. */
size_t utf8_control(const char *text, size_t left);
/* Puts a '?' for each byte of control characters and of what is no UTF-8, but for those of `keep`:
 * for whatever is printed to a terminal or a log and was written by somebody else. */
void utf8_clean(char *text, const char *keep);

#endif
