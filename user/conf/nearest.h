/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody who wrote a wrong word may have meant. */
#ifndef CONF_NEAREST_H
#define CONF_NEAREST_H

#include <stddef.h>

/* The word at most 2 insertions, deletions, replacements or swaps of neighbours away, and fewer
 * than its length, or the one that `text` abbreviates; a letter in the wrong case is a small slip.
 * The first of the nearest, or NULL. */
const char *nearest_word(const char *text, size_t len, const char *const known[], size_t count);

#endif
