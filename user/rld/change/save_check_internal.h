/* SPDX-License-Identifier: GPL-2.0-only */
/* What the checks of `save` share. */
#ifndef RLD_SAVE_CHECK_INTERNAL_H
#define RLD_SAVE_CHECK_INTERNAL_H

#include "rld/change/save_check.h"

/* `what` came about, and comes back with the statement at that place. */
int save_refuse_at(const struct conf *c, struct conf_place place, struct diag *d, const char *what);
int save_check_nameds(const struct save_check *check, struct diag *d);

#endif
