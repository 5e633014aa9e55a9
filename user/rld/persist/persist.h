/* SPDX-License-Identifier: GPL-2.0-only */
/* What commands changed, kept in the state directory so that a restart or a crash of rld does not
 * forget it; persist_files.h has the form of its files.
 *
 *   1. A command is in the log before it is answered, and in the snapshot some seconds later. One
 *      that cannot be written acts all the same; its answer says so, as do `status`, an event and a
 *      metric, until all is kept again: by the next command, or a retry.
 *   2. The kernel knows, beside the rules, the number of the last command that is in them
 *      (rl_control.statements). So a start knows whether the files have all that is enforced,
 *      whatever happened to them.
 *   3. The snapshot says from which files its statements grew. If those say something else when rld
 *      starts again, they decide, and only entries that are state come from here; see start.h.
 */
#ifndef RLD_PERSIST_H
#define RLD_PERSIST_H

#include "base/json.h"
#include "rld/persist/persist_files.h"
#include "rld/rld.h"

int persist_new(struct rld *rld, struct persist **ret, struct diag *d);
void persist_free(struct persist *persist); /* writes the snapshot if one is due */

/* A statement that was applied. */
void persist_command(struct persist *persist, char *const words[], size_t count);
/* The running statements of an earlier daemon were taken up. */
void persist_commands_decide(struct persist *persist);
/* The files were loaded: what commands had changed is over, timed entries stay. */
void persist_files_decide(struct persist *persist);
/* The same in steps: between them any thread calls persist_shot_write() (persist_shot.h). The shot
 * may be NULL; `end` takes it. */
struct persist_shot;
struct persist_shot *persist_files_begin(struct persist *persist);
void persist_files_end(struct persist *persist, struct persist_shot *shot);
/* Ends of entries have changed by themselves. */
void persist_entries(struct persist *persist);

/* What a crash or restart would forget, and why, "FILE: ERROR"; NULL: nothing. */
const char *persist_trouble(const struct persist *persist);
/* "persisted", and "persist_error" if it is not. */
void persist_tell(const struct persist *persist, json_t *into);

/* rl_control.statements: 0 of a version that did not write it, PERSIST_FILES_ALONE where commands
 * changed nothing, else the number of the last command: its sequence, as far as it has room. */
#define PERSIST_FILES_ALONE 1
static inline __u32 persist_number(__u64 sequence)
{
	return (__u32)sequence > PERSIST_FILES_ALONE ? (__u32)sequence : PERSIST_FILES_ALONE + 1;
}
static inline bool persist_is_before(__u64 sequence, __u32 statements)
{
	return statements > PERSIST_FILES_ALONE &&
	       (__s32)(statements - persist_number(sequence)) > 0;
}

/* What an earlier daemon left. */
struct persisted {
	struct persist_head head; /* `unsaved`: with what the log has */
	__u64 sequence;		  /* of the last command that was read */
	bool damaged;		  /* the log: some command may be missing */
	struct conf *conf;	  /* owned */
	bool same_boot;
};
void persisted_done(struct persisted *p);
/* Anything but 0: nothing that can be read, which was logged if there was something. */
int persist_load(const struct rld *rld, struct persisted *ret);
/* The path in a head: that of --config, or of the default. */
void persist_config_path(const struct rld *rld, char ret[static PATH_MAX]);

#endif
