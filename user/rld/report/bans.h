/* SPDX-License-Identifier: GPL-2.0-only */
/* `show lists`: both lists, and the bans that limits gave, which only the kernel's table knows. */
#ifndef RLD_BANS_H
#define RLD_BANS_H

#include "rld/request/answer.h"
#include "rld/rld.h"

/* Walks the table and answers; on failure nothing was answered. */
int bans_query(struct rld *rld, struct answer *answer, struct diag *d);

#endif
