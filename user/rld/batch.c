// SPDX-License-Identifier: GPL-2.0-only
/* One batch of statements: candidate, guard, lists in place, rule set, log. */
#include "rld/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rld/apply.h"
#include "rld/clear.h"
#include "rld/event.h"
#include "rld/guard.h"
#include "rld/ifaces.h"
#include "rld/lists.h"
#include "rld/log.h"
#include "rld/outlook.h"
#include "rld/persist.h"
#include "rld/sink.h"

static bool is_entry(const struct change *change)
{
	return change->what.kind == CONF_CHANGE_ALLOW || change->what.kind == CONF_CHANGE_DENY;
}

/* An interface that was renamed can be detached by the name it has now. If another has its former
 * name meanwhile, and is attached by that, the configuration stays: only the link has to go. */
static bool detach_renamed(struct rld *rld, const struct conf *cand, struct change *change)
{
	struct request *request = &change->request;
	struct dp_iface other;
	const char *as;

	if (request->words != 2 || strcmp(request->word[0], "detach"))
		return false;
	as = ifaces_attached_as(rld, cand, request->word[1]);
	if (as && ifaces_get(rld->dp, as, &other)) {
		ifaces_let_go(rld, request->word[1]);
		change->what.kind = CONF_CHANGE_DETACH;
		snprintf(change->what.name, sizeof(change->what.name), "%s", request->word[1]);
		return true;
	}
	if (as) {
		char *word = strdup(as);

		free(word ? request->word[1] : NULL);
		request->word[1] = word ? word : request->word[1];
	}
	return false;
}

static void apply_words(struct rld *rld, struct conf *cand, struct change *first, size_t count,
			__s64 now_s)
{
	for (struct change *change = first; count--; change = change->next) {
		struct request *request = &change->request;

		if (detach_renamed(rld, cand, change))
			continue;
		change->err = conf_apply(cand, request->word, request->words, now_s, &change->what,
					 &change->d);
		if (change->err)
			change->what.kind = CONF_CHANGE_NONE;
	}
}

/* What the changes of a batch need together. */
struct needs {
	bool anything;
	bool rules; /* a new rule set */
	bool guard;
};

static struct needs needs_of(const struct rld *rld, const struct conf *cand,
			     const struct change *first, size_t count)
{
	struct needs needs = {0};

	for (const struct change *change = first; count--; change = change->next) {
		if (change->err || change->what.kind == CONF_CHANGE_NONE)
			continue;
		needs.anything = true;
		needs.rules |= !is_entry(change);
		needs.guard |= !change->request.yes;
	}
	needs.rules |= !rld->conf->allow.count != !cand->allow.count;
	needs.rules |= !rld->conf->deny.count != !cand->deny.count;
	return needs;
}

static int sync_entry(struct rld *rld, const struct conf *conf, const struct change *change,
		      struct diag *d)
{
	bool allow = change->what.kind == CONF_CHANGE_ALLOW;
	const struct conf_list *list = allow ? &conf->allow : &conf->deny;
	const struct conf_list *now = allow ? &rld->conf->allow : &rld->conf->deny;
	struct addr_prefix prefix;

	/* An empty set is filled, and a set emptied, by the rule set. */
	if (!list->count || !now->count)
		return 0;
	if (addr_parse_prefix(change->what.name, strlen(change->what.name), &prefix))
		return diag_set(d, DIAG_FAILED, "no prefix: %s", change->what.name);
	return lists_sync(rld, allow ? DP_SET_ALLOW : DP_SET_DENY, list, &prefix, d);
}

static void undo_entries(struct rld *rld, const struct change *first, size_t count)
{
	struct diag d;

	for (const struct change *change = first; count--; change = change->next)
		if (!change->err && is_entry(change) && sync_entry(rld, rld->conf, change, &d))
			log_diag(&d);
}

