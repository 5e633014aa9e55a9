// SPDX-License-Identifier: GPL-2.0-only
/* Characters of text, and those that steer a terminal. */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* Bytes of the character that starts with `c`, 0 if none does; *ret_min is the least code point of
 * that length. */
static size_t length(unsigned char c, unsigned *ret_min)
{
	if (c < 0x80) {
		*ret_min = 1;
		return 1;
	}
	if (c >= 0xc2 && c < 0xe0) {
		*ret_min = 0x80;
		return 2;
	}
	if (c >= 0xe0 && c < 0xf0) {
		*ret_min = 0x800;
		return 3;
	}
	if (c >= 0xf0 && c < 0xf5) {
		*ret_min = 0x10000;
		return 4;
	}
	return 0;
}

static size_t valid_char(const unsigned char *c, size_t left)
{
	unsigned min = 0, code;
	size_t n = length(c[0], &min);

	if (n == 0 || n > left)
		return 0;
	code = n == 1 ? c[0] : c[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (c[i] & 0x3fu);
	}
	/* Overlong forms, surrogates, past the end of Unicode. */
	if (code < min || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	return n;
}

size_t utf8_valid_prefix(const char *text, size_t len)
{
	size_t at = 0, n;

	while (at < len) {
		n = valid_char((const unsigned char *)text + at, len - at);
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

/* C1 begins with the byte 0xc2, and so do characters that are printed. */
size_t utf8_control(const char *text, size_t left)
{
	const unsigned char *c = (const unsigned char *)text;

	if (c[0] < 0x20 || c[0] == 0x7f)
		return 1;
	return left > 1 && c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0 ? 2 : 0;
}

void utf8_clean(char *text, const char *keep)
{
	size_t left = strlen(text);

	while (left) {
		size_t len = valid_char((const unsigned char *)text, left);
		bool fit = len && (strchr(keep, *text) || !utf8_control(text, left));

		len += !len;
		if (!fit)
			memset(text, '?', len);
		text += len;
		left -= len;
	}
}
