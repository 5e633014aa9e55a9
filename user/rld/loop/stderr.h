/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard error, for whoever runs in the loop: it is often a pipe, a terminal or a socket that
 * somebody else has to empty, and nobody may have to wait for that. */
#ifndef RLD_STDERR_H
#define RLD_STDERR_H

#include <stddef.h>

/* All of it, without waiting, or -errno: -EAGAIN if there is no room now. What was written in part
 * counts as not written, and the next text begins with a newline. */
int stderr_write(const char *text, size_t len);

#endif
