/* SPDX-License-Identifier: GPL-2.0-only */
/* One error, with everything a person needs to mend it: what, where, what was expected, what to do.
 *
 * base, conf and dp never log: they fill a struct diag and return -errno. The caller that knows the
 * context prints.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdio.h>

/* Kind of failure: `name` is the `code` of a JSON error, `status` the exit status of rlctl. */
#define DIAG_KINDS(X)                                                                              \
	X(FAILED, "failed", 1)                                                                     \
	X(REFUSED, "refused", 1)                                                                   \
	X(USAGE, "usage", 2)                                                                       \
	X(SYNTAX, "syntax", 2)                                                                     \
	X(UNSUPPORTED, "unsupported", 3)                                                           \
	X(PERMISSION, "permission", 4)                                                             \
	X(CONFIG, "config-invalid", 6)                                                             \
	X(NOT_RUNNING, "not-running", 7)

#define X(id, name, status) DIAG_##id,
enum diag_kind { DIAG_KINDS(X) DIAG_KIND_COUNT };
#undef X

struct diag {
	enum diag_kind kind;
	char file[256];	    /* empty: not from a file */
	int line;	    /* from 1; 0: no line */
	int column;	    /* from 1, in bytes; 0: no position */
	int width;	    /* bytes to underline */
	char text[512];	    /* the line as written, cut to fit */
	char message[512];  /* one line: what is wrong */
	char expected[512]; /* stands behind the carets: what may stand there */
	char hint[512];	    /* what to do about it */
};

/* Each sets `message` (printf-style), clears the rest, and returns -EINVAL, or -err for
 * diag_errno. */
int diag_set(struct diag *d, enum diag_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int diag_errno(struct diag *d, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* These add to it, and return -EINVAL as well. */
int diag_hint(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
int diag_expect(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "FILE:LINE:COL: error: MESSAGE", the line, the carets with `expected`, and the hint; parts that
 * are unset are left out. A terminal's colours when `color`; nothing else steers one. */
void diag_print(FILE *out, const struct diag *what, const char *program, int color);
const char *diag_kind_name(enum diag_kind kind);
int diag_kind_status(enum diag_kind kind);

#endif
