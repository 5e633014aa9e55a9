/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's life: everything up in order, the loop, everything down. */
#ifndef RLD_DAEMON_H
#define RLD_DAEMON_H

#include "rld/rld.h"

/* Runs until a signal ends it. The exit status; errors were logged. */
int daemon_run(const struct rld_options *options);

#endif
