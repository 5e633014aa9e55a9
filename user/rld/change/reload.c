// SPDX-License-Identifier: GPL-2.0-only
/* Start, reload and refresh, as a whole. */
#include "rld/change/reload.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "conf/grammar/list_file.h"
#include "rl/proto.h"
#include "rld/change/apply.h"
#include "rld/change/held.h"
#include "rld/change/list_files.h"
#include "rld/change/outlook.h"
#include "rld/loop/log.h"
#include "rld/loop/notify.h"
#include "rld/persist/lists_kept.h"
#include "rld/persist/persist_shot.h"
#include "rld/request/access.h"

#define LIMITS_FEW 100 /* whose statements the loop itself writes; a thousand take 30 ms */

static int load_files(const struct rld *rld, struct conf *into, __s64 now_s, FILE *notices,
		      struct diag *d)
{
	if (rld->options.config)
		return conf_load(into, rld->options.config, NULL, false, now_s, notices, d);
	return conf_load(into, RL_CONFIG, RL_CONFIG_DIR, true, now_s, notices, d);
}

int rld_load_files_at(const struct rld *rld, struct conf *into, __s64 now_s, struct diag *d)
{
	return load_files(rld, into, now_s, stderr, d);
}

/* To the log, and as a list of lines. */
static json_t *take_notices(char *text)
{
	json_t *list = json_array();
	const char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		log_line("%s", line);
		json_array_append_new(list, json_string(line));
	}
	return list;
}

int reload_read_files(const struct rld *rld, const struct clock *clock, struct conf **ret,
		      char **ret_notices, struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *files = conf_new();
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!files || !out) {
		if (out)
			fclose(out);
		return diag_errno(d, ENOMEM, "cannot read the configuration");
	}
	err = load_files(rld, files, clock_now_s(clock), out, d);
	if (!err && conf_read_lists(files, out))
		err = diag_errno(d, ENOMEM, "cannot read the lists");
	fclose(out);
	if (err)
		return err;
	*ret_notices = TAKE_PTR(text);
	*ret = TAKE_PTR(files);
	return 0;
}

/* Remembers what the files say, for `status` and `save`. Takes them over. */
static void set_files(struct rld *rld, struct conf *files)
{
	conf_free(rld->files);
	rld->files = files;
	rld->version++;
}

int reload_read(struct rld *rld, struct conf **ret, struct diag *d)
{
	_cleanup_free_ char *notices = NULL;
	int err = reload_read_files(rld, &rld->clock, ret, &notices, d);

	if (!err)
		json_decref(take_notices(notices));
	return err;
}

/* The allow list comes before the rules, a long deny list after them. */
static void choose_lists(struct rld *rld, const struct conf *cand, struct lists_fill *lists)
{
	lists->renew[DP_SET_ALLOW] = lists->renew[DP_SET_DENY] = true;
	rld->lists_stale = lists_fill_is_long(lists, cand);
	lists->renew[DP_SET_DENY] = !rld->lists_stale;
}

int reload_start(struct rld *rld, struct conf *cand, const char *source, struct diag *d)
{
	struct lists_fill lists = {0};
	const struct apply_how how = {.source = source, .lenient = true, .lists = &lists};
	/* The guard looks at it later (check.h). */
	json_auto_t *outlook = outlook_of(rld, NULL, cand, json_array());
	int err;

	outlook_log(outlook);
	choose_lists(rld, cand, &lists);
	err = lists_fill_begin(rld, &lists, d);
	if (!err)
		err = lists_fill_run(&lists, cand, d);
	if (!err)
		err = apply_conf(rld, cand, &how, d);
	lists_fill_end(&lists);
	if (err)
		return err;
	if (rld->config.reload_ok)
		rld->config.reload_wall_ns = time_wall_ns();
	return 0;
}

void reload_take(struct rld *rld, struct conf *files, char *notices)
{
	json_decref(take_notices(notices));
	set_files(rld, files);
}

static int begin_reload(struct job *job)
{
	notify_reloading();
	access_refresh();
	job->began = true;
	job->lists.clock = job->rld->clock;
	return job_copy(job);
}

