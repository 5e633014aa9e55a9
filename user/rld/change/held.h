/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of an earlier rld that go on though nobody can say which statements they are of.
 *
 *   1. It begins at a start that finds rules with something of commands in the kernel, and a state
 *      directory that does not have all of that. `rld->held` says why.
 *   2. Until a reload succeeds nothing is published, swept, expired or written to the state
 *      directory; `conf` has the limits as the kernel knows them, without conditions.
 *   3. After a reboot nothing is in the kernel, and the files decide.
 */
#ifndef RLD_HELD_H
#define RLD_HELD_H

#include "rld/persist/persist.h"
#include "rld/rld.h"

/* What of that is missing in the state directory; NULL: nothing. `p` may be NULL. */
const char *held_reason(const struct dp_pinned *pinned, const struct persisted *p);
/* With the data path open. `lists`: entries that could be read, taken from it; may be NULL. */
int held_begin(struct rld *rld, struct conf *lists, struct diag *d);
/* A reload has replaced them. */
void held_end(struct rld *rld);
/* Anything but a reload: fills `d`. */
int held_refuse(const struct rld *rld, const char *what, struct diag *d);
/* Limits that `cand` does not have, as texts. */
json_t *held_dropped(const struct rld *rld, const struct conf *cand);

#endif
