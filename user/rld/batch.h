/* SPDX-License-Identifier: GPL-2.0-only */
/* Statements that are applied together, and the answer to each. */
#ifndef RLD_BATCH_H
#define RLD_BATCH_H

#include "rld/command.h"
#include "rld/rld.h"

enum change_kind { CHANGE_STATEMENT, CHANGE_RELOAD, CHANGE_REFRESH };

struct change {
	struct change *next;
	enum change_kind kind;
	struct request request; /* no answer: nobody asked */
	struct conf_change what;
	struct diag d;
	int err;
	json_t *report; /* owned: the answer of a reload; of an error, what more there is to say */
	bool answers_later; /* what it began does */
};

/* Applies `count` statements from `first` on. A statement that is wrong in itself is marked (err,
 * d) and the rest goes on; an error of the whole (the guard, the compiler, the kernel) is returned,
 * with nothing applied, and marked in the first one. -EAGAIN: no generation is free. */
int batch_run(struct rld *rld, struct change *first, size_t count);
/* Answers, tells the event, and frees the change. */
void batch_answer(struct rld *rld, struct change *change);

#endif
