// SPDX-License-Identifier: GPL-2.0-only
/* Files or running statements, when rld starts. */
#include "rld/change/start.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "dp/trial.h"
#include "rld/change/held.h"
#include "rld/change/list_files.h"
#include "rld/change/lists.h"
#include "rld/change/reload.h"
#include "rld/events/event.h"
#include "rld/guard/guard.h"
#include "rld/loop/log.h"
#include "rld/persist/dropped.h"
#include "rld/persist/lists_kept.h"
#include "rld/persist/persist.h"

struct choice {
	struct rld *rld;
	const struct dp_pinned *pinned;
	struct persisted before;
	bool found;	    /* `before` is something */
	bool crashed;	    /* ... of an rld that did not stop properly */
	struct conf *files; /* owned; NULL: they have a mistake */
	struct diag mistake;
};

static void choice_done(struct choice *c)
{
	if (c->found)
		persisted_done(&c->before);
	conf_free(c->files);
}

static bool grew_from_these(const struct choice *c)
{
	char path[PATH_MAX];

	persist_config_path(c->rld, path);
	return c->before.head.hash == c->files->hash && !strcmp(c->before.head.path, path);
}

/* A reload that ended them may not have found room to say so in the state directory. */
static bool has_unsaved(const struct choice *c)
{
	bool over = c->pinned->enforcing && c->pinned->statements == PERSIST_FILES_ALONE;

	return c->found && c->before.same_boot && c->before.head.unsaved[0] && !over;
}

/* Logged now, told as an event when the sinks are open. */
static void refuse_files(struct choice *c, const struct diag *d)
{
	log_diag(d);
	log_line("the files are not taken up; going on with what was at work, kept in %s",
		 c->rld->options.state_dir);
	c->rld->config.start_action = EVENT_CONFIG_REFUSED;
	c->rld->config.start_event = json_pack("{s:{s:s}, s:{s:s}}", "event", "outcome", "failure",
					       "rld", "error", d->message);
}

/* Those that stand in the files now are not. */
static void tell_dropped(struct choice *c)
{
	json_t *list = dropped_list(c->files, c->before.conf, c->before.head.unsaved);
	const json_t *line;
	size_t i;

	if (!json_array_size(list)) {
		json_decref(list);
		return;
	}
	if (c->before.same_boot)
		log_line("the files are not those that the running statements grew from (%s), so "
			 "they decide; dropped:",
			 c->before.head.path);
	else
		log_line("the machine was booted, so the files decide; dropped:");
	json_array_foreach (list, i, line)
		log_line("    %s", json_string_value(line));
	c->rld->config.start_action = EVENT_STATEMENTS_DROPPED;
	c->rld->config.start_event = json_pack("{s:{s:o}}", "rld", "statements", list);
}

static int take_running(struct choice *c, struct conf **ret, const char **ret_source)
{
	*ret = TAKE_PTR(c->before.conf);
	c->rld->config.start_unsaved = TAKE_PTR(c->before.head.unsaved);
	*ret_source = "commands";
	return 0;
}

/* Before there is a data path: the trial is for this once. */
static bool guard_objects(const struct choice *c, const struct conf *cand, struct diag *d)
{
	const struct guard_change change = {.old = c->before.conf, .new = cand};
	int err = dp_trial_open(NULL, &c->rld->trial, d);

	if (!err)
		err = guard_check(c->rld, &change, NULL, d);
	dp_trial_close(TAKE_PTR(c->rld->trial));
	return err != 0;
}

static int take_files(struct choice *c, struct conf **ret, const char **ret_source, struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *cand = conf_copy(c->files);
	bool changed = c->found && !grew_from_these(c);
	struct diag objection;
	int err = cand ? 0 : diag_errno(d, ENOMEM, "cannot start");

	if (!err && c->found)
		err = lists_carry_timed(&c->rld->clock, cand, c->before.conf, d);
	if (err)
		return err;
	if (changed && c->crashed && guard_objects(c, cand, &objection)) {
		refuse_files(c, &objection);
		return take_running(c, ret, ret_source);
	}
	if (c->found)
		tell_dropped(c);
	*ret = TAKE_PTR(cand);
	*ret_source = "files";
	return 0;
}

static int hold(struct choice *c, struct conf **ret, struct diag *d)
{
	*ret = c->found ? TAKE_PTR(c->before.conf) : conf_new();
	return *ret ? 0 : diag_errno(d, ENOMEM, "cannot start");
}

static int choose(struct choice *c, struct conf **ret, const char **ret_source, struct diag *d)
{
	if (c->rld->held)
		return hold(c, ret, d);
	if (!c->files && c->crashed) {
		refuse_files(c, &c->mistake);
		return take_running(c, ret, ret_source);
	}
	if (!c->files) {
		*d = c->mistake;
		return -EINVAL;
	}
	if (!has_unsaved(c) || !grew_from_these(c))
		return take_files(c, ret, ret_source, d);
	log_line("going on with the running statements of %s; `rlctl reload` returns to the files",
		 c->rld->options.state_dir);
	return take_running(c, ret, ret_source);
}

int start_choose(struct rld *rld, const struct dp_pinned *pinned, struct conf **ret,
		 const char **ret_source, struct diag *d)
{
	_cleanup_(choice_done) struct choice c = {.rld = rld, .pinned = pinned};
	int err;

	c.found = persist_load(rld, &c.before) == 0;
	c.crashed = c.found && c.before.same_boot && rld->after_crash;
	rld->held = held_reason(pinned, c.found ? &c.before : NULL);
	rld->config.reload_ok = !reload_read(rld, &c.files, &c.mistake);
	if ((c.files && lists_kept_read(rld->options.state_dir, c.files)) ||
	    (c.found && lists_kept_read(rld->options.state_dir, c.before.conf)))
		return diag_errno(d, ENOMEM, "cannot read the lists");
	if (c.files && !(rld->files = conf_copy(c.files)))
		return diag_errno(d, ENOMEM, "cannot read the configuration");
	err = choose(&c, ret, ret_source, d);
	if (!err)
		lists_kept_write(rld->options.state_dir, *ret, NULL);
	if (!err && rld->config.start_action == EVENT_CONFIG_REFUSED)
		rld->config.reload_ok = false;
	return err;
}

void start_tell(struct rld *rld)
{
	json_t *body = TAKE_PTR(rld->config.start_event);

	if (body)
		events_emit(rld->events, rld->config.start_action, body, NULL);
	list_files_tell(rld);
}