static int sync_entries(struct rld *rld, const struct conf *cand, struct change *first,
			size_t count)
{
	struct diag d;
	int err = 0;

	for (const struct change *change = first; count-- && !err; change = change->next)
		if (!change->err && is_entry(change))
			err = sync_entry(rld, cand, change, &d);
	if (err)
		first->d = d;
	return err;
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

static int ask_guard(struct rld *rld, const struct conf *cand, struct change *first, size_t count)
{
	_cleanup_(peers_done) struct peers clients = {0};
	const struct guard_change what = {.old = rld->conf, .new = cand, .clients = &clients};
	bool alone = count == 1;
	int err;

	for (const struct change *change = first; count--; change = change->next)
		if (change->request.session.port && peers_add(&clients, &change->request.session))
			return diag_errno(&first->d, ENOMEM, "cannot apply the change");
	err = guard_check(rld, &what, &first->d);
	if (err && alone)
		first->report = json_pack("{s:o}", "warnings", guard_objections(rld, &what));
	return err;
}

static int make_real(struct rld *rld, struct conf *cand, struct change *first, size_t count)
{
	struct needs needs = needs_of(rld, cand, first, count);
	const struct apply_how how = {.source = "commands"};
	int err = 0;

	if (!needs.anything) {
		conf_free(cand);
		return 0;
	}
	if (memcmp(cand->options.log, rld->conf->options.log, sizeof(cand->options.log)))
		err = sinks_check(&cand->options, &first->d);
	if (!err && needs.guard)
		err = ask_guard(rld, cand, first, count);
	if (err)
		return err;
	err = sync_entries(rld, cand, first, count);
	if (!err && needs.rules)
		err = apply_conf(rld, cand, &how, &first->d);
	else if (!err)
		put_in_place(rld, cand);
	if (err)
		undo_entries(rld, first, count);
	return err;
}

static void tell_ban(struct rld *rld, const struct change *change)
{
	bool ban = !strcmp(change->request.word[0], "ban");
	struct addr_prefix prefix;
	json_t *body;

	if ((!ban && strcmp(change->request.word[0], "unban")) ||
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
	if (!strcmp(change->request.word[0], "set-option") &&
	    outlook_waits(rld, rld->conf, what->name))
		add_wait(rld, what->name, data);
	if (what->warning[0])
		json_set_text(data, "warning", what->warning);
	return data;
}

/* `unban` ends the bans that limits gave, too, whether the address was on the list or not, and is
 * answered when that is done. */
static void lift_bans(struct rld *rld, struct change *change)
{
	const struct request *r = &change->request;
	struct addr_prefix prefix;
	json_t *data;

	if (r->words != 2 || strcmp(r->word[0], "unban") ||
	    addr_parse_prefix(r->word[1], strlen(r->word[1]), &prefix))
		return;
	data = describe(rld, change);
	json_set_text(data, "name", r->word[1]);
	change->answers_later = clear_bans(rld, &prefix, r->answer, data) && r->answer;
}

/* In the kernel now: into the log, before anybody is told. */
static void remember(struct rld *rld, struct change *first, size_t count)
{
	for (struct change *change = first; count--; change = change->next) {
		if (!change->err)
			lift_bans(rld, change);
		if (change->err || change->what.kind == CONF_CHANGE_NONE)
			continue;
		persist_command(rld->persist, change->request.word, change->request.words);
		tell_ban(rld, change);
	}
}

int batch_run(struct rld *rld, struct change *first, size_t count)
{
	struct conf *cand;
	__s64 now_s;
	int err;

	lists_follow_clock(rld);
	now_s = clock_now_s(&rld->clock);
	cand = conf_copy(rld->conf);
	if (!cand)
		return first->err = diag_errno(&first->d, ENOMEM, "cannot apply the change");
	apply_words(rld, cand, first, count, now_s);
	err = make_real(rld, cand, first, count);
	if (!err) {
		remember(rld, first, count);
		return 0;
	}
	conf_free(cand);
	first->err = err;
	return err;
}

static void tell(struct rld *rld, const struct change *change)
{
	char text[2048];
	json_t *body;

	body = json_pack("{s:{s:s}, s:{s:s}, s:{s:i}, s:{s:s}}", "event", "outcome",
			 change->err ? "failure" : "success", "user", "id", "", "process", "pid",
			 (int)change->request.access.pid, "rld", "command",
			 request_text(&change->request, text, sizeof(text)));
	snprintf(text, sizeof(text), "%u", change->request.access.uid);
	json_set_text(json_object_get(body, "user"), "id", text);
	if (change->err)
		json_set_text(json_object_get(body, "rld"), "error", change->d.message);
	events_emit(rld->events, EVENT_CONTROL, body, NULL);
}

void batch_answer(struct rld *rld, struct change *change)
{
	if (change->err && change->kind != CHANGE_STATEMENT)
		log_diag(&change->d);
	if (change->request.answer) {
		tell(rld, change);
		if (change->err)
			answer_error_more(change->request.answer, &change->d, change->report);
		else if (!change->answers_later)
			answer_data(change->request.answer, change->kind == CHANGE_RELOAD
								    ? TAKE_PTR(change->report)
								    : describe(rld, change));
	}
	json_decref(change->report);
	request_done(&change->request);
	free(change);
}
