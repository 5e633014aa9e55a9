/* SPDX-License-Identifier: GPL-2.0-only */
/* The event loop: file descriptors, timers and nothing else, on one thread.
 *
 *   1. A handler may add or remove anything, its own entry included; what was removed is not called
 *      again.
 *   2. Timers fire once, on CLOCK_MONOTONIC, never before their time; a timer of 0 fires in the
 *      next turn.
 */
#ifndef RLD_LOOP_H
#define RLD_LOOP_H

#include <linux/types.h>
#include <stdbool.h>

struct loop;
struct loop_fd;
struct loop_timer;

typedef void (*loop_fd_fn)(void *ctx, __u32 events);
typedef void (*loop_timer_fn)(void *ctx);

struct loop *loop_new(void);
void loop_free(struct loop *loop);
int loop_run(struct loop *loop); /* until loop_stop() */
void loop_stop(struct loop *loop);

/* `events` as in epoll(7). The descriptor stays the caller's. NULL: errno says why. */
struct loop_fd *loop_fd_add(struct loop *loop, int fd, __u32 events, loop_fd_fn fn, void *ctx);
void loop_fd_set(struct loop_fd *handle, __u32 events);
void loop_fd_del(struct loop_fd *handle); /* NULL is fine; before the descriptor is closed */

struct loop_timer *loop_timer_add(struct loop *loop, loop_timer_fn fn, void *ctx); /* not armed */
void loop_timer_set(struct loop_timer *timer, __u64 delay_ns);
void loop_timer_stop(struct loop_timer *timer);

#endif
