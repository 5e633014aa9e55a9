// SPDX-License-Identifier: GPL-2.0-only
/* Writing the running statements: the log at once, the snapshot when it is quiet. */
#include "rld/persist/owner.h"
#include "rld/persist/persist_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/time.h"
#include "base/words.h"
#include "conf/grammar/grammar.h"
#include "conf/model/named.h"
#include "rl/proto.h"

#define LOG_RECORDS_MAX (1 << 20) /* between two snapshots, which are seconds apart */

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

void persist_entries(struct persist *persist)
{
	if (!persist->due)
		loop_timer_set(persist->timer, PERSIST_AFTER_NS);
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
	persist->troubles++;
	if (err && !whole)
		return persist_begin_trouble(persist, PERSIST_LOG, err);
	if (persist_snapshot(persist) && err)
		persist_begin_trouble(persist, PERSIST_LOG, err);
}

/* For the next start, whatever becomes of the files until then. */
static void note_in_kernel(struct persist *persist, bool commands)
{
	dp_control(persist->rld->dp)->statements =
		commands ? persist_number(persist->head.sequence) : PERSIST_FILES_ALONE;
}

static bool has_state(const struct conf_list *list)
{
	for (size_t i = 0; i < list->blocks; i++)
		if (list->block[i]->timed)
			return true;
	return false;
}

static char *make_record(struct persist *persist, char *const words[], size_t count)
{
	struct moment now = clock_moment();
	json_t *list = json_array();
	json_auto_t *record = NULL;
	_cleanup_free_ char *json = NULL;
	char *line;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(words[i]));
	record = json_pack("{s:I, s:I, s:I, s:o}", "sequence", (json_int_t)++persist->head.sequence,
			   "wall_ns", (json_int_t)now.wall_ns, "mono_ns", (json_int_t)now.mono_ns,
			   "command", list);
	json = json_line(record);
	if (!json || asprintf(&line, "%016llx %s", persist_sum(json, strlen(json)), json) < 0)
		return NULL;
	return line;
}

void persist_command(struct persist *persist, char *const words[], size_t count)
{
	_cleanup_free_ char *line = make_record(persist, words, count);

	note_unsaved(persist, words, count);
	keep(persist, line);
	note_in_kernel(persist, true);
}

void persist_commands_decide(struct persist *persist)
{
	persist_snapshot(persist);
	note_in_kernel(persist, true);
}

struct persist_shot *persist_files_begin(struct persist *persist)
{
	persist->head.hash = persist->rld->files->hash;
	persist_config_path(persist->rld, persist->head.path);
	persist->stale = true;
	persist->troubles++;
	persist->head.sequence++;
	return persist_take_shot(persist);
}

void persist_files_end(struct persist *persist, struct persist_shot *shot)
{
	persist_end_shot(persist, shot);
	note_in_kernel(persist, has_state(&persist->rld->conf->allow) ||
					has_state(&persist->rld->conf->deny) ||
					conf_has_timed_use(persist->rld->conf));
}

void persist_files_decide(struct persist *persist)
{
	struct persist_shot *shot = persist_files_begin(persist);

	if (shot)
		persist_shot_write(shot);
	persist_files_end(persist, shot);
}

int persist_new(struct rld *rld, struct persist **ret, struct diag *d)
{
	struct persist *persist = calloc(1, sizeof(*persist));

	if (!persist)
		return diag_errno(d, ENOMEM, "cannot keep state");
	persist_log_init(&persist->log, rld->options.state_dir);
	pthread_mutex_init(&persist->order.lock, NULL);
	persist->rld = rld;
	persist->timer = loop_timer_add(rld->loop, persist_on_timer, persist);
	persist_head_read(rld->options.state_dir, &persist->head);
	persist_boot(persist->head.boot);
	if (rld->config.start_unsaved) {
		persist_head_done(&persist->head);
		persist->head.unsaved = TAKE_PTR(rld->config.start_unsaved);
	}
	/* Past all that the log may hold, lest a record be replayed on a snapshot that has it. */
	persist->head.sequence += LOG_RECORDS_MAX;
	if (persist_is_before(persist->head.sequence, dp_control(rld->dp)->statements))
		persist->head.sequence = dp_control(rld->dp)->statements + LOG_RECORDS_MAX;
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
	persist_finish(persist);
	loop_timer_stop(persist->timer);
	persist_head_done(&persist->head);
	persist_log_done(&persist->log);
	pthread_mutex_destroy(&persist->order.lock);
	free(persist);
}
