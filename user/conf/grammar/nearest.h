/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody who wrote a wrong word may have meant. */
#ifndef CONF_NEAREST_H
#define CONF_NEAREST_H

#include <stddef.h>

#include "base/diag.h"

/* The word that is the fewest slips away: one in up to 3 letters, two in up to 9, three in longer
 * ones. An insertion, a deletion, a replacement or a swap of neighbours is one, a letter in the
 * wrong case or that sounds alike is less, and so is one that `text` abbreviates. The first of the
 * nearest, or NULL. */
const char *nearest_word(const char *text, size_t len, const char *const known[], size_t count);

/* The hint that goes with an unknown word: `did you mean "minute"?`, if one of `known` is near. */
void nearest_hint(struct diag *d, const char *text, const char *const known[], size_t count);
/* The same for text[0..len) and a list of words with blanks between. */
void nearest_hint_of(struct diag *d, const char *text, size_t len, const char *list);
/* The same for an option such as `--limt` or `--limt=3`, of which `known` has the names without
 * hyphens. */
void nearest_option_hint(struct diag *d, const char *word, const char *const known[], size_t count);

#endif
