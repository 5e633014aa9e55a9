/* SPDX-License-Identifier: GPL-2.0-only */
/* Which id and slot of the kernel a limit has: kept where the counts may stay, new where not. */
#ifndef ENFORCE_IDENTITY_H
#define ENFORCE_IDENTITY_H

#include "conf/model/conf.h"
#include "dp/dp.h"

/* The limits that an earlier daemon left, as a configuration of nothing else: what `old` is at
 * start. */
struct conf *identity_adopted(struct dp *dp);
/* Gives every limit of `cand`, and its copy in `rules`, an id and a slot. On failure, or by
 * identity_undo(), the new ones are given back. */
int identity_assign(struct dp *dp, const struct conf *old, struct conf *cand,
		    struct rl_rules *rules, struct diag *d);
void identity_undo(struct dp *dp, const struct conf *old, const struct conf *cand);
/* Retires what only `old` has. */
void identity_retire(struct dp *dp, const struct conf *old, const struct conf *cand);

#endif
