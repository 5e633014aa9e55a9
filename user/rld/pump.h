/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue in front of the kernel: changes wait here, neighbours are applied and published
 * together.
 *
 *   1. Changes are carried out in the order in which they came.
 *   2. One that is refused leaves no trace; those beside it are carried out all the same.
 *   3. A change is answered after the kernel enforces it. When no generation is free it waits, the
 * loop does not.
 */
#ifndef RLD_PUMP_H
#define RLD_PUMP_H

#include "rld/command.h"

int pump_new(struct rld *rld, struct pump **ret);
void pump_free(struct pump *pump);

/* Takes the request over. Its command is a statement or `reload`. */
void pump_request(struct pump *pump, struct request *request);
void pump_reload(struct pump *pump);  /* without anybody to answer: SIGHUP */
void pump_refresh(struct pump *pump); /* compile and publish what is at work anew: an interface came
					 or went */

#endif
