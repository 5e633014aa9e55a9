/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue in front of the kernel: changes wait here, neighbours are applied and published
 * together.
 *
 *   1. Changes are carried out in the order in which they came.
 *   2. One that is refused leaves no trace; those beside it are carried out all the same.
 *   3. A change is answered after the kernel enforces it. When no generation is free it waits, the
 *      loop does not.
 */
#ifndef RLD_QUEUE_H
#define RLD_QUEUE_H

#include "rld/change/change.h"
#include "rld/rld.h"

/* Its first job, when the program to ask is loaded, is the guard's look at what is at work
 * (check.h). */
int queue_new(struct rld *rld, struct queue **ret);
void queue_free(struct queue *queue);

/* Takes the change over. */
void queue_add(struct queue *queue, struct change *change);
void queue_reload(struct queue *queue);	 /* nobody waits for the answer */
void queue_refresh(struct queue *queue); /* likewise */

#endif
