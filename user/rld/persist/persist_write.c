// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots: when one is written, and what is told of those that cannot be. */
#include "rld/persist/persist_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/time.h"
#include "rld/events/event.h"
#include "rld/loop/log.h"

/* After one that failed: seconds, or longer where one takes long. */
#define RETRY_NS (5 * TIME_NS)
#define REST_PER_WORK 100

void persist_begin_trouble(struct persist *persist, const char *name, int err)
{
	const char *dir = persist->rld->options.state_dir;
	bool told = persist->trouble[0];

	snprintf(persist->trouble, sizeof(persist->trouble), "%s/%s: %s", dir, name,
		 persist_open_error(err));
	if (told)
		return;
	log_line("what is at work cannot be kept (%s): it goes on, but a crash or restart of rld "
		 "forgets what commands change from now on",
		 persist->trouble);
	events_emit(persist->rld->events, EVENT_PERSIST_FAILED,
		    json_pack("{s:{s:s}, s:{s:s, s:s}}", "event", "outcome", "failure", "rld",
			      "state_dir", dir, "error", persist->trouble),
		    NULL);
}

static void end_trouble(struct persist *persist)
{
	const char *dir = persist->rld->options.state_dir;

	persist->stale = persist->lost = persist->failed = false;
	if (!persist->trouble[0])
		return;
	persist->trouble[0] = 0;
	log_line("what is at work is kept in %s again, all of it", dir);
	events_emit(persist->rld->events, EVENT_PERSIST_RECOVERED,
		    json_pack("{s:{s:s}}", "rld", "state_dir", dir), NULL);
}

/* A log that has every command since the snapshot keeps them as well. */
static void fail_snapshot(struct persist *persist, int err)
{
	if (persist->stale || persist->lost)
		persist_begin_trouble(persist, PERSIST_SNAPSHOT, err);
	else if (!persist->failed)
		log_line("cannot write %s/%s (%s); %s there goes on",
			 persist->rld->options.state_dir, PERSIST_SNAPSHOT, strerror(-err),
			 PERSIST_LOG);
	persist->failed = true;
}

struct persist_shot *persist_take_shot(struct persist *persist)
{
	struct persist_shot *shot = persist_shot_take(persist->rld, &persist->head);

	persist->due = false;
	if (!shot)
		return NULL;
	shot->order = &persist->order;
	shot->number = ++persist->shots;
	persist_log_open(&persist->log); /* or it says why when a record comes */
	shot->log_end = persist_log_end(&persist->log);
	shot->troubles = persist->troubles;
	shot->began_ns = time_mono_ns();
	return shot;
}

static void retry(struct persist *persist, __u64 took_ns)
{
	__u64 rest_ns = took_ns * REST_PER_WORK;

	persist->due = true;
	loop_timer_set(persist->timer, rest_ns > RETRY_NS ? rest_ns : RETRY_NS);
}

/* The log loses what the snapshot holds only now; in between, its sequence numbers tell. */
static void settle_shot(struct persist *persist, struct persist_shot *shot)
{
	int err;

	if (shot->files) {
		persist_head_done(&persist->head);
		persist->head.unsaved = TAKE_PTR(shot->head.unsaved);
	}
	if (shot->troubles == persist->troubles)
		end_trouble(persist);
	err = persist_log_cut(&persist->log, shot->log_end);
	if (err)
		log_line("cannot empty %s/%s: %s", persist->rld->options.state_dir, PERSIST_LOG,
			 persist_open_error(err));
}

int persist_end_shot(struct persist *persist, struct persist_shot *shot)
{
	int err = shot ? shot->err : -ENOMEM;

	if (err && err != -ESTALE) {
		fail_snapshot(persist, err);
		retry(persist, shot ? time_mono_ns() - shot->began_ns : 0);
		persist_shot_free(shot);
		return err;
	}
	if (!err)
		settle_shot(persist, shot);
	persist_shot_free(shot);
	return 0;
}

int persist_snapshot(struct persist *persist)
{
	struct persist_shot *shot = persist_take_shot(persist);

	if (shot)
		persist_shot_write(shot);
	return persist_end_shot(persist, shot);
}

/* While rules are held nobody knows the statements. */
static bool may_write(const struct persist *persist)
{
	return persist->rld->conf && !persist->rld->held;
}

static void write_shot(void *ctx)
{
	persist_shot_write(((struct persist *)ctx)->shot);
}

static void on_written(void *ctx)
{
	struct persist *persist = ctx;

	persist->work = NULL;
	persist_end_shot(persist, TAKE_PTR(persist->shot));
}

void persist_on_timer(void *ctx)
{
	struct persist *persist = ctx;

	if (!may_write(persist))
		return;
	if (persist->work) { /* what came meanwhile is for the next one */
		loop_timer_set(persist->timer, PERSIST_AFTER_NS);
		return;
	}
	persist->shot = persist_take_shot(persist);
	if (persist->shot)
		persist->work = work_start(persist->rld->loop, write_shot, on_written, persist);
	if (!persist->work)
		retry(persist, 0);
	if (!persist->work)
		persist_shot_free(TAKE_PTR(persist->shot));
}

void persist_finish(struct persist *persist)
{
	work_join(persist->work);
	persist->work = NULL;
	if (persist->shot)
		persist_end_shot(persist, TAKE_PTR(persist->shot));
	if (persist->due && may_write(persist))
		persist_snapshot(persist);
}
