// SPDX-License-Identifier: GPL-2.0-only
/* A candidate that is not made real: its statements, the guard, the outlook. */
#include "rld/change/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "conf/compile/compile.h"
#include "conf/grammar/list_file.h"
#include "dp/trial.h"
#include "rld/change/outlook.h"
#include "rld/loop/log.h"

#define WAIT_NS (TIME_NS / 10)

struct change *check_of(const struct request *request, struct diag *d)
{
	struct change *change = request->config ? calloc(1, sizeof(*change)) : NULL;

	if (!request->config)
		diag_set(d, DIAG_USAGE, "check needs the statements as text in \"config\"");
	else if (!change || !(change->config = strdup(request->config)))
		diag_errno(d, ENOMEM, "cannot check a configuration");
	if (!change || !change->config) {
		free(change);
		return NULL;
	}
	change->kind = CHANGE_CHECK;
	change->session = request->session;
	change->access = request->access;
	change->answer = request->answer;
	return change;
}

static int begin_check(struct job *job)
{
	job->lists.clock = job->rld->clock;
	return job_copy(job);
}

/* A thread's. */
static int read_text(struct job *job)
{
	_cleanup_(conf_image_done) struct conf_image image = {0};
	const struct clock *clock = &job->lists.clock;
	struct diag *d = &job->d;

	job->cand = conf_new();
	if (!job->cand)
		return diag_errno(d, ENOMEM, "cannot check a configuration");
	if (!conf_load_text(job->cand, job->first->config, clock_now_s(clock), d) &&
	    !conf_lend_lists(job->cand,
			     job->before) && /* what the text names is nobody's to read */
	    !lists_carry_timed(clock, job->cand, job->before, d) &&
	    !conf_compile(job->cand, NULL, NULL, &image, d))
		return 0;
	d->kind = DIAG_CONFIG;
	return -EINVAL;
}

static bool always(const struct job *job)
{
	return true;
}

static int ask_guard(struct job *job)
{
	return job_ask_guard(job, job->before);
}

static int tell_outlook(struct job *job)
{
	json_t *warnings;

	job_hear_guard(job, &warnings);
	job->outlook = outlook_of(job->rld, job->before, job->cand, warnings);
	return 0;
}

const struct job_step check_steps[] = {
	{begin_check, NULL},  {read_text, always},
	{ask_guard, NULL},    {job_guard, job_guard_is_long},
	{tell_outlook, NULL}, {0},
};

static int begin_look(struct job *job)
{
	job->cand = conf_copy(job->rld->conf);
	if (!job->cand)
		return diag_errno(&job->d, ENOMEM, "cannot ask the guard");
	return job->rld->held ? 0 : job_ask_guard(job, NULL);
}

static int tell_warnings(struct job *job)
{
	json_auto_t *warnings = NULL;
	const json_t *item;
	size_t i;

	job_hear_guard(job, &warnings);
	json_array_foreach (warnings, i, item)
		log_line("warning: %s", json_text(item, "text", ""));
	return 0;
}

const struct job_step look_steps[] = {
	{begin_look, NULL},
	{job_guard, job_guard_is_long},
	{tell_warnings, NULL},
	{0},
};

static struct loop_timer *timer;
static void (*on_ready)(struct rld *rld);

/* While a job asks the program, nobody else asks whether it is ready. */
static void on_time(void *ctx)
{
	struct rld *rld = ctx;

	if (rld->changing || !dp_trial_ready(rld->trial))
		loop_timer_set(timer, WAIT_NS);
	else
		on_ready(rld);
}

int check_start(struct rld *rld, void (*look)(struct rld *rld))
{
	on_ready = look;
	timer = loop_timer_add(rld->loop, on_time, rld);
	if (!timer)
		return -ENOMEM;
	loop_timer_set(timer, 0);
	return 0;
}
