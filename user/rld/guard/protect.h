/* SPDX-License-Identifier: GPL-2.0-only */
/* The local ports whose sessions the guard protects: the option `protect-port`.
 *
 * `auto` is 22, where sshd is configured to listen, and the ports of SSH sessions from which
 * commands came. Clients say so themselves; they are believed for this and for no more.
 */
#ifndef RLD_PROTECT_H
#define RLD_PROTECT_H

#include "rld/rld.h"

/* -errno if some file of sshd cannot be read; `ret` has the others. */
int protect_ports(const struct rld *rld, const struct conf_options *options, struct ports *ret);

#endif
