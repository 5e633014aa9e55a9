/* SPDX-License-Identifier: GPL-2.0-only */
/* The ports on which sshd listens, by its configuration and by systemd's socket for it. */
#ifndef RLD_SSHD_H
#define RLD_SSHD_H

#include "base/ports.h"

/* Adds to `ret` what the files below `root` ("": this machine) say. A file that is not there says
 * nothing; -errno of one that cannot be read, after all others were. */
int sshd_ports(const char *root, struct ports *ret);

#endif
