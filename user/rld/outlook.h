/* SPDX-License-Identifier: GPL-2.0-only */
/* What making a configuration real would bring with it, or has brought: the answers of `check` and
 * `reload`. */
#ifndef RLD_OUTLOOK_H
#define RLD_OUTLOOK_H

#include "base/json.h"
#include "rld/command.h"

/* {limits, warnings[{code, text}], pending[{name, note}], detached[NAME], restart_needed[OPTION]}
 * of the statements in the request, which nothing is done with; NULL, with `d` filled, if they are
 * not valid. */
json_t *outlook_check(const struct rld *rld, const struct request *request, struct diag *d);

#endif
