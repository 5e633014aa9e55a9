/* SPDX-License-Identifier: GPL-2.0-only */
/* What takes long, by a thread of its own, so that the loop goes on. */
#ifndef RLD_WORK_H
#define RLD_WORK_H

#include "rld/loop/loop.h"

struct work;
typedef void (*work_fn)(void *ctx);

/* Calls `run`, which touches nothing of the loop's, from a thread; then the loop calls `done`, with
 * the work gone. Where there can be no thread, `run` is called at once. NULL: no memory or
 * descriptor, nothing is called. */
struct work *work_start(struct loop *loop, work_fn run, work_fn done, void *ctx);
/* Waits for `run`; `done` is not called. NULL: nothing. */
void work_join(struct work *work);

#endif
