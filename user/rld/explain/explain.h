/* SPDX-License-Identifier: GPL-2.0-only */
/* `explain` and `test`: what the program would do with a packet now, and why. */
#ifndef RLD_EXPLAIN_H
#define RLD_EXPLAIN_H

#include "rld/request/request.h"
#include "rld/rld.h"

/* The "data" of the answer; NULL on failure. */
json_t *explain_view(struct rld *rld, const struct request *request, struct diag *d);

#endif
