/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers that hold whole lists, of which there may be a million entries: a thread makes their text,
 * one after the other, from a copy of what is at work. */
#ifndef RLD_TEXTS_H
#define RLD_TEXTS_H

#include "rld/request/answer.h"
#include "rld/rld.h"

/* {"config": TEXT}, {"allow", "deny"} and what `more` has, or the list whose name `more` is. */
enum texts_kind { TEXTS_EXPORT, TEXTS_LISTS, TEXTS_LIST };

int texts_new(struct rld *rld, struct texts **ret);
void texts_free(struct texts *texts); /* who still waits is told that rld is stopping */
/* Answers when it is made. Takes `more`, which may be NULL. On failure nothing was answered. */
int texts_make(struct texts *texts, enum texts_kind kind, struct answer *answer, json_t *more,
	       struct diag *d);

#endif
