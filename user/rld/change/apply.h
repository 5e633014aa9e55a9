/* SPDX-License-Identifier: GPL-2.0-only */
/* The one way by which a configuration becomes what the kernel enforces. */
#ifndef RLD_APPLY_H
#define RLD_APPLY_H

#include "rld/change/lists.h"
#include "rld/rld.h"

struct apply_how {
	const char *source; /* for `status` and the event: "files" or "commands" */
	bool lenient; /* an interface that cannot be attached is reported and tried again, not an
			 error */
	bool by_name; /* what was renamed is no longer what it was attached as */
	const struct lists_fill *lists; /* those of `cand`, filled; NULL: the kernel's stay */
};

/* Attaches, compiles, gives the limits their identities, publishes, and makes `cand` rld->conf. On
 * failure everything is as before and `cand` stays the caller's. -EAGAIN: no generation is free. */
int apply_conf(struct rld *rld, struct conf *cand, const struct apply_how *how, struct diag *d);

#endif
