/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that every command has. */
#ifndef RLCTL_OPTIONS_H
#define RLCTL_OPTIONS_H

#include "rlctl/rlctl.h"

/* Takes the options out of argv: all of them before the command, the short ones after it too, none
 * after "--". `words` (room for argc + 1) gets what remains. */
int options_take(int argc, char *argv[], struct options *ret, char **words, size_t *ret_count,
		 struct diag *d);

#endif
