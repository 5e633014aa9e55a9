/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot on its way into running.conf: what it says is taken in the loop, made into text and
 * written by any thread. */
#ifndef RLD_PERSIST_SHOT_H
#define RLD_PERSIST_SHOT_H

#include <pthread.h>

#include "rld/persist/persist_files.h"
#include "rld/rld.h"

/* Snapshots may overtake each other: an older one is not written over a newer one. */
struct persist_order {
	pthread_mutex_t lock;
	__u64 written; /* number of the newest that is there */
};

struct persist_shot {
	struct persist_order *order;
	const char *dir;
	struct persist_head head; /* its own */
	struct conf *conf;	  /* copies, owned */
	struct conf *files;	  /* NULL: they cannot be read */
	struct clock clock;
	__u64 number;
	__u64 began_ns;
	__u64 log_end;	   /* what of the log it makes needless; persist_log.h */
	unsigned troubles; /* of persist.c, when it was taken */
	int err;	   /* what came of it; -ESTALE: there is a newer one */
};

/* Of what is at work. NULL: no memory. */
struct persist_shot *persist_shot_take(const struct rld *rld, const struct persist_head *head);
void persist_shot_write(struct persist_shot *shot);
void persist_shot_free(struct persist_shot *shot);

#endif
