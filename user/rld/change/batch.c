// SPDX-License-Identifier: GPL-2.0-only
/* One batch of statements: candidate, guard, lists in place, rule set, log. */
#include "rld/change/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "base/words.h"
#include "conf/grammar/grammar.h"
#include "rld/change/apply.h"
#include "rld/change/batch_entries.h"
#include "rld/change/clear.h"
#include "rld/change/list_files.h"
#include "rld/change/lists.h"
#include "rld/change/outlook.h"
#include "rld/events/event.h"
#include "rld/events/sink.h"
#include "rld/links/ifaces.h"
#include "rld/loop/log.h"
#include "rld/persist/persist.h"

/* An interface that was renamed can be detached by the name it has now. If another has its former
 * name meanwhile, and is attached by that, the configuration stays: only the link has to go. */
static bool detach_renamed(struct rld *rld, const struct conf *cand, struct change *change)
{
	struct dp_iface other;
	const char *as;

	if (change->words != 2 || strcmp(change->word[0], "detach"))
		return false;
	as = ifaces_attached_as(rld, cand, change->word[1]);
	if (as && ifaces_get(rld->dp, as, &other)) {
		ifaces_let_go(rld, change->word[1]);
		change->what.kind = CONF_CHANGE_DETACH;
		snprintf(change->what.name, sizeof(change->what.name), "%s", change->word[1]);
		return true;
	}
	if (as) {
		char *word = strdup(as);

		free(word ? change->word[1] : NULL);
		change->word[1] = word ? word : change->word[1];
	}
	return false;
}

static void apply_words(struct rld *rld, struct conf *cand, struct change *first, size_t count,
			__s64 now_s)
{
	for (struct change *change = first; count--; change = change->next) {
		if (detach_renamed(rld, cand, change))
			continue;
		change->err = conf_apply(cand, change->word, change->words, now_s, &change->what,
					 &change->d);
		if (change->err)
			change->what.kind = CONF_CHANGE_NONE;
	}
}

/* What the changes of a batch need together. */
static void find_needs(struct job *job, bool *ret_guard)
{
	const struct change *change = job->first;

	*ret_guard = false;
	job->nothing = true;
	for (size_t i = 0; i < job->count; i++, change = change->next) {
		if (change->err || change->what.kind == CONF_CHANGE_NONE)
			continue;
		job->nothing = false;
		job->rules |= !batch_is_entry(change);
		*ret_guard |= !change->yes;
	}
	batch_choose_lists(job);
	job->rules |= job->lists.renew[DP_SET_ALLOW] || job->lists.renew[DP_SET_DENY];
}

static void put_in_place(struct rld *rld, struct conf *cand)
{
	struct conf *old = rld->conf;

	rld->conf = cand;
	rld->config.source = "commands";
	rld->config.applied_wall_ns = time_wall_ns();
	rld_limits_changed(rld);
	conf_free(old);
}

static int check_sinks(struct job *job)
{
	const struct rld *rld = job->rld;
	const struct conf_options *const known[] = {&rld->conf->options, &rld->files->options};
	const struct conf_options *new = &job->cand->options;
	const struct change *change = job->first;
	bool by_root = true;
	int err = 0;

	if (!memcmp(new->log, rld->conf->options.log, sizeof(new->log)))
		return 0;
	for (size_t i = 0; i < job->count; i++, change = change->next)
		by_root &= change->access.uid == 0 || change->access.uid == geteuid();
	if (!by_root)
		err = sinks_check_place(new, known, &job->d);
	return err ? err : sinks_check(new, &job->d);
}

static void tell_ban(struct rld *rld, const struct change *change)
{
	bool ban = !strcmp(change->word[0], "ban");
	struct addr_prefix prefix;
	json_t *body;

	if ((!ban && strcmp(change->word[0], "unban")) ||
	    addr_parse_prefix(change->what.name, strlen(change->what.name), &prefix))
		return;
	body = json_pack("{s:{s:s}, s:{s:s, s:s, s:{s:s}}}", "source", "ip", change->what.name,
			 "rld", "list", "deny", "ban", "by hand", "key", "source",
			 change->what.name);
	events_emit(rld->events, ban ? EVENT_BANNED : EVENT_UNBANNED, body, &prefix);
}

static void add_wait(const struct rld *rld, const char *option, json_t *into)
{
	char text[384];

	snprintf(text, sizeof(text), "%s acts after a restart of rld; until then it is %u", option,
		 dp_sources_max(rld->dp));
	json_set_bool(into, "needs_restart", true);
	json_set_text(into, "warning", text);
}

