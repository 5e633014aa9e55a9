/* SPDX-License-Identifier: GPL-2.0-only */
/* The state directory has one owner: a file in it that is locked while its rld runs, and says who
 * that is and which bpffs directory it works on. Its form: persist_files.h. */
#ifndef RLD_OWNER_H
#define RLD_OWNER_H

#include <limits.h>

#include "base/diag.h"

struct owner {
	int pid;	   /* 0: that one stopped properly */
#define OWNER_UNKNOWN (-1) /* ... or nobody says how */
	char bpffs[PATH_MAX];
};

/* Makes the directory if need be and takes it. `*ret_before` is the owner before, unknown if there
 * was none. -EBUSY: another rld has it, `d` names its pid. */
int owner_take(const char *dir, const char *bpffs, int *ret_fd, struct owner *ret_before,
	       struct diag *d);
/* Gives it back, saying `left`; nothing for -1. */
void owner_release(int fd, const struct owner *left);
/* Takes what its last owner left, without becoming the owner: until `*ret_fd` is closed no rld
 * starts there. -ENOENT: it never had one; -EBUSY: that one runs; -EBADMSG: it does not say who; or
 * another -errno. */
int owner_look(const char *dir, int *ret_fd, struct owner *ret);
/* Absolute, without doubled slashes or one at its end. */
void owner_path(const char *path, char ret[static PATH_MAX]);

#endif
