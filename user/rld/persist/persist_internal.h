/* SPDX-License-Identifier: GPL-2.0-only */
/* What persist.c (what there is to keep) and persist_write.c (snapshots of it) share. */
#ifndef RLD_PERSIST_INTERNAL_H
#define RLD_PERSIST_INTERNAL_H

#include "base/time.h"
#include "rld/loop/work.h"
#include "rld/persist/persist.h"
#include "rld/persist/persist_log.h"
#include "rld/persist/persist_shot.h"

#define PERSIST_AFTER_NS (2 * TIME_NS) /* between a change and the snapshot that has it */

struct persist {
	struct rld *rld;
	struct loop_timer *timer;
	struct persist_head head; /* of the next snapshot */
	struct persist_log log;
	struct persist_order order;
	struct persist_shot *shot; /* that the thread writes */
	struct work *work;
	__u64 shots;
	unsigned troubles; /* how often `stale` or `lost` came about */
	bool due;
	bool stale;		     /* the snapshot there is of before the files decided */
	bool lost;		     /* a record is not in the log */
	bool failed;		     /* the last snapshot; told once */
	char trouble[PATH_MAX + 64]; /* what a restart forgets, and why; empty: nothing */
};

/* The first one that a restart would forget is told. */
void persist_begin_trouble(struct persist *persist, const char *name, int err);

struct persist_shot *persist_take_shot(struct persist *persist);
/* Frees it, which may be NULL. Its error, if it is not written and none is that is newer. */
int persist_end_shot(struct persist *persist, struct persist_shot *shot);
/* At once. */
int persist_snapshot(struct persist *persist);
/* By a thread. */
void persist_on_timer(void *ctx);
/* Waits for that thread, and writes what is due. */
void persist_finish(struct persist *persist);

#endif
