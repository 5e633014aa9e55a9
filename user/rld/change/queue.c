// SPDX-License-Identifier: GPL-2.0-only
/* The queue of changes: batches, and what happens to a batch of which one change is refused. */
#include "rld/change/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "rld/change/batch.h"
#include "rld/change/reload.h"

struct queue {
	struct rld *rld;
	struct loop_timer *timer;
	struct loop_fd *grace;
	struct change *first;
	struct change **last;
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

/* Leading statements that may be applied together. A name that is deleted and set again must start
 * afresh, so a set-limit after a del-limit begins a new batch. */
static size_t batch_size(const struct change *first)
{
	bool deleted = false;
	size_t count = 0;

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

/* Halves a batch until the change that spoils it stands alone. */
static int run_statements(struct queue *queue)
{
	size_t count = batch_size(queue->first);
	int err;

	while ((err = batch_run(queue->rld, queue->first, count)) && err != -EAGAIN && count > 1)
		count /= 2;
	if (err != -EAGAIN)
		changes_take(queue, count);
	return err;
}

static int run_reload(struct queue *queue, struct change *change)
{
	struct peer session = peer_of_session(&change->session);
	const struct reload_how how = {
		.yes = change->yes,
		.clients = {.v = &session, .count = session.port != 0},
	};

	return reload_files(queue->rld, &how, &change->report, &change->d);
}

static int run_other(struct queue *queue)
{
	struct change *change = queue->first;

	if (change->kind == CHANGE_RELOAD)
		change->err = run_reload(queue, change);
	else
		change->err = reload_refresh(queue->rld, &change->d);
	if (change->err == -EAGAIN)
		return change->err;
	changes_take(queue, 1);
	return 0;
}

static void run(void *ctx)
{
	struct queue *queue = ctx;

	while (queue->first && dp_can_publish(queue->rld->dp)) {
		int err = queue->first->kind == CHANGE_STATEMENT ? run_statements(queue)
								 : run_other(queue);

		if (err == -EAGAIN)
			return;
	}
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

int queue_new(struct rld *rld, struct queue **ret)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	queue->rld = rld;
	queue->last = &queue->first;
	queue->timer = loop_timer_add(rld->loop, run, queue);
	queue->grace = loop_fd_add(rld->loop, dp_grace_fd(rld->dp), EPOLLIN, on_grace, queue);
	if (!queue->timer || !queue->grace) {
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
	while ((change = queue->first)) {
		queue->first = change->next;
		change->err = diag_set(&change->d, DIAG_FAILED, "rld is stopping");
		batch_answer(queue->rld, change);
	}
	loop_fd_del(queue->grace);
	loop_timer_stop(queue->timer);
	free(queue);
}
