/* SPDX-License-Identifier: GPL-2.0-only */
/* What to start with: the files, or the running statements of an earlier rld.
 *
 *   1. Running statements are taken up in the same boot, if the files from which they grew still
 *      say the same. Bans and timed entries are taken up in any case.
 *   2. If the files say something else, they decide, and what is dropped is told.
 *   3. What an earlier rld enforces by commands goes on as it is if nobody can say what that was
 *      (held.h), whatever the files say.
 *   4. After a crash the statements of before go on instead, with an error, if the files have a
 *      mistake, or the guard objects to what they would bring.
 */
#ifndef RLD_START_H
#define RLD_START_H

#include "rld/rld.h"

/* `*ret_source`: "files" or "commands"; where rld->held is set, `*ret` is not to be made real but
 * has the entries that could be read. Fills rld->files, unless they have a mistake. */
int start_choose(struct rld *rld, const struct dp_pinned *pinned, struct conf **ret,
		 const char **ret_source, struct diag *d);
/* The event of that, when there is somebody to hear it. */
void start_tell(struct rld *rld);

#endif
