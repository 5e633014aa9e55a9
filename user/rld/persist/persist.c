// SPDX-License-Identifier: GPL-2.0-only
/* Writing the running statements: the log at once, the snapshot when it is quiet. */
#include "rld/persist/owner.h"
#include "rld/persist/persist.h"
#include "rld/persist/persist_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/time.h"
#include "base/words.h"
#include "conf/grammar/grammar.h"
#include "rl/proto.h"
#include "rld/events/event.h"
#include "rld/loop/log.h"
#include "rld/persist/dropped.h"

#define SNAPSHOT_AFTER_NS (2 * TIME_NS)
/* After one that failed: seconds, or longer where one takes long. */
#define RETRY_NS (5 * TIME_NS)
#define REST_PER_WORK 100

#define LOG_RECORDS_MAX (1 << 20) /* between two snapshots, which are seconds apart */

struct persist {
	struct rld *rld;
	struct loop_timer *timer;
	struct persist_head head; /* of the next snapshot */
	struct persist_log log;
	bool due;
	bool stale;		     /* the snapshot there is of before the files decided */
	bool lost;		     /* a record is not in the log */
	bool failed;		     /* the last snapshot; told once */
	char trouble[PATH_MAX + 64]; /* what a restart forgets, and why; empty: nothing */
};

const char *persist_trouble(const struct persist *persist)
{
	return persist && persist->trouble[0] ? persist->trouble : NULL;
}

void persist_tell(const struct persist *persist, json_t *into)
{
	const char *trouble = persist_trouble(persist);

	json_set_bool(into, "persisted", !trouble);
	if (trouble)
		json_set_text(into, "persist_error", trouble);
}

static void begin_trouble(struct persist *persist, const char *name, int err)
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

void persist_config_path(const struct rld *rld, char ret[static PATH_MAX])
{
	owner_path(rld->options.config ? rld->options.config : RL_CONFIG, ret);
}

/* Without files to compare with, each command counts. */
static void note_unsaved(struct persist *persist, char *const words[], size_t count)
{
	char *text = NULL;
	size_t len;
	FILE *out = persist->rld->files ? NULL : open_memstream(&text, &len);

	if (!out)
		return;
	fputs(persist->head.unsaved ? persist->head.unsaved : "", out);
	words_line(words, count, out);
	fclose(out);
	persist_head_done(&persist->head);
	persist->head.unsaved = text;
}

/* While the files cannot be read it stays as it was. */
static void renew_unsaved(struct persist *persist)
{
	const struct rld *rld = persist->rld;
	char *text = rld->files ? dropped_diff(rld->files, rld->conf) : NULL;

	if (!text)
		return;
	persist_head_done(&persist->head);
	persist->head.unsaved = text;
}

