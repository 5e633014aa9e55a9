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
#include "rld/change/lists.h"
#include "rld/change/outlook.h"
#include "rld/events/event.h"
#include "rld/events/sink.h"
#include "rld/guard/guard.h"
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
		needs.rules |= !batch_is_entry(change);
		needs.guard |= !change->yes;
	}
	needs.rules |= !rld->conf->allow.count != !cand->allow.count;
	needs.rules |= !rld->conf->deny.count != !cand->deny.count;
	return needs;
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
	json_auto_t *objections = NULL;
	bool alone = count == 1;
	int err;

	for (const struct change *change = first; count--; change = change->next) {
		struct peer session = peer_of_session(&change->session);

		if (session.port && peers_add(&clients, &session))
			return diag_errno(&first->d, ENOMEM, "cannot apply the change");
	}
	err = guard_check(rld, &what, &objections, &first->d);
	if (err && alone)
		first->report = json_pack("{s:O}", "warnings", objections);
	return err;
}

static int check_sinks(const struct rld *rld, const struct conf *cand, const struct change *first,
		       size_t count, struct diag *d)
{
	const struct conf_options *const known[] = {&rld->conf->options, &rld->files->options};
	bool by_root = true;
	int err = 0;

	if (!memcmp(cand->options.log, rld->conf->options.log, sizeof(cand->options.log)))
		return 0;
	for (const struct change *change = first; count--; change = change->next)
		by_root &= change->access.uid == 0 || change->access.uid == geteuid();
	if (!by_root)
		err = sinks_check_place(&cand->options, known, d);
	return err ? err : sinks_check(&cand->options, d);
}

static int make_real(struct rld *rld, struct conf *cand, struct change *first, size_t count)
{
	struct needs needs = needs_of(rld, cand, first, count);
	const struct apply_how how = {.source = "commands"};
	int err;

	if (!needs.anything) {
		conf_free(cand);
		return 0;
	}
	err = check_sinks(rld, cand, first, count, &first->d);
	if (!err && needs.guard)
		err = ask_guard(rld, cand, first, count);
	if (err)
		return err;
	err = batch_sync_entries(rld, cand, first, count);
	if (!err && needs.rules)
		err = apply_conf(rld, cand, &how, &first->d);
	else if (!err)
		put_in_place(rld, cand);
	if (err)
		batch_undo_entries(rld, first, count);
	return err;
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

	events_emit_control(rld->events, &change->access,
			    words_text(change->word, change->words, text, sizeof(text)),
			    change->err ? change->d.message : NULL);
}

void change_free(struct change *change)
{
	json_decref(change->report);
	words_free(change->word);
	free(change);
}

void batch_answer(struct rld *rld, struct change *change)
{
	if (change->err && change->kind != CHANGE_STATEMENT)
		log_diag(&change->d);
	if (change->answer) {
		tell(rld, change);
		if (change->err)
			answer_error_more(change->answer, &change->d, change->report);
		else if (!change->answers_later)
			answer_data(change->answer, change->kind == CHANGE_RELOAD
							    ? TAKE_PTR(change->report)
							    : describe(rld, change));
	}
	change_free(change);
}
