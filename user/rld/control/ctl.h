/* SPDX-License-Identifier: GPL-2.0-only */
/* The control socket: listening, and the clients on it. */
#ifndef RLD_CTL_H
#define RLD_CTL_H

#include "base/diag.h"
#include "rld/rld.h"

/* -EADDRINUSE: another daemon answers on that socket; a dead one's socket is replaced. */
int ctl_open(struct rld *rld, struct ctl **ret, struct diag *d);
void ctl_close(struct ctl *ctl); /* removes the socket */

#endif
