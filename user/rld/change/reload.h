/* SPDX-License-Identifier: GPL-2.0-only */
/* Configurations that are made real as a whole: at start, on reload, and anew when interfaces
 * changed. */
#ifndef RLD_RELOAD_H
#define RLD_RELOAD_H

#include "rld/change/job.h"

/* What the files say. */
int reload_read(struct rld *rld, struct conf **ret, struct diag *d);
/* From any thread. `*ret_notices`: lines, owned by the caller. */
int reload_read_files(const struct rld *rld, const struct clock *clock, struct conf **ret,
		      char **ret_notices, struct diag *d);
/* They have become what is at work. Takes `files`, logs `notices`. */
void reload_take(struct rld *rld, struct conf *files, char *notices);
/* Makes it real, whatever was adopted. Where the deny list is long the kernel has it later:
 * rld->lists_stale. */
int reload_start(struct rld *rld, struct conf *cand, const char *source, struct diag *d);
/* The files decide; timed entries and bans stay. All or nothing. job->outlook: what came of it, as
 * of outlook.h, with "generation" and "notices"; if the guard refused it, all "warnings". */
extern const struct job_step reload_steps[];
/* What is at work once more, with the interfaces that are there now. */
extern const struct job_step refresh_steps[];
/* How a reload that has begun ended. */
void reload_end(struct job *job, int err);

#endif
