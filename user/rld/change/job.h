/* SPDX-License-Identifier: GPL-2.0-only */
/* A change, or statements that are applied together, on the way into the kernel: step by step, of
 * which those that may take long are a thread's.
 *
 *   1. While there is a job nothing else changes rld->conf (rld->changing).
 *   2. A step for a thread touches the job's own, and what nobody changes meanwhile: rld->options,
 *      rld->held, rld->lists_stale; and what only jobs ask, the guard's trial and whom it has seen.
 *   3. A step that fails has left no trace, and neither has the job then.
 */
#ifndef RLD_JOB_H
#define RLD_JOB_H

#include "rld/change/apply.h"
#include "rld/change/change.h"
#include "rld/change/lists.h"
#include "rld/persist/persist.h"

struct job;
struct look;

struct job_step {
	/* 0, or an error in job->d, which ends the job. -EAGAIN: once more when a generation is
	 * free. */
	int (*run)(struct job *job);
	/* Whether it is a thread's this time; NULL: never. */
	bool (*is_long)(const struct job *job);
};

struct job {
	struct rld *rld;
	struct change *first; /* the queue's; `count` of them */
	size_t count;
	const struct job_step *step; /* the next; the last one has no `run` */
	struct diag d;
	bool began;	     /* something of it is to be seen from outside: rld is reloading */
	struct conf *cand;   /* owned until it is at work */
	bool nothing;	     /* `cand` is what is at work */
	bool rules;	     /* it needs a new rule set */
	bool applied;	     /* what is left only keeps and tells of it */
	struct conf *before; /* owned; a copy of what is at work */
	struct look *look;   /* owned; of the guard; NULL: it is not asked, or has answered */
	struct lists_fill lists;
	struct conf *fetched; /* owned; lists whose files commands named (list_files.h) */
	/* Of a reload or a check. */
	json_t *outlook; /* owned */
	/* Of a reload. */
	struct conf *files; /* owned; what they say */
	char *notices;	    /* owned; lines */
	struct persist_shot *shot;
};

/* A copy of what is at work; -errno. */
int job_copy(struct job *job);
/* Begins to ask the guard about `cand` in place of `old`, for those who want it; -errno. */
int job_ask_guard(struct job *job, const struct conf *old);
/* Has the guard look; any job's. */
int job_guard(struct job *job);
bool job_guard_is_long(const struct job *job);
/* What it came to, once: as of guard_end(); *ret_objections is NULL if it was not asked. */
int job_hear_guard(struct job *job, json_t **ret_objections);

/* Of the lists of `cand`; any job's. */
int job_fill(struct job *job);
bool job_fill_is_long(const struct job *job);

void job_done(struct job *job); /* what it owns */

#endif
