/* SPDX-License-Identifier: GPL-2.0-only */
/* From a request to the handler of its command. One row of a table a command. */
#ifndef RLD_COMMAND_H
#define RLD_COMMAND_H

#include "rld/request/request.h"
#include "rld/rld.h"

/* True if it changes the configuration and so goes through the queue, where neighbours are applied
 * together. */
bool command_is_statement(const struct request *request);
/* Carries it out, or sees to it that it will be; answers in any case. Takes the words over. */
void command_run(struct rld *rld, struct request *request);

#endif