/* A thread's. */
static int read_all(struct job *job)
{
	const struct rld *rld = job->rld;
	const struct clock *clock = &job->lists.clock;
	int err = reload_read_files(rld, clock, &job->files, &job->notices, &job->d);

	if (err)
		return err;
	job->cand = conf_copy(job->files);
	if (!job->cand || conf_lend_lists(job->cand, job->before))
		return diag_errno(&job->d, ENOMEM, "cannot reload");
	err = lists_carry_timed(clock, job->cand, job->before, &job->d);
	if (!err)
		lists_compare(rld->held || rld->lists_stale ? NULL : job->before, job->cand,
			      &job->lists);
	return err;
}

static bool always(const struct job *job)
{
	return true;
}

/* With --yes for what there is to warn of. */
static int ask_guard(struct job *job)
{
	return job_ask_guard(job, job->rld->held ? NULL : job->before);
}

static int weigh(struct job *job)
{
	struct rld *rld = job->rld;
	json_auto_t *notices = take_notices(job->notices);
	json_t *warnings = NULL;
	int err = job_hear_guard(job, &warnings);

	if (err && !job->first->yes) {
		diag_hint(&job->d, "`rlctl --yes reload` if it is meant; `rld --detach` on the "
				   "machine's console undoes everything");
		job->outlook = json_pack("{s:o}", "warnings", warnings);
		return err;
	}
	job->outlook = outlook_of(rld, rld->held ? NULL : rld->conf, job->cand, warnings);
	json_object_set(job->outlook, "notices", notices);
	return lists_fill_begin(rld, &job->lists, &job->d);
}

static int put_files(struct job *job)
{
	struct rld *rld = job->rld;
	const struct apply_how how = {.source = "files", .by_name = true, .lists = &job->lists};
	int err = apply_conf(rld, job->cand, &how, &job->d);

	if (err)
		return err;
	job->cand = NULL; /* rld->conf now */
	job->applied = true;
	set_files(rld, TAKE_PTR(job->files));
	outlook_done(rld, job->outlook);
	list_files_tell(rld);
	if (rld->held)
		held_end(rld);
	job->shot = persist_files_begin(rld->persist);
	return 0;
}

/* A thread's. */
static int keep(struct job *job)
{
	if (job->shot)
		persist_shot_write(job->shot);
	lists_kept_write(job->rld->options.state_dir, job->rld->conf, job->before);
	return 0;
}

static bool much_to_keep(const struct job *job)
{
	const struct conf *conf = job->rld->conf;

	return conf->limits > LIMITS_FEW || list_files_in(conf) ||
	       conf_allow(conf)->count + conf_deny(conf)->count > LISTS_FEW;
}

static int kept(struct job *job)
{
	struct rld *rld = job->rld;

	persist_files_end(rld->persist, TAKE_PTR(job->shot));
	persist_tell(rld->persist, job->outlook);
	return 0;
}

const struct job_step reload_steps[] = {
	{begin_reload, NULL}, {read_all, always},
	{ask_guard, NULL},    {job_guard, job_guard_is_long},
	{weigh, NULL},	      {job_fill, job_fill_is_long},
	{put_files, NULL},    {keep, much_to_keep},
	{kept, NULL},	      {0},
};

void reload_end(struct job *job, int err)
{
	struct rld *rld = job->rld;

	notify_ready();
	rld->config.reload_ok = !err;
	if (err) {
		if (job->d.file[0])
			job->d.kind = DIAG_CONFIG;
		log_line("reload failed, the old configuration goes on");
		return;
	}
	rld->config.reload_wall_ns = time_wall_ns();
	log_line("configuration reloaded");
	outlook_log(job->outlook);
}

static int copy_work(struct job *job)
{
	struct rld *rld = job->rld;

	job->nothing = rld->held;
	if (job->nothing)
		return 0;
	job->cand = conf_copy(rld->conf);
	if (!job->cand)
		return diag_errno(&job->d, ENOMEM, "cannot compile the rules anew");
	job->lists.renew[DP_SET_ALLOW] = job->lists.renew[DP_SET_DENY] = rld->lists_stale;
	return lists_fill_begin(rld, &job->lists, &job->d);
}

static int put_again(struct job *job)
{
	const struct apply_how how = {
		.source = job->rld->config.source, .lenient = true, .lists = &job->lists};
	int err = job->nothing ? 0 : apply_conf(job->rld, job->cand, &how, &job->d);

	if (!err)
		job->cand = NULL; /* rld->conf now */
	return err;
}

const struct job_step refresh_steps[] = {
	{copy_work, NULL},
	{job_fill, job_fill_is_long},
	{put_again, NULL},
	{0},
};
