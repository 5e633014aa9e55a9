/* SPDX-License-Identifier: GPL-2.0-only */
/* Statements of commands that are over when the files decide. */
#ifndef RLD_DROPPED_H
#define RLD_DROPPED_H

#include "base/json.h"

#include "conf/model/conf.h"

/* Those at work that `files` do not say, as far as they are about something that a line of
 * `unsaved` (statements, as written; NULL: none) is about. */
json_t *dropped_list(const struct conf *files, const struct conf *running, const char *unsaved);
/* What `conf` has and `base` has not, as lines; NULL without memory. */
char *dropped_diff(const struct conf *base, const struct conf *conf);

#endif
