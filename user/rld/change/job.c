// SPDX-License-Identifier: GPL-2.0-only
/* What all jobs have. */
#include "rld/change/job.h"

#include <stdlib.h>

#include "rld/persist/persist_shot.h"

int job_fill(struct job *job)
{
	return lists_fill_run(&job->lists, job->cand, &job->d);
}

bool job_fill_is_long(const struct job *job)
{
	return job->lists.fill && lists_fill_is_long(&job->lists, job->cand);
}

void job_done(struct job *job)
{
	lists_fill_end(&job->lists);
	conf_free(job->cand);
	conf_free(job->before);
	conf_free(job->fetched);
	conf_free(job->files);
	free(job->notices);
	json_decref(job->outlook);
	persist_shot_free(job->shot);
	*job = (struct job){0};
}
