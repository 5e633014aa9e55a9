/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of /metrics. Never walks the state table: what comes from there is of the last expiry
 * pass. */
#ifndef RLD_METRICS_H
#define RLD_METRICS_H

#include <stdio.h>

#include "rld/rld.h"

void metrics_write(struct rld *rld, FILE *out);

#endif
