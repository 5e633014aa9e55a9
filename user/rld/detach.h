/* SPDX-License-Identifier: GPL-2.0-only */
/* `rld --detach`: the way out. */
#ifndef RLD_DETACH_H
#define RLD_DETACH_H

#include "rld/rld.h"

/* Takes everything out of the kernel, then sets aside what the state directory would have the
 * next rld take up again. Reads no configuration, needs no daemon. The exit status; errors were
 * logged. */
int detach_run(const struct rld_options *options);

#endif
