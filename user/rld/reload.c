// SPDX-License-Identifier: GPL-2.0-only
/* Start, reload and refresh. */
#include "rld/reload.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rl/proto.h"
#include "rld/apply.h"
#include "rld/guard.h"
#include "rld/lists.h"
#include "rld/log.h"
#include "rld/persist.h"

int rld_load_files_at(const struct rld *rld, struct conf *into, __s64 now_s, struct diag *d)
{
	if (rld->options.config)
		return conf_load(into, rld->options.config, NULL, false, now_s, stderr, d);
	return conf_load(into, RL_CONFIG, RL_CONFIG_DIR, true, now_s, stderr, d);
}

int rld_load_files(const struct rld *rld, struct conf *into, struct diag *d)
{
	return rld_load_files_at(rld, into, time_wall_ns() / (__s64)TIME_NS, d);
}

static void free_conf(struct conf **conf)
{
	conf_free(*conf);
}

static int load_new(const struct rld *rld, struct conf **ret, struct diag *d)
{
	_cleanup_(free_conf) struct conf *files = conf_new();
	int err;

	if (!files)
		return diag_errno(d, ENOMEM, "cannot read the configuration");
	err = rld_load_files(rld, files, d);
	if (!err)
		*ret = TAKE_PTR(files);
	return err;
}

/* Remembers what the files say, for `status` and `save`. */
static int set_files(struct rld *rld, const struct conf *files, struct diag *d)
{
	struct conf *copy = conf_copy(files);

	if (!copy)
		return diag_errno(d, ENOMEM, "cannot read the configuration");
	conf_free(rld->files);
	rld->files = copy;
	rld->version++;
	return 0;
}

int reload_initial(struct rld *rld, struct conf **ret, const char **ret_source, struct diag *d)
{
	_cleanup_(free_conf) struct conf *running = conf_new();
	_cleanup_(free_conf) struct conf *files = NULL;
	bool all = false;
	int found = running ? persist_load(rld->options.state_dir, running, &all, d) : -ENOMEM;
	int err = load_new(rld, &files, d);

	rld->config.reload_ok = !err;
	if (err && !(found == 0 && all))
		return err;
	if (err)
		log_diag(d); /* the running statements go on; the next reload will say it again */
	else
		err = set_files(rld, files, d);
	if (found == 0 && all) {
		log_line("going on with the running statements of %s; `rlctl reload` returns to "
			 "the files",
			 rld->options.state_dir);
		*ret_source = "commands";
		*ret = TAKE_PTR(running);
		return 0;
	}
	if (!err && found == 0)
		err = lists_carry_timed(files, running, d);
	if (err)
		return err;
	*ret_source = "files";
	*ret = TAKE_PTR(files);
	return 0;
}

int reload_start(struct rld *rld, struct conf *cand, const char *source, struct diag *d)
{
	const struct apply_how how = {.source = source, .lenient = true, .lists = true};
	const struct guard_change change = {.new = cand};
	int err;

	if (guard_check(rld, &change, d))
		log_line("warning: %s", d->message);
	err = apply_conf(rld, cand, &how, d);
	if (err)
		return err;
	if (rld->config.reload_ok)
		rld->config.reload_wall_ns = time_wall_ns();
	return 0;
}

static int make_real(struct rld *rld, struct conf *files, struct diag *d)
{
	struct apply_how how = {.source = "files"};
	struct conf *cand = conf_copy(files);
	const struct guard_change change = {.old = rld->conf, .new = cand};
	int err = cand ? lists_carry_timed(cand, rld->conf, d)
		       : diag_errno(d, ENOMEM, "cannot reload");

	if (err) {
		conf_free(cand);
		return err;
	}
	if (guard_check(rld, &change, d))
		log_line("warning: %s", d->message);
	how.lists = !lists_equal(&rld->conf->allow, &cand->allow) ||
		    !lists_equal(&rld->conf->deny, &cand->deny);
	err = apply_conf(rld, cand, &how, d);
	if (err)
		conf_free(cand);
	return err;
}

int reload_files(struct rld *rld, struct diag *d)
{
	_cleanup_(free_conf) struct conf *files = NULL;
	int err = load_new(rld, &files, d);

	if (!err)
		err = make_real(rld, files, d);
	if (err == -EAGAIN)
		return err;
	rld->config.reload_ok = !err;
	if (err) {
		if (d->file[0])
			d->kind = DIAG_CONFIG;
		log_line("reload failed, the old configuration goes on");
		return err;
	}
	rld->config.reload_wall_ns = time_wall_ns();
	persist_files_decide(rld->persist);
	log_line("configuration reloaded");
	return set_files(rld, files, d);
}

int reload_refresh(struct rld *rld, struct diag *d)
{
	const struct apply_how how = {.source = rld->config.source, .lenient = true};
	struct conf *cand = conf_copy(rld->conf);
	int err;

	if (!cand)
		return diag_errno(d, ENOMEM, "cannot compile the rules anew");
	err = apply_conf(rld, cand, &how, d);
	if (err)
		conf_free(cand);
	return err;
}
