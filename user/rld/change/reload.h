/* SPDX-License-Identifier: GPL-2.0-only */
/* Configurations that are made real as a whole: at start, on reload, and anew when interfaces
 * changed. */
#ifndef RLD_RELOAD_H
#define RLD_RELOAD_H

#include "base/json.h"
#include "rld/guard/peers.h"
#include "rld/rld.h"

/* What the files say. */
int reload_read(struct rld *rld, struct conf **ret, struct diag *d);
/* Makes it real, whatever was adopted. */
int reload_start(struct rld *rld, struct conf *cand, const char *source, struct diag *d);
struct reload_how {
	bool yes; /* although the guard objects */
	struct peers clients;
};
/* The files decide; timed entries and bans stay. All or nothing. `ret`: what came of it, as of
 * outlook.h, with "generation" and "notices"; if the guard refused it, all "warnings". */
int reload_files(struct rld *rld, const struct reload_how *how, json_t **ret, struct diag *d);
/* Reads the files, which have become what is at work. */
int reload_look(struct rld *rld, struct diag *d);
int reload_refresh(struct rld *rld, struct diag *d);

#endif
