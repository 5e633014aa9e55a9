// SPDX-License-Identifier: GPL-2.0-only
/* Start, reload and refresh, as a whole. */
#include "rld/change/reload.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rl/proto.h"
#include "rld/change/apply.h"
#include "rld/change/held.h"
#include "rld/change/lists.h"
#include "rld/change/outlook.h"
#include "rld/guard/guard.h"
#include "rld/loop/log.h"
#include "rld/loop/notify.h"
#include "rld/persist/persist.h"
#include "rld/request/access.h"

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

/* `ret_notices` may be NULL: then they are in the log alone. */
static int load_new(const struct rld *rld, struct conf **ret, json_t **ret_notices, struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *files = conf_new();
	_cleanup_free_ char *text = NULL;
	json_auto_t *notices = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!files || !out) {
		if (out)
			fclose(out);
		return diag_errno(d, ENOMEM, "cannot read the configuration");
	}
	err = load_files(rld, files, clock_now_s(&rld->clock), out, d);
	fclose(out);
	if (err)
		return err;
	notices = take_notices(text);
	if (ret_notices)
		*ret_notices = TAKE_PTR(notices);
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
	return load_new(rld, ret, NULL, d);
}

int reload_start(struct rld *rld, struct conf *cand, const char *source, struct diag *d)
{
	const struct apply_how how = {.source = source, .lenient = true, .lists = true};
	const struct guard_change change = {.new = cand};
	json_auto_t *outlook = outlook_of(rld, &change, NULL);
	int err;

	outlook_log(outlook);
	err = apply_conf(rld, cand, &how, d);
	if (err)
		return err;
	if (rld->config.reload_ok)
		rld->config.reload_wall_ns = time_wall_ns();
	return 0;
}

/* Without objections `ret` is their empty list, else the report. */
static int object(const struct rld *rld, const struct guard_change *change, json_t **ret,
		  struct diag *d)
{
	json_t *warnings;
	int err = guard_check(rld, change, &warnings, d);

	*ret = err ? json_pack("{s:o}", "warnings", warnings) : warnings;
	if (!err)
		return 0;
	diag_hint(d, "`rlctl --yes reload` if it is meant; `rld --detach` on the machine's "
		     "console undoes everything");
	return err;
}

static int make_real(struct rld *rld, struct conf *files, const struct reload_how *how,
		     json_t **ret, struct diag *d)
{
	struct apply_how apply = {.source = "files", .by_name = true};
	_cleanup_(conf_free_ptr) struct conf *cand = conf_copy(files);
	const struct guard_change change = {
		.old = rld->held ? NULL : rld->conf, .new = cand, .clients = &how->clients};
	json_auto_t *outlook = NULL;
	json_t *warnings = NULL;
	int err = cand ? lists_carry_timed(rld, cand, rld->conf, d)
		       : diag_errno(d, ENOMEM, "cannot reload");

	if (!err && !how->yes)
		err = object(rld, &change, &warnings, d);
	if (err) {
		*ret = warnings;
		return err;
	}
	outlook = outlook_of(rld, &change, warnings);
	apply.lists = rld->held || !conf_list_equal(&rld->conf->allow, &cand->allow) ||
		      !conf_list_equal(&rld->conf->deny, &cand->deny);
	err = apply_conf(rld, cand, &apply, d);
	if (err)
		return err;
	cand = NULL; /* rld->conf now */
	outlook_done(rld, outlook);
	*ret = TAKE_PTR(outlook);
	return 0;
}

static int load_and_apply(struct rld *rld, const struct reload_how *how, json_t **ret,
			  struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *files = NULL;
	json_auto_t *notices = NULL;
	int err = load_new(rld, &files, &notices, d);

	if (err)
		return err;
	err = make_real(rld, files, how, ret, d);
	if (err)
		return err;
	json_object_set(*ret, "notices", notices);
	set_files(rld, TAKE_PTR(files));
	return 0;
}

int reload_files(struct rld *rld, const struct reload_how *how, json_t **ret, struct diag *d)
{
	int err;

	notify_reloading();
	access_refresh();
	err = load_and_apply(rld, how, ret, d);
	notify_ready();
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
	if (rld->held)
		held_end(rld);
	persist_files_decide(rld->persist);
	persist_tell(rld->persist, *ret);
	log_line("configuration reloaded");
	outlook_log(*ret);
	return 0;
}

int reload_look(struct rld *rld, struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *files = NULL;
	int err = load_new(rld, &files, NULL, d);

	if (!err)
		set_files(rld, TAKE_PTR(files));
	return err;
}

int reload_refresh(struct rld *rld, struct diag *d)
{
	const struct apply_how how = {.source = rld->config.source, .lenient = true};
	struct conf *cand;
	int err;

	if (rld->held)
		return 0;
	cand = conf_copy(rld->conf);
	if (!cand)
		return diag_errno(d, ENOMEM, "cannot compile the rules anew");
	err = apply_conf(rld, cand, &how, d);
	if (err)
		conf_free(cand);
	return err;
}
