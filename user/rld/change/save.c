// SPDX-License-Identifier: GPL-2.0-only
/* `save`: the difference between the other files and what is at work becomes RL_SAVE_FILE. A thread
 * waits for the disk. */
#include "rld/change/save.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replace.h"
#include "conf/grammar/grammar.h"
#include "rl/proto.h"
#include "rld/change/reload.h"
#include "rld/change/save_check.h"
#include "rld/loop/log.h"
#include "rld/loop/work.h"
#include "rld/persist/persist_shot.h"

#define SAVE_PATH RL_CONFIG_DIR "/" RL_SAVE_FILE
#define SAVE_NEW SAVE_PATH ".new"
#define SAVE_HEAD "# Written by `rlctl save`; the next save writes it anew.\n"

/* What is on its way: each of both steps is a thread's, which has all of this meanwhile. */
struct save {
	struct rld *rld;
	struct work *work;
	struct answer *answer; /* NULL: none is under way */
	struct conf *now;      /* owned; a copy of what is at work */
	struct clock clock;
	size_t count;		   /* statements in the file */
	struct conf *files;	   /* owned; what they say then */
	char *notices;		   /* owned */
	struct persist_shot *shot; /* owned */
	struct diag d;
	int err;
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

/* Beside the old one, then in its place. `others` are the files without it. */
static int write_file(struct save *save, const struct files *others)
{
	FILE *file;
	int err;

	mkdir(RL_CONFIG_DIR, 0755);
	file = fopen(SAVE_NEW, "we");
	if (!file)
		return fail(errno, others->d);
	err = write_new(others->into, save->now, file, &save->count);
	err = err ? fail(-err, others->d) : check_new(save->now, others);
	if (err) {
		fclose(file);
		unlink(SAVE_NEW);
		return err;
	}
	err = replace_file(file, SAVE_NEW, SAVE_PATH);
	return err ? fail(-err, others->d) : 0;
}

static int write_difference(struct save *save)
{
	_cleanup_(conf_free_ptr) struct conf *others = conf_new();
	struct files files = {.into = others, .now_s = clock_now_s(&save->clock), .d = &save->d};
	int err = others ? load_files(&files) : diag_errno(&save->d, ENOMEM, "cannot save");

	if (!err)
		err = save_check_limits(others, save->now, &save->d);
	return err ? err : write_file(save, &files);
}

static void run_write(void *ctx)
{
	struct save *save = ctx;

	save->err = write_difference(save);
	if (!save->err)
		save->err = reload_read_files(save->rld, &save->clock, &save->files, &save->notices,
					      &save->d);
}

static void run_keep(void *ctx)
{
	struct save *save = ctx;

	if (save->shot)
		persist_shot_write(save->shot);
}

static void release(struct save *save)
{
	conf_free(save->now);
	conf_free(save->files);
	free(save->notices);
	*save = (struct save){.rld = save->rld};
}

static void give_answer(struct save *save)
{
	json_t *data;

	if (save->err) {
		log_diag(&save->d);
		answer_error(save->answer, &save->d);
	} else {
		data = json_pack("{s:s, s:I}", "file", SAVE_PATH, "statements",
				 (json_int_t)save->count);
		persist_tell(save->rld->persist, data);
		answer_data(save->answer, data);
	}
	release(save);
}

static void on_kept(void *ctx)
{
	struct save *save = ctx;

	save->work = NULL;
	persist_files_end(save->rld->persist, TAKE_PTR(save->shot));
	give_answer(save);
}

/* The disk has it. */
static void take_up(struct save *save)
{
	reload_take(save->rld, TAKE_PTR(save->files), save->notices);
	save->shot = persist_files_begin(save->rld->persist);
}

static void on_written(void *ctx)
{
	struct save *save = ctx;

	save->work = NULL;
	if (save->err)
		return give_answer(save);
	take_up(save);
	save->work = work_start(save->rld->loop, run_keep, on_kept, save);
	if (save->work)
		return;
	run_keep(save);
	on_kept(save);
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

	if (err)
		return err;
	save->clock = save->rld->clock;
	save->now = conf_copy(save->rld->conf);
	save->work = save->now ? work_start(save->rld->loop, run_write, on_written, save) : NULL;
	if (!save->work) {
		release(save);
		return diag_errno(d, ENOMEM, "cannot save");
	}
	save->answer = answer;
	return 0;
}

int save_new(struct rld *rld, struct save **ret)
{
	struct save *save = calloc(1, sizeof(*save));

	if (!save)
		return -ENOMEM;
	save->rld = rld;
	*ret = save;
	return 0;
}

void save_free(struct save *save)
{
	if (!save)
		return;
	work_join(save->work);
	save->work = NULL;
	if (save->answer && !save->shot && !save->err) {
		take_up(save);
		run_keep(save);
	}
	if (save->shot)
		on_kept(save);
	else if (save->answer)
		give_answer(save);
	free(save);
}
