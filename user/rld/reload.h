/* SPDX-License-Identifier: GPL-2.0-only */
/* Configurations that are made real as a whole: at start, on reload, and anew when interfaces
 * changed. */
#ifndef RLD_RELOAD_H
#define RLD_RELOAD_H

#include "rld/rld.h"

/* The configuration to start with: the running statements of this boot, or the files. Fills
 * rld->files. */
int reload_initial(struct rld *rld, struct conf **ret, const char **ret_source, struct diag *d);
/* Makes it real, whatever was adopted. */
int reload_start(struct rld *rld, struct conf *cand, const char *source, struct diag *d);
/* The files decide; timed entries and bans stay. All or nothing. */
int reload_files(struct rld *rld, struct diag *d);
int reload_refresh(struct rld *rld, struct diag *d);

#endif
