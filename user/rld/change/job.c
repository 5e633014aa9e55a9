// SPDX-License-Identifier: GPL-2.0-only
/* What all jobs have. */
#include "rld/change/job.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "rld/guard/guard.h"
#include "rld/persist/persist_shot.h"

int job_copy(struct job *job)
{
	job->before = conf_copy(job->rld->conf);
	return job->before ? 0 : diag_errno(&job->d, ENOMEM, "cannot apply the change");
}

int job_ask_guard(struct job *job, const struct conf *old)
{
	_cleanup_(peers_done) struct peers clients = {0};
	const struct guard_change what = {.old = old, .new = job->cand, .clients = &clients};
	const struct change *change = job->first;
	int err = 0;

	for (size_t i = 0; i < job->count && !err; i++, change = change->next) {
		struct peer session = peer_of_session(&change->session);

		if (session.port)
			err = peers_add(&clients, &session);
	}
	if (!err)
		job->look = guard_begin(job->rld, &what);
	return job->look ? 0 : diag_errno(&job->d, ENOMEM, "cannot apply the change");
}

int job_guard(struct job *job)
{
	if (job->look)
		guard_run(job->look);
	return 0;
}

bool job_guard_is_long(const struct job *job)
{
	return job->look && guard_is_long(job->look);
}

int job_hear_guard(struct job *job, json_t **ret_objections)
{
	*ret_objections = NULL;
	return job->look ? guard_end(TAKE_PTR(job->look), ret_objections, &job->d) : 0;
}

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
	guard_drop(job->look);
	conf_free(job->cand);
	conf_free(job->before);
	conf_free(job->fetched);
	conf_free(job->files);
	free(job->notices);
	json_decref(job->outlook);
	persist_shot_free(job->shot);
	*job = (struct job){0};
}
