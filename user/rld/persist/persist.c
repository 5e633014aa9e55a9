// SPDX-License-Identifier: GPL-2.0-only
/* Writing the running statements: the log at once, the snapshot when it is quiet. */
#include "rld/persist/owner.h"
#include "rld/persist/persist.h"

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
#include "rld/loop/log.h"
#include "rld/persist/dropped.h"

#define SNAPSHOT_AFTER_NS (2 * TIME_NS)

#define LOG_RECORDS_MAX (1 << 20) /* between two snapshots, which are seconds apart */

struct persist {
	struct rld *rld;
	struct loop_timer *timer;
	struct persist_head head; /* of the next snapshot */
	bool due;
	bool complained; /* a full disk is reported once */
	int log_fd;
};

static void complain(struct persist *persist, const char *what)
{
	if (!persist->complained)
		log_line("cannot keep the running statements in %s (%s: %s); a restart of rld may "
			 "forget them",
			 persist->rld->options.state_dir, what, strerror(errno));
	persist->complained = true;
}

static void log_words(struct persist *persist, json_t *words)
{
	struct moment now = clock_moment();
	json_auto_t *record = json_pack(
		"{s:I, s:I, s:I, s:o}", "sequence", (json_int_t)++persist->head.sequence, "wall_ns",
		(json_int_t)now.wall_ns, "mono_ns", (json_int_t)now.mono_ns, "command", words);
	_cleanup_free_ char *line = json_line(record);
	size_t len = line ? strlen(line) : 0;

	if (!len || write(persist->log_fd, line, len) != (ssize_t)len)
		complain(persist, PERSIST_LOG);
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
	return err;
}

/* The log is emptied after the snapshot holds what it says; in between, its sequence numbers
 * tell. */
static void snapshot(void *ctx)
{
	struct persist *persist = ctx;

	if (!persist->rld->conf)
		return;
	persist->due = false;
	if (write_snapshot(persist)) {
		complain(persist, PERSIST_SNAPSHOT);
		return;
	}
	if (ftruncate(persist->log_fd, 0))
		complain(persist, PERSIST_LOG);
	else
		persist->complained = false;
}

void persist_entries(struct persist *persist)
{
	if (!persist->due)
		loop_timer_set(persist->timer, SNAPSHOT_AFTER_NS);
	persist->due = true;
}

void persist_command(struct persist *persist, char *const words[], size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	log_words(persist, list);
	note_unsaved(persist, words, count);
	persist_entries(persist);
}

void persist_commands_decide(struct persist *persist)
{
	snapshot(persist);
}

void persist_files_decide(struct persist *persist)
{
	persist->head.hash = persist->rld->files->hash;
	persist_config_path(persist->rld, persist->head.path);
	snapshot(persist);
}

static int open_log(struct persist *persist, struct diag *d)
{
	const char *dir = persist->rld->options.state_dir;
	_cleanup_free_ char *path = persist_path(dir, PERSIST_LOG);

	persist->log_fd = path ? persist_make(path, O_RDWR | O_APPEND) : -1;
	if (persist->log_fd < 0)
		return diag_errno(d, errno, "cannot write %s/%s", dir, PERSIST_LOG);
	return 0;
}

int persist_new(struct rld *rld, struct persist **ret, struct diag *d)
{
	struct persist *persist = calloc(1, sizeof(*persist));
	int err = 0;

	if (!persist)
		return diag_errno(d, ENOMEM, "cannot keep state");
	persist->rld = rld;
	persist->timer = loop_timer_add(rld->loop, snapshot, persist);
	persist_head_read(rld->options.state_dir, &persist->head);
	persist_boot(persist->head.boot);
	if (rld->config.start_unsaved) {
		persist_head_done(&persist->head);
		persist->head.unsaved = TAKE_PTR(rld->config.start_unsaved);
	}
	/* Past all that the log may hold, lest a record be replayed on a snapshot that has it. */
	persist->head.sequence += LOG_RECORDS_MAX;
	if (!persist->timer)
		err = diag_errno(d, ENOMEM, "cannot keep state");
	if (!err)
		err = open_log(persist, d);
	if (err) {
		persist_head_done(&persist->head);
		free(persist);
		return err;
	}
	*ret = persist;
	return 0;
}

void persist_free(struct persist *persist)
{
	if (!persist)
		return;
	if (persist->due)
		snapshot(persist);
	loop_timer_stop(persist->timer);
	persist_head_done(&persist->head);
	close(persist->log_fd);
	free(persist);
}
