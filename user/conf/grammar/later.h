/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of the grammar that a later version knows: said to be so, not to be unknown. */
#ifndef CONF_LATER_H
#define CONF_LATER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether text[0..len) is such a `what`: "condition", "key", "action", "clause", "option",
 * "global option" or "command". */
bool later_has(const char *what, const char *text, size_t len);

#endif
