// SPDX-License-Identifier: GPL-2.0-only
/* The queue of changes: batches, and what happens to a batch of which one change is refused. */
#include "rld/pump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/time.h"
#include "rld/apply.h"
#include "rld/batch.h"
#include "rld/log.h"
#include "rld/reload.h"

struct pump {
	struct rld *rld;
	struct loop_timer *timer;
	struct loop_fd *grace;
	struct change *first;
	struct change **last;
};

static void changes_take(struct pump *pump, size_t count)
{
	while (count--) {
		struct change *change = pump->first;

		pump->first = change->next;
		if (!pump->first)
			pump->last = &pump->first;
		batch_answer(pump->rld, change);
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
		const char *word = change->request.word[0];

		if (deleted && !strcmp(word, "set-limit"))
			break;
		deleted |= !strcmp(word, "del-limit");
		count++;
	}
	return count;
}

/* Halves a batch until the change that spoils it stands alone. */
static int run_statements(struct pump *pump)
{
	size_t count = batch_size(pump->first);
	int err;

	while ((err = batch_run(pump->rld, pump->first, count)) && err != -EAGAIN && count > 1)
		count /= 2;
	if (err != -EAGAIN)
		changes_take(pump, count);
	return err;
}

static int run_reload(struct pump *pump, struct change *change)
{
	struct peer *session = &change->request.session;
	const struct reload_how how = {
		.yes = change->request.yes,
		.clients = {.v = session, .count = session->port != 0},
	};

	return reload_files(pump->rld, &how, &change->report, &change->d);
}

static int run_other(struct pump *pump)
{
	struct change *change = pump->first;

	if (change->kind == CHANGE_RELOAD)
		change->err = run_reload(pump, change);
	else
		change->err = reload_refresh(pump->rld, &change->d);
	if (change->err == -EAGAIN)
		return change->err;
	changes_take(pump, 1);
	return 0;
}

static void run(void *ctx)
{
	struct pump *pump = ctx;

	while (pump->first && dp_can_publish(pump->rld->dp)) {
		int err = pump->first->kind == CHANGE_STATEMENT ? run_statements(pump)
								: run_other(pump);

		if (err == -EAGAIN)
			return;
	}
}

static void on_grace(void *ctx, __u32 events)
{
	struct pump *pump = ctx;

	dp_grace_done(pump->rld->dp);
	run(pump);
}

static void append(struct pump *pump, struct change *change)
{
	*pump->last = change;
	pump->last = &change->next;
	loop_timer_set(pump->timer, 0);
}

void pump_request(struct pump *pump, struct request *request)
{
	struct change *change = calloc(1, sizeof(*change));
	struct diag d;

	if (!change) {
		diag_errno(&d, ENOMEM, "cannot apply the change");
		answer_error(request->answer, &d);
		request_done(request);
		return;
	}
	change->kind = strcmp(request->word[0], "reload") ? CHANGE_STATEMENT : CHANGE_RELOAD;
	change->request = *request;
	append(pump, change);
}

static void append_kind(struct pump *pump, enum change_kind kind)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change)
		return;
	change->kind = kind;
	append(pump, change);
}

void pump_reload(struct pump *pump)
{
	append_kind(pump, CHANGE_RELOAD);
}

void pump_refresh(struct pump *pump)
{
	append_kind(pump, CHANGE_REFRESH);
}

int pump_new(struct rld *rld, struct pump **ret)
{
	struct pump *pump = calloc(1, sizeof(*pump));

	if (!pump)
		return -ENOMEM;
	pump->rld = rld;
	pump->last = &pump->first;
	pump->timer = loop_timer_add(rld->loop, run, pump);
	pump->grace = loop_fd_add(rld->loop, dp_grace_fd(rld->dp), EPOLLIN, on_grace, pump);
	if (!pump->timer || !pump->grace) {
		pump_free(pump);
		return -ENOMEM;
	}
	*ret = pump;
	return 0;
}

void pump_free(struct pump *pump)
{
	struct change *change;

	if (!pump)
		return;
	while ((change = pump->first)) {
		pump->first = change->next;
		change->err = diag_set(&change->d, DIAG_FAILED, "rld is stopping");
		batch_answer(pump->rld, change);
	}
	loop_fd_del(pump->grace);
	loop_timer_stop(pump->timer);
	free(pump);
}
