/* SPDX-License-Identifier: GPL-2.0-only */
/* What bytes a line may hold. */
#ifndef CONF_UTF8_H
#define CONF_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the longest start of text[0..len) that is UTF-8 without NUL: `len` if all of it is.
 */
size_t utf8_valid_prefix(const char *text, size_t len);
bool utf8_control(char c);

#endif
