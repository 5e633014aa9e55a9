/* SPDX-License-Identifier: GPL-2.0-only */
/* `save`: what commands changed, into the file of rld.d that is read last. */
#ifndef RLD_SAVE_H
#define RLD_SAVE_H

#include "rld/request/answer.h"
#include "rld/rld.h"

int save_new(struct rld *rld, struct save **ret);
void save_free(struct save *save); /* what is on its way to the disk is waited for */
/* Answers when the disk has it; or an error and `d`. */
int save_query(struct save *save, struct answer *answer, struct diag *d);

#endif
