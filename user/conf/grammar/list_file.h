/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of lists: statements name them, and who loads a configuration reads them when it suits, for
 * they may be long.
 *
 *   1. A file that cannot be read, has nothing, or has a bad line and is `strict`, is refused: the
 *      list has `trouble`, and what it had stays.
 *   2. What is told of a file is positions, never its text.
 */
#ifndef CONF_LIST_FILE_H
#define CONF_LIST_FILE_H

#include <stdio.h>

#include "conf/model/named.h"

/* Whether some list's file was named and not read since. */
bool conf_has_unread(const struct conf *c);
/* Reads them; `notices`, if not NULL, gets a line for each thing that is wrong with one. -ENOMEM: what it read until then
 * is there. */
int conf_read_lists(struct conf *c, FILE *notices);
/* Whoever is in `before` lends what it has to the list of that name whose file was not read, or was
 * refused. */
int conf_lend_lists(struct conf *c, const struct conf *before);

#endif
