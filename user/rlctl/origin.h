/* SPDX-License-Identifier: GPL-2.0-only */
/* The SSH connection by which the user is here. */
#ifndef RLCTL_ORIGIN_H
#define RLCTL_ORIGIN_H

#include "base/json.h"

/* {"peer":ADDRESS,"port":PORT OF THIS MACHINE}, or NULL if there is none. */
json_t *origin_session(void);

#endif
