// SPDX-License-Identifier: GPL-2.0-only
/* `save`: the difference between the other files and what is at work becomes RL_SAVE_FILE. A thread
 * waits for the disk. */
#include "rld/change/save.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replace.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rl/proto.h"
#include "rld/change/reload.h"
#include "rld/change/save_check.h"
#include "rld/loop/log.h"
#include "rld/loop/loop.h"
#include "rld/persist/persist.h"

#define SAVE_PATH RL_CONFIG_DIR "/" RL_SAVE_FILE
#define SAVE_NEW SAVE_PATH ".new"
#define SAVE_HEAD "# Written by `rlctl save`; the next save writes it anew.\n"

#define LOOK_NS (TIME_NS / 200) /* whether the disk has it */

struct save {
	struct rld *rld;
	struct loop_timer *timer;
	struct answer *answer; /* NULL: none is under way */
	FILE *file;	       /* the new one, beside the old */
	size_t count;	       /* statements in it */
	pthread_t thread;
	bool syncing; /* the thread is to be joined */
	int sync_err;
};

/* The files as conf_load() reads them, but with `saved` in the place of RL_SAVE_FILE; NULL: without
 * it. */
struct files {
	struct conf *into;
	const char *saved;
	__s64 now_s;
	struct diag *d;
};

static int load_entry(struct files *files, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", RL_CONFIG_DIR, name);
	if (strcmp(name, RL_SAVE_FILE))
		return conf_load_file(files->into, path, files->now_s, NULL, files->d);
	return 0;
}

static int load_saved(struct files *files)
{
	const char *path = TAKE_PTR(files->saved);

	return path ? conf_load_file(files->into, path, files->now_s, NULL, files->d) : 0;
}

static int load_files(struct files *files)
{
	struct dirent **entry = NULL;
	int count = conf_files(RL_CONFIG_DIR, &entry);
	int err = conf_load(files->into, RL_CONFIG, NULL, true, files->now_s, NULL, files->d);

	for (int i = 0; i < count; i++) {
		if (!err && strcmp(entry[i]->d_name, RL_SAVE_FILE) > 0)
			err = load_saved(files);
		if (!err)
			err = load_entry(files, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return err ? err : load_saved(files);
}

static int fail(int err, struct diag *d)
{
	return diag_errno(d, err, "cannot write %s", SAVE_PATH);
}

static int write_new(const struct conf *others, const struct conf *now, FILE *file, size_t *ret)
{
	fputs(SAVE_HEAD, file);
	*ret = conf_diff(others, now, file, NULL);
	return fflush(file) || ferror(file) ? -errno : 0;
}

/* What a reload would make of the new file has to be what is at work. */
static int check_new(const struct conf *now, const struct files *first)
{
	_cleanup_(conf_free_ptr) struct conf *after = conf_new();
	struct files files = {after, SAVE_NEW, first->now_s, first->d};
	const struct save_check check = {first->into, after, now, first->now_s};
	int err = after ? load_files(&files) : diag_errno(first->d, ENOMEM, "cannot save");

	return err ? err : save_check(&check, first->d);
}

/* Beside the old one. `others` are the files without it. */
static int write_file(struct save *save, const struct files *others)
{
	_cleanup_fclose_ FILE *file = NULL;
	const struct conf *now = save->rld->conf;
	int err;

	mkdir(RL_CONFIG_DIR, 0755);
	file = fopen(SAVE_NEW, "we");
	if (!file)
		return fail(errno, others->d);
	err = write_new(others->into, now, file, &save->count);
	err = err ? fail(-err, others->d) : check_new(now, others);
	if (err) {
		unlink(SAVE_NEW);
		return err;
	}
	save->file = TAKE_PTR(file);
	return 0;
}

static int write_difference(struct save *save, struct diag *d)
{
	const struct rld *rld = save->rld;
	_cleanup_(conf_free_ptr) struct conf *others = conf_new();
	struct files files = {.into = others, .now_s = clock_now_s(&rld->clock), .d = d};
	int err = others ? load_files(&files) : diag_errno(d, ENOMEM, "cannot save");

	if (!err)
		err = save_check_limits(others, rld->conf, d);
	return err ? err : write_file(save, &files);
}

static void *sync_file(void *ctx)
{
	struct save *save = ctx;

	save->sync_err = -replace_file(save->file, SAVE_NEW, SAVE_PATH);
	return NULL;
}

static int take_up(struct save *save, struct diag *d)
{
	int err = save->sync_err ? fail(save->sync_err, d) : reload_look(save->rld, d);

	if (!err)
		persist_files_decide(save->rld->persist);
	return err;
}

static void finish(struct save *save)
{
	struct answer *answer = TAKE_PTR(save->answer);
	struct diag d;

	save->syncing = false;
	save->file = NULL;
	if (!take_up(save, &d)) {
		json_t *data = json_pack("{s:s, s:I}", "file", SAVE_PATH, "statements",
					 (json_int_t)save->count);

		persist_tell(save->rld->persist, data);
		return answer_data(answer, data);
	}
	log_diag(&d);
	answer_error(answer, &d);
}

static void look(void *ctx)
{
	struct save *save = ctx;

	if (save->syncing && pthread_tryjoin_np(save->thread, NULL))
		loop_timer_set(save->timer, LOOK_NS);
	else
		finish(save);
}

static void begin_sync(struct save *save)
{
	save->syncing = !pthread_create(&save->thread, NULL, sync_file, save);
	if (!save->syncing)
		sync_file(save);
	loop_timer_set(save->timer, 0);
}

static int check_may(const struct save *save, struct diag *d)
{
	const char *config = save->rld->options.config;

	if (config) {
		diag_set(d, DIAG_REFUSED,
			 "rld was started with --config %s, which save does not touch", config);
		return diag_hint(d, "use `rlctl export` and put what you want to keep there");
	}
	if (save->answer) {
		diag_set(d, DIAG_REFUSED, "another save waits for the disk");
		diag_hint(d, "try again when that is answered");
		return -EBUSY;
	}
	return 0;
}

int save_query(struct save *save, struct answer *answer, struct diag *d)
{
	int err = check_may(save, d);

	if (!err)
		err = write_difference(save, d);
	if (err)
		return err;
	save->answer = answer;
	begin_sync(save);
	return 0;
}

int save_new(struct rld *rld, struct save **ret)
{
	struct save *save = calloc(1, sizeof(*save));

	if (!save)
		return -ENOMEM;
	save->rld = rld;
	save->timer = loop_timer_add(rld->loop, look, save);
	if (!save->timer) {
		free(save);
		return -ENOMEM;
	}
	*ret = save;
	return 0;
}

void save_free(struct save *save)
{
	if (!save)
		return;
	if (save->syncing)
		pthread_join(save->thread, NULL);
	if (save->answer)
		finish(save);
	loop_timer_stop(save->timer);
	free(save);
}