static json_t *describe(struct rld *rld, const struct change *change)
{
	const struct conf_change *what = &change->what;
	json_t *data = json_object();

	json_set_bool(data, "changed", what->kind != CONF_CHANGE_NONE);
	if (what->kind == CONF_CHANGE_ATTACH)
		ifaces_describe(rld, what->name, data);
	else if (what->name[0])
		json_set_text(data, "name", what->name);
	if (what->kind == CONF_CHANGE_LIMIT) {
		json_set_bool(data, "replaced", what->replaced);
		json_set_bool(data, "counts_kept", what->counts_kept);
	}
	if (!strcmp(change->word[0], "set-option") && outlook_waits(rld, rld->conf, what->name))
		add_wait(rld, what->name, data);
	if (what->warning[0])
		json_set_text(data, "warning", what->warning);
	persist_tell(rld->persist, data);
	return data;
}

/* `unban` ends the bans that limits gave, too, whether the address was on the list or not, and is
 * answered when that is done. */
static void lift_bans(struct rld *rld, struct change *change)
{
	struct addr_prefix prefix;
	json_t *data;

	if (change->words != 2 || strcmp(change->word[0], "unban") ||
	    addr_parse_prefix(change->word[1], strlen(change->word[1]), &prefix))
		return;
	data = describe(rld, change);
	json_set_text(data, "name", change->word[1]);
	change->answers_later = clear_bans(rld, &prefix, change->answer, data) && change->answer;
}

/* In the kernel now: into the log, before anybody is told. */
static void remember(struct rld *rld, struct change *first, size_t count)
{
	for (struct change *change = first; count--; change = change->next) {
		bool changed = !change->err && change->what.kind != CONF_CHANGE_NONE;

		if (changed)
			persist_command(rld->persist, change->word, change->words);
		if (!change->err)
			lift_bans(rld, change);
		if (changed)
			tell_ban(rld, change);
	}
}

static int plan(struct job *job)
{
	struct rld *rld = job->rld;
	bool guard;
	int err;

	lists_follow_clock(rld);
	err = job_copy(job);
	job->cand = err ? NULL : conf_copy(job->before);
	if (!job->cand)
		return diag_errno(&job->d, ENOMEM, "cannot apply the change");
	apply_words(rld, job->cand, job->first, job->count, clock_now_s(&rld->clock));
	if (list_files_take(job))
		return -ENOMEM;
	find_needs(job, &guard);
	if (job->nothing)
		return 0;
	err = check_sinks(job);
	if (!err && guard)
		err = job_ask_guard(job, job->before);
	return err;
}

/* After the guard has looked. */
static int weigh(struct job *job)
{
	json_auto_t *objections = NULL;
	int err = job_hear_guard(job, &objections);

	if (err && job->count == 1)
		job->first->report = json_pack("{s:O}", "warnings", objections);
	if (err || job->nothing)
		return err;
	return lists_fill_begin(job->rld, &job->lists, &job->d);
}

static int make_real(struct job *job)
{
	struct rld *rld = job->rld;
	const struct apply_how how = {.source = "commands", .lists = &job->lists};
	int err = batch_sync_entries(job);

	if (!err && job->rules)
		err = apply_conf(rld, job->cand, &how, &job->d);
	else if (!err)
		put_in_place(rld, job->cand);
	if (err)
		batch_undo_entries(job);
	else
		job->cand = NULL; /* rld->conf now */
	return err;
}

static int put(struct job *job)
{
	int err = job->nothing ? 0 : make_real(job);

	if (err)
		return err;
	remember(job->rld, job->first, job->count);
	job->applied = true;
	return 0;
}

const struct job_step batch_steps[] = {
	{list_files_fetch, list_files_are_named},
	{plan, NULL},
	{job_guard, job_guard_is_long},
	{weigh, NULL},
	{job_fill, job_fill_is_long},
	{put, NULL},
	{list_files_keep, list_files_were_fetched},
	{0},
};

static void tell(struct rld *rld, const struct change *change)
{
	char text[2048];

	events_emit_control(rld->events, &change->access,
			    words_text(change->word, change->words, text, sizeof(text)),
			    change->err ? change->d.message : NULL);
}

void change_free(struct change *change)
{
	json_decref(change->report);
	words_free(change->word);
	free(change->config);
	free(change);
}

void batch_answer(struct rld *rld, struct change *change)
{
	bool changes = change->kind != CHANGE_CHECK && change->kind != CHANGE_LOOK;

	if (change->err && changes && change->kind != CHANGE_STATEMENT)
		log_diag(&change->d);
	if (change->answer) {
		if (changes)
			tell(rld, change);
		if (change->err)
			answer_error_more(change->answer, &change->d, change->report);
		else if (!change->answers_later)
			answer_data(change->answer, change->kind == CHANGE_STATEMENT
							    ? describe(rld, change)
							    : TAKE_PTR(change->report));
	}
	change_free(change);
}
