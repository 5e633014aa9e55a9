/* SPDX-License-Identifier: GPL-2.0-only */
/* A listening socket in the loop, at which a crowd costs no more than a share of a CPU.
 *
 *   1. So many are let in at once, and then none for some milliseconds: the loop's other work goes
 *      on, and whoever waits in the kernel's queue comes soon.
 *   2. The last file descriptors of the process are left to its own files. Who gets one of them is
 *      handed on as `crowded`.
 *   3. Where there is none at all, the door rests for a second. The log tells 2 and 3 once, and
 *      again after a minute without.
 */
#ifndef RLD_DOOR_H
#define RLD_DOOR_H

#include <sys/socket.h>

#include "rld/loop/loop.h"

#define DOOR_AT_ONCE 16

struct door;

/* Takes the descriptor over. `crowded`: somebody else has to go for it, or nobody is let in. */
typedef void (*door_fn)(void *ctx, int fd, const struct sockaddr *from, bool crowded);

/* The listening socket, which does not block, stays the caller's; so does `name`, for the log.
 * NULL: errno says why. */
struct door *door_open(struct loop *loop, int fd, const char *name, door_fn fn, void *ctx);
/* Of one who was let in though it is crowded, after somebody else has gone: the lowest descriptor
 * that is free, so that the last ones are. */
int door_lower(int fd);
void door_close(struct door *door); /* NULL is fine; before the socket is closed */

#endif
