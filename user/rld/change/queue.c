// SPDX-License-Identifier: GPL-2.0-only
/* The queue of changes: batches, and what happens to a batch of which one change is refused. */
#include "rld/change/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "rld/change/batch.h"
#include "rld/change/check.h"
#include "rld/change/reload.h"
#include "rld/loop/work.h"

struct queue {
	struct rld *rld;
	struct loop_timer *timer;
	struct loop_fd *grace;
	struct change *first;
	struct change **last;
	struct job job;	   /* of the first, while rld->changing */
	struct work *work; /* the thread of its step */
	int err;	   /* what that came to */
};

static void changes_take(struct queue *queue, size_t count)
{
	while (count--) {
		struct change *change = queue->first;

		queue->first = change->next;
		if (!queue->first)
			queue->last = &queue->first;
		batch_answer(queue->rld, change);
	}
}

/* Leading changes that may be applied together, which only statements are. A name that is deleted and set again must start
 * afresh, so a set-limit after a del-limit begins a new batch. */
static size_t batch_size(const struct change *first)
{
	bool deleted = false;
	size_t count = first->kind != CHANGE_STATEMENT;

	for (const struct change *change = first; change && change->kind == CHANGE_STATEMENT;
	     change = change->next) {
		const char *word = change->word[0];

		if (deleted && !strcmp(word, "set-limit"))
			break;
		deleted |= !strcmp(word, "del-limit");
		count++;
	}
	return count;
}

static void begin(struct queue *queue, size_t count)
{
	static const struct job_step *const steps[] = {
		[CHANGE_STATEMENT] = batch_steps, [CHANGE_RELOAD] = reload_steps,
		[CHANGE_REFRESH] = refresh_steps, [CHANGE_CHECK] = check_steps,
		[CHANGE_LOOK] = look_steps,
	};

	queue->job = (struct job){
		.rld = queue->rld,
		.first = queue->first,
		.count = count,
		.step = steps[queue->first->kind],
	};
	queue->rld->changing = true;
}

/* Halves a batch until the change that spoils it stands alone. */
static void end(struct queue *queue, int err)
{
	struct job *job = &queue->job;
	size_t count = job->count;

	if (job->began)
		reload_end(job, err);
	queue->rld->changing = false;
	if (err && count > 1) {
		job_done(job);
		begin(queue, count / 2);
		return;
	}
	if (err) {
		job->first->err = err;
		job->first->d = job->d;
	}
	if (job->outlook)
		job->first->report = TAKE_PTR(job->outlook);
	job_done(job);
	changes_take(queue, count);
	lists_catch_up(queue->rld);
}

static void run_step(void *ctx)
{
	struct queue *queue = ctx;

	queue->err = queue->job.step->run(&queue->job);
}

static void on_step(void *ctx);

/* -EINPROGRESS: a thread does it. */
static int step(struct queue *queue)
{
	const struct job *job = &queue->job;

	if (job->step->is_long && job->step->is_long(job))
		queue->work = work_start(queue->rld->loop, run_step, on_step, queue);
	if (queue->work)
		return -EINPROGRESS;
	return job->step->run(&queue->job);
}

/* With what the step came to. False: the job waits, for a thread or for a generation. */
static bool go_on(struct queue *queue, int err)
{
	while (!err) {
		queue->job.step++;
		if (!queue->job.step->run)
			break;
		err = step(queue);
	}
	if (err == -EINPROGRESS || err == -EAGAIN)
		return false;
	end(queue, err);
	return true;
}

static void run(void *ctx)
{
	struct queue *queue = ctx;

	while (queue->first && !queue->work && dp_can_publish(queue->rld->dp)) {
		if (!queue->rld->changing)
			begin(queue, batch_size(queue->first));
		if (!go_on(queue, step(queue)))
			return;
	}
}

static void on_step(void *ctx)
{
	struct queue *queue = ctx;

	queue->work = NULL;
	if (go_on(queue, queue->err))
		run(queue);
}

static void on_grace(void *ctx, __u32 events)
{
	struct queue *queue = ctx;

	dp_grace_done(queue->rld->dp);
	run(queue);
}

void queue_add(struct queue *queue, struct change *change)
{
	*queue->last = change;
	queue->last = &change->next;
	loop_timer_set(queue->timer, 0);
}

static void add_kind(struct queue *queue, enum change_kind kind)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change)
		return;
	change->kind = kind;
	queue_add(queue, change);
}

void queue_reload(struct queue *queue)
{
	add_kind(queue, CHANGE_RELOAD);
}

void queue_refresh(struct queue *queue)
{
	add_kind(queue, CHANGE_REFRESH);
}

static void look(struct rld *rld)
{
	add_kind(rld->queue, CHANGE_LOOK);
}

int queue_new(struct rld *rld, struct queue **ret)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	queue->rld = rld;
	queue->last = &queue->first;
	queue->timer = loop_timer_add(rld->loop, run, queue);
	queue->grace = loop_fd_add(rld->loop, dp_grace_fd(rld->dp), EPOLLIN, on_grace, queue);
	if (!queue->timer || !queue->grace || check_start(rld, look)) {
		queue_free(queue);
		return -ENOMEM;
	}
	*ret = queue;
	return 0;
}

void queue_free(struct queue *queue)
{
	struct change *change;

	if (!queue)
		return;
	work_join(queue->work);
	queue->work = NULL;
	if (queue->job.applied)
		go_on(queue, queue->err);
	job_done(&queue->job);
	queue->rld->changing = false;
	while ((change = queue->first)) {
		queue->first = change->next;
		change->err = diag_set(&change->d, DIAG_FAILED, "rld is stopping");
		batch_answer(queue->rld, change);
	}
	loop_fd_del(queue->grace);
	loop_timer_stop(queue->timer);
	free(queue);
}
