/* SPDX-License-Identifier: GPL-2.0-only */
/* Names and forms of the files of persist.h, for its writer and its reader. */
#ifndef RLD_PERSIST_FILES_H
#define RLD_PERSIST_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/* "owner": locked while an rld runs on the directory; pid 0 when it has stopped properly. */
#define PERSIST_OWNER_FILE "owner"
#define PERSIST_OWNER "pid %d\nbpffs %s\n"
#define PERSIST_OWNER_READ "pid %d\nbpffs %4095[^\n]"

#define PERSIST_SNAPSHOT "running.conf"
#define PERSIST_LOG "running.log"
#define PERSIST_BOOT 64
#define PERSIST_HEAD "# boot %s sequence %llu %s"
#define PERSIST_STATEMENTS "statements"
#define PERSIST_ENTRIES "entries"

char *persist_path(const char *dir, const char *name); /* the caller frees it */
void persist_boot(char buf[static PERSIST_BOOT]); /* id of this boot of the machine; "unknown" */
/* The head of the snapshot; false (nothing set) if there is none or it is of another boot. */
/* True of a statement about an entry that is state, which a reload keeps: bans, and lists with for
 * or until. */
bool persist_is_entry(char *const words[], size_t count);
bool persist_head(const char *dir, const char *boot, __u64 *ret_sequence, bool *ret_statements);

#endif
