/* SPDX-License-Identifier: GPL-2.0-only */
/* What making a configuration real would bring with it, or has brought: the answers of `check` and
 * `reload`. */
#ifndef RLD_OUTLOOK_H
#define RLD_OUTLOOK_H

#include "base/json.h"
#include "rld/rld.h"

/* {limits, warnings[{code, text}], pending[{name, note}], detached[NAME], restart_needed[OPTION],
 * dropped[STATEMENT], dropped_total}, before `cand` takes the place of `old`. `warnings`: the guard's
 * objections, taken over. */
json_t *outlook_of(const struct rld *rld, const struct conf *old, const struct conf *cand,
		   json_t *warnings);
/* ... and after it: what is pending now, the generation and logs_failed[{log, error}]. */
void outlook_done(const struct rld *rld, json_t *outlook);
/* A line each into the log: there may be nobody who asked. */
void outlook_log(const json_t *outlook);

/* An option of `conf` that acts after a restart, and is not at work as it stands there. */
bool outlook_waits(const struct rld *rld, const struct conf *conf, const char *option);

#endif