static int write_snapshot(struct persist *persist)
{
	const struct rld *rld = persist->rld;
	_cleanup_free_ char *path = persist_path(rld->options.state_dir, PERSIST_SNAPSHOT);
	_cleanup_free_ char *temporary =
		persist_path(rld->options.state_dir, PERSIST_SNAPSHOT ".new");
	_cleanup_close_ int fd =
		path && temporary ? persist_make(temporary, O_WRONLY | O_TRUNC) : -1;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int err;

	if (!file)
		return -errno;
	fd = -1;
	renew_unsaved(persist);
	persist->head.written = clock_moment();
	persist_head_write(&persist->head, file);
	conf_export_left(rld->conf, clock_now_s(&rld->clock), file);
	err = ferror(file) ? -EIO : 0;
	if (fclose(file) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}

/* A log that has every command since the snapshot keeps them as well. */
static void fail_snapshot(struct persist *persist, int err)
{
	if (persist->stale || persist->lost)
		begin_trouble(persist, PERSIST_SNAPSHOT, err);
	else if (!persist->failed)
		log_line("cannot write %s/%s (%s); %s there goes on",
			 persist->rld->options.state_dir, PERSIST_SNAPSHOT, strerror(-err),
			 PERSIST_LOG);
	persist->failed = true;
}

/* The log is emptied after the snapshot holds what it says; in between, its sequence numbers
 * tell. */
static int snapshot(struct persist *persist)
{
	__u64 began_ns = time_mono_ns();
	int err = write_snapshot(persist);
	__u64 rest_ns = (time_mono_ns() - began_ns) * REST_PER_WORK;

	persist->due = err;
	if (err) {
		fail_snapshot(persist, err);
		loop_timer_set(persist->timer, rest_ns > RETRY_NS ? rest_ns : RETRY_NS);
		return err;
	}
	end_trouble(persist);
	err = persist_log_clear(&persist->log);
	if (err)
		log_line("cannot empty %s/%s: %s", persist->rld->options.state_dir, PERSIST_LOG,
			 persist_open_error(err));
	return 0;
}

static void on_timer(void *ctx)
{
	struct persist *persist = ctx;

	if (persist->rld->conf)
		snapshot(persist);
}

void persist_entries(struct persist *persist)
{
	if (!persist->due)
		loop_timer_set(persist->timer, SNAPSHOT_AFTER_NS);
	persist->due = true;
}

/* While records are missing those that follow are of no use: then all is written as soon as there
 * is room for one. */
static void keep(struct persist *persist, const char *line)
{
	int err = line ? persist_log_add(&persist->log, line, strlen(line)) : -ENOMEM;
	bool whole = !persist->stale && !persist->lost;

	if (!err && whole)
		return persist_entries(persist);
	persist->lost = true;
	if (err && !whole)
		return begin_trouble(persist, PERSIST_LOG, err);
	if (snapshot(persist) && err)
		begin_trouble(persist, PERSIST_LOG, err);
}

static char *make_record(struct persist *persist, char *const words[], size_t count)
{
	struct moment now = clock_moment();
	json_t *list = json_array();
	json_auto_t *record = NULL;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	record = json_pack("{s:I, s:I, s:I, s:o}", "sequence", (json_int_t)++persist->head.sequence,
			   "wall_ns", (json_int_t)now.wall_ns, "mono_ns", (json_int_t)now.mono_ns,
			   "command", list);
	return json_line(record);
}

void persist_command(struct persist *persist, char *const words[], size_t count)
{
	_cleanup_free_ char *line = make_record(persist, words, count);

	note_unsaved(persist, words, count);
	keep(persist, line);
}

void persist_commands_decide(struct persist *persist)
{
	snapshot(persist);
}

void persist_files_decide(struct persist *persist)
{
	persist->head.hash = persist->rld->files->hash;
	persist_config_path(persist->rld, persist->head.path);
	persist->stale = true;
	snapshot(persist);
}

int persist_new(struct rld *rld, struct persist **ret, struct diag *d)
{
	struct persist *persist = calloc(1, sizeof(*persist));

	if (!persist)
		return diag_errno(d, ENOMEM, "cannot keep state");
	persist_log_init(&persist->log, rld->options.state_dir);
	persist->rld = rld;
	persist->timer = loop_timer_add(rld->loop, on_timer, persist);
	persist_head_read(rld->options.state_dir, &persist->head);
	persist_boot(persist->head.boot);
	if (rld->config.start_unsaved) {
		persist_head_done(&persist->head);
		persist->head.unsaved = TAKE_PTR(rld->config.start_unsaved);
	}
	/* Past all that the log may hold, lest a record be replayed on a snapshot that has it. */
	persist->head.sequence += LOG_RECORDS_MAX;
	if (!persist->timer) {
		persist_head_done(&persist->head);
		free(persist);
		return diag_errno(d, ENOMEM, "cannot keep state");
	}
	*ret = persist;
	return 0;
}

void persist_free(struct persist *persist)
{
	if (!persist)
		return;
	if (persist->due && persist->rld->conf)
		snapshot(persist);
	loop_timer_stop(persist->timer);
	persist_head_done(&persist->head);
	persist_log_done(&persist->log);
	free(persist);
}
