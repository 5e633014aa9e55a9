/* SPDX-License-Identifier: GPL-2.0-only */
/* From a configuration to the arrays that the program reads. Knows nothing of the kernel but
 * abi.h. */
#ifndef CONF_COMPILE_H
#define CONF_COMPILE_H

#include "conf/compile/image.h"
#include "conf/model/conf.h"

/* Compiles the limits. rules->limit[i] is c->limit[i] (in order), so the caller can fill in ids and
 * slots. `iface_slot(ctx, name)` gives the slot of an attached interface, or 0; NULL: none is. Refuses sets in
 * which more than RL_JUDGE_MAX limits can match one packet, naming them, and ones that need more
 * rows than RL_ROW_WORDS or ban by more prefixes than RL_BAN_PREFIXES. */
int conf_compile(const struct conf *c, __u32 (*iface_slot)(void *ctx, const char *name), void *ctx,
		 struct conf_image *ret, struct diag *d);

/* False only if there is no packet that the limit would judge: exact, by a search. */
bool conf_limit_matches_any(const struct conf_limit *l);

#endif
