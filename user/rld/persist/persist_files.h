/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of the state directory: their names and forms, for those who write and read them.
 *
 * owner          Locked while an rld runs here. "pid N", 0 after a proper stop, and "bpffs DIR".
 *
 * running.conf   A snapshot of the statements at work, as a file that loads. Before them, a line
 *                each,
 *                  # rld running VERSION SUM  of all that follows
 *                  # boot ID sequence N     of the last command that the snapshot knows
 *                  # clock WALL MONOTONIC   when it was written, ns
 *                  # files HASH PATH        the files that the statements grew from, by their words
 *                  # unsaved STATEMENT      each that those files do not say
 *                Durations are what was left of them. Written beside, then renamed.
 * running.log    The commands that came after it: a line each, the sum of what follows in it and
 *                JSON, {"sequence", "wall_ns", "mono_ns", "command"}. A cut last line is ignored.
 *
 * sources        What limits know of sources, for the time after a reboot: struct sources_head, as
 *                many struct sources_limit as it says, then the struct sources_ban and the struct
 *                rl_state that sources_tail counts, then that. Numbers as this machine has
 *                them, times of CLOCK_MONOTONIC, which the head holds against the wall clock; a
 *                record names its limit by index. Written beside, synced, renamed, its name
 *                synced.
 *
 * lists/NAME     What the file of a list had when it was last good: "# rld list SUM PATH" and a prefix a
 *                line. Written as sources is.
 *
 * None of the others is synced to the disk, which would stop the loop: they must outlive the
 * process, not the machine, as after a reboot the files decide. Entries with an end may so be lost
 * with the power.
 *
 * NAME.bad       The file that could not be read.
 * detached/      What `rld --detach` has set aside of all this.
 */
#ifndef RLD_PERSIST_FILES_H
#define RLD_PERSIST_FILES_H

#include <limits.h>
#include <stdio.h>

#include "rl/abi.h"
#include "rld/loop/clock.h"

#define PERSIST_OWNER_FILE "owner"
#define PERSIST_OWNER "pid %d\nbpffs %s\n"
#define PERSIST_OWNER_READ "pid %d\nbpffs %4095[^\n]"

#define PERSIST_SNAPSHOT "running.conf"
#define PERSIST_LOG "running.log"
#define PERSIST_LISTS "lists"
#define PERSIST_ASIDE "detached"

#define PERSIST_SOURCES "sources"
#define PERSIST_BAD ".bad" /* behind the name of a file that cannot be read */

#define PERSIST_VERSION 3
#define PERSIST_UNSUMMED 2 /* had no sums, and is read as well */
#define PERSIST_BOOT 64

#define SOURCES_MAGIC "rld/src"
#define SOURCES_VERSION 1
struct sources_head {
	char magic[8];
	__u32 version;
	__u32 limits;
	__u32 state_bytes; /* sizeof(struct rl_state) */
	__u32 pad;
	char boot[PERSIST_BOOT];
	struct moment written;
};
struct sources_limit { /* by which conf_same_state() knows it again */
	char name[RL_NAME_LEN];
	__u8 key, prefix4, prefix6, strategy, unit, windows, pad[2];
	__u64 period_ns[RL_WINDOWS_MAX];
};
struct sources_ban {
	struct rl_ban_key key;
	__u64 until;
	__u64 limit; /* index */
};
struct sources_tail {
	__u64 bans;
	__u64 states;
	__u64 sum; /* sources_sum() of all before it */
};

char *persist_path(const char *dir, const char *name); /* the caller frees it */
/* A file that root alone reads, for one of an earlier version may be there with another mode. */
int persist_make(const char *path, int flags);
void persist_boot(char buf[static PERSIST_BOOT]); /* id of this boot of the machine; "unknown" */

/* To read a file of it, which must be a regular one: nobody is waited for. -ENOENT: there is
 * none. */
int persist_open(const char *dir, const char *name, int *ret_fd);
int persist_open_file(const char *dir, const char *name, FILE **ret);
const char *persist_open_error(int err); /* what is wrong with it then */
/* Renames what cannot be read and says so: the next file of that name must not hide it. */
struct persist_refusal {
	const char *dir;
	const char *name;
	const char *what; /* is wrong with it */
	const char *lost; /* "... begin anew" */
};
void persist_refuse(const struct persist_refusal *refusal);

__u64 persist_sum(const char *text, size_t len);

/* The lines before the statements. */
struct persist_head {
	int version;
	char boot[PERSIST_BOOT];
	unsigned long long sequence;
	struct moment written;
	unsigned long long hash;
	char path[PATH_MAX];
	char *unsaved; /* owned; the statements, a line each */
};

void persist_head_done(struct persist_head *head);
void persist_head_write(const struct persist_head *head, FILE *out); /* but for the first line */
/* All of it, with its first line. -errno. */
int persist_snapshot_write(int fd, const char *text, size_t len);
/* -ENOENT: there is none; -EPROTONOSUPPORT: it is of another version of rld; -EBADMSG: it is
 * damaged; or why it cannot be opened. */
int persist_head_read(const char *dir, struct persist_head *ret);
/* As above, of the whole file as one looks into it. */
int persist_snapshot_check(const char *dir);

#endif
