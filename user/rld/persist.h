/* SPDX-License-Identifier: GPL-2.0-only */
/* What commands changed, kept in the state directory so that a restart or a crash of rld does not
 * forget it.
 *
 * `running.conf` is a snapshot: "# boot ID sequence N KIND", then the statements. `running.log`
 * holds the commands that came after it, a JSON object a line with its own sequence number. Both
 * are written without fsync, which would stop the loop: they must outlive this process, not the
 * machine, as after a reboot the files decide.
 *
 *   1. A command is in the log before it is answered.
 *   2. KIND "statements": a command changed more than timed entries and bans, so a start in the
 * same boot takes everything from here; else only those entries.
 */
#ifndef RLD_PERSIST_H
#define RLD_PERSIST_H

#include "rld/command.h"
#include "rld/rld.h"

int persist_new(struct rld *rld, struct persist **ret, struct diag *d);
void persist_free(struct persist *persist); /* writes the snapshot if one is due */

/* A statement that was applied at `now_s`. */
void persist_command(struct persist *persist, char *const words[], size_t count, __s64 now_s);
/* The running statements of an earlier daemon were taken up. */
void persist_commands_decide(struct persist *persist);
/* The files were loaded: what commands had changed is over, timed entries stay. */
void persist_files_decide(struct persist *persist);

/* Reads what an earlier daemon left. `*ret_all`: it replaces the files, else only its timed entries
 * count. -ENOENT: nothing (usable) is there. */
int persist_load(const char *state_dir, struct conf *into, bool *ret_all, struct diag *d);

#endif
