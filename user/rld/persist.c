// SPDX-License-Identifier: GPL-2.0-only
/* Writing the running statements: the log at once, the snapshot when it is quiet. */
#include "rld/persist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/time.h"
#include "rld/log.h"
#include "rld/persist_files.h"

#define SNAPSHOT_AFTER_NS (2 * TIME_NS)

#define LOG_RECORDS_MAX (1 << 20) /* between two snapshots, which are seconds apart */

struct persist {
	struct rld *rld;
	struct loop_timer *timer;
	char boot[PERSIST_BOOT];
	__u64 sequence; /* of the last command */
	bool statements;
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

static void log_words(struct persist *persist, json_t *words, __s64 now_s)
{
	json_t *record = json_pack("{s:I, s:I, s:o}", "sequence", (json_int_t)++persist->sequence,
				   "now_s", (json_int_t)now_s, "command", words);
	_cleanup_free_ char *line = json_line(record);
	size_t len = line ? strlen(line) : 0;

	json_decref(record);
	if (!len || write(persist->log_fd, line, len) != (ssize_t)len)
		complain(persist, PERSIST_LOG);
}

static int write_snapshot(struct persist *persist)
{
	const char *dir = persist->rld->options.state_dir;
	_cleanup_free_ char *path = persist_path(dir, PERSIST_SNAPSHOT);
	_cleanup_free_ char *temporary = persist_path(dir, PERSIST_SNAPSHOT ".new");
	FILE *file = path && temporary ? fopen(temporary, "we") : NULL;
	int err;

	if (!file)
		return -errno;
	fprintf(file, PERSIST_HEAD "\n", persist->boot, persist->sequence,
		persist->statements ? PERSIST_STATEMENTS : PERSIST_ENTRIES);
	conf_export(persist->rld->conf, file);
	err = ferror(file) ? -EIO : 0;
	if (fclose(file) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	return err;
}

/* The log is emptied after the snapshot holds what it says; in between, its sequence numbers tell.
 */
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

static void schedule(struct persist *persist)
{
	if (!persist->due)
		loop_timer_set(persist->timer, SNAPSHOT_AFTER_NS);
	persist->due = true;
}

void persist_command(struct persist *persist, char *const words[], size_t count, __s64 now_s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	if (!persist_is_entry(words, count))
		persist->statements = true;
	log_words(persist, list, now_s);
	schedule(persist);
}

void persist_commands_decide(struct persist *persist)
{
	persist->statements = true;
	snapshot(persist);
}

void persist_files_decide(struct persist *persist)
{
	persist->statements = false;
	snapshot(persist);
}

static int open_log(struct persist *persist, struct diag *d)
{
	const char *dir = persist->rld->options.state_dir;
	_cleanup_free_ char *path = persist_path(dir, PERSIST_LOG);

	persist->log_fd = path ? open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : -1;
	if (persist->log_fd < 0)
		return diag_errno(d, errno, "cannot write to the state directory %s", dir);
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
	persist_boot(persist->boot);
	persist_head(rld->options.state_dir, persist->boot, &persist->sequence,
		     &persist->statements);
	/* Past all that the log may hold, lest a record be replayed on a snapshot that has it. */
	persist->sequence += LOG_RECORDS_MAX;
	if (!persist->timer)
		err = diag_errno(d, ENOMEM, "cannot keep state");
	if (!err)
		err = open_log(persist, d);
	if (err) {
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
	close(persist->log_fd);
	free(persist);
}
