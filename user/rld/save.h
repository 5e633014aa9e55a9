/* SPDX-License-Identifier: GPL-2.0-only */
/* `save`: what commands changed, into the file of rld.d that is read last. */
#ifndef RLD_SAVE_H
#define RLD_SAVE_H

#include "base/json.h"
#include "rld/rld.h"

/* What was done, or NULL and `d`. */
json_t *save_files(struct rld *rld, struct diag *d);

#endif
