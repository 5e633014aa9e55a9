/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits per app: keys that applications name, counted as sources are. */
#ifndef RLD_APP_H
#define RLD_APP_H

#include "base/json.h"
#include "rld/rld.h"

/* "LIMIT KEY [cost N]", the words of `hit` and `peek`. The answer's data. */
int app_command(struct rld *rld, char *const words[], size_t count, bool peek, json_t **ret,
		struct diag *d);

#endif
