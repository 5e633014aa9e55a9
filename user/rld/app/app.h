/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits per app: keys that applications name, counted as sources are. */
#ifndef RLD_APP_H
#define RLD_APP_H

#include "base/json.h"
#include "rld/rld.h"

/* "hit|peek LIMIT KEY [cost N]". The answer's data. */
int app_command(struct rld *rld, char *const words[], size_t count, json_t **ret, struct diag *d);

#endif
