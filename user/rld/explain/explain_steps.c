// SPDX-License-Identifier: GPL-2.0-only
/* Steps as JSON: what came before the limits, then each limit with its windows. */
#include "rld/explain/explain_steps.h"

#include <string.h>

#include "base/names.h"
#include "conf/model/named.h"
#include "rld/sources/sources.h"

static const char *const stages[] = {"mode", "protected", "allow", "deny", "ban"};

enum stage explain_stage_of(const struct dp_explained *e)
{
	switch (e->reason) {
	case RL_REASON_NO_RULES:
	case RL_REASON_MODE_OFF:
		return STAGE_MODE;
	case RL_REASON_ALLOW_LIST:
		return STAGE_ALLOW;
	case RL_REASON_DENY_LIST:
		return STAGE_DENY;
	case RL_REASON_BANNED:
		return e->decided < 0 ? STAGE_BAN : STAGE_LIMITS;
	case RL_REASON_NO_LIMIT:
	case RL_REASON_UNDER_LIMIT:
	case RL_REASON_OVER_LIMIT:
	case RL_REASON_STATE_FULL:
		return STAGE_LIMITS;
	default:
		return STAGE_PROTECTED;
	}
}

static const struct rl_limit *limit_of(const struct explaining *x, size_t nth)
{
	return &dp_rules(x->rld->dp)->limit[x->e.limit[nth].index];
}

bool explain_is_default(const struct rl_limit *limit)
{
	return !strcmp(limit->name, "default");
}

static const char *stage_of_limit(const struct rl_limit *limit)
{
	return explain_is_default(limit) ? "default" : "limit";
}

static void set_end(json_t *into, __u64 until_ns, __u64 now_ns)
{
	json_set_mono(into, "until", until_ns);
	json_set_u64(into, "left_ns", until_ns > now_ns ? until_ns - now_ns : 0);
}

/* The entry of a list that decides. */
static const struct conf_entry *entry_of(const struct explaining *x, const struct conf_list *list)
{
	return conf_list_match(list, &x->packet.source, clock_now_s(&x->rld->clock));
}

static void describe_entry(const struct explaining *x, const struct conf_list *list, json_t *into)
{
	const struct conf *conf = x->rld->conf;
	const struct conf_entry *entry = entry_of(x, list);
	const struct conf_use *use =
		entry ? conf_use_of(conf, list == conf_deny(conf), entry) : NULL;
	char text[ADDR_TEXT];

	if (!entry)
		return;
	json_set_text(into, "prefix", addr_format_prefix(&entry->prefix, text));
	set_end(into, clock_mono(&x->rld->clock, entry->until_s), x->e.now_ns);
	if (use)
		json_set_text(into, "list", use->name);
	json_set_text(into, "comment", use ? use->how.comment : entry->comment);
}

/* By hand, which is asked first, or by a limit. */
static void describe_ban(const struct explaining *x, json_t *into)
{
	const struct conf_limit *by = rld_limit_by_id(x->rld, x->e.ban.limit_id);
	const struct conf_entry *entry = entry_of(x, conf_deny(x->rld->conf));
	char text[CONF_TEXT];

	if (entry && conf_entry_is_ban(entry)) {
		json_set_text(into, "ban", "by hand");
		describe_entry(x, conf_deny(x->rld->conf), into);
		return;
	}
	json_set_text(into, "limit", by ? by->abi.name : NULL);
	json_set_text(into, "ban", by ? conf_format_ban(&by->abi, text) : NULL);
	set_end(into, x->e.ban.until, x->e.now_ns);
}

/* What decides nothing has no outcome of its own; what comes behind the decision is not asked. */
static const char *outcome(const struct explaining *x, enum stage stage)
{
	enum stage decided = explain_stage_of(&x->e);

	if (stage != decided)
		return stage < decided ? "none" : "not_asked";
	return names_text(&names_verdict, x->e.verdict);
}

static json_t *stage_json(const struct explaining *x, enum stage stage)
{
	json_t *json = json_object();

	json_set_text(json, "stage", stages[stage]);
	json_set_text(json, "outcome", outcome(x, stage));
	if (stage == STAGE_MODE)
		json_set_text(json, "mode", names_text(&names_mode, x->rld->conf->mode));
	if (stage != explain_stage_of(&x->e))
		return json;
	if (stage == STAGE_PROTECTED)
		json_set_text(json, "reason", names_text(&names_reason, x->e.reason));
	else if (stage == STAGE_ALLOW)
		describe_entry(x, conf_allow(x->rld->conf), json);
	else if (stage == STAGE_DENY)
		describe_entry(x, conf_deny(x->rld->conf), json);
	else if (stage == STAGE_BAN)
		describe_ban(x, json);
	return json;
}

/* The counts of the source. Without room they are those of an overflow bucket, which knows no
 * logs: there a moving window is told as a sliding one. */
static json_t *counts_json(const struct explaining *x, size_t nth)
{
	const struct dp_explained_limit *l = &x->e.limit[nth];
	struct rl_limit limit = *limit_of(x, nth);

	if (l->full && limit.strategy == RL_STRATEGY_MOVING_WINDOW)
		limit.strategy = RL_STRATEGY_SLIDING_WINDOW;
	return source_json(x->rld->dp, &limit, &l->key, &l->state, x->e.now_ns);
}

static const char *source_state(const struct dp_explained_limit *l)
{
	if (l->full)
		return "full";
	return l->tracked ? "tracked" : "new";
}

static void set_window(const struct explaining *x, size_t nth, json_t *into)
{
	int window = x->e.limit[nth].window;
	char text[CONF_TEXT];

	json_set_text(into, "window",
		      window < 0 ? NULL
				 : conf_format_window(limit_of(x, nth), (unsigned)window, text));
}

static json_t *limit_json(const struct explaining *x, size_t nth)
{
	const struct dp_explained_limit *l = &x->e.limit[nth];
	const struct rl_limit *limit = limit_of(x, nth);
	json_t *json = counts_json(x, nth);
	char text[CONF_TEXT];

	json_set_text(json, "stage", stage_of_limit(limit));
	json_set_text(json, "outcome",
		      l->asked ? names_text(&names_verdict, l->verdict) : "not_asked");
	json_set_text(json, "mode", limit->flags & RL_LIMIT_MONITOR ? "monitor" : "enforce");
	json_set_text(json, "per", conf_format_per(limit, text));
	json_set_text(json, "strategy", names_text(&names_strategy, limit->strategy));
	json_set_text(json, "state", source_state(l));
	json_set_text(json, "on_full", names_text(&names_on_full, limit->on_full));
	json_set_text(json, "ban", limit->ban_ns ? conf_format_ban(limit, text) : NULL);
	set_window(x, nth, json);
	json_set_u64(json, "banned_for_ns", l->banned ? l->state.banned_until - x->e.now_ns : 0);
	json_set_u64(json, "would_ban_for_ns", l->ban_until ? l->ban_until - x->e.now_ns : 0);
	return json;
}

static json_t *disabled_json(const struct conf_limit *limit)
{
	char text[CONF_TEXT];
	json_t *json = json_object();

	json_set_text(json, "stage", stage_of_limit(&limit->abi));
	json_set_text(json, "limit", limit->abi.name);
	json_set_text(json, "outcome", "disabled");
	json_set_text(json, "per", conf_format_per(&limit->abi, text));
	json_set_text(json, "strategy", names_text(&names_strategy, limit->abi.strategy));
	return json;
}

/* In the order of judgement, as the rule set's limits are the configuration's: the next that
 * matches, or what is disabled in between. */
static void add_limits(const struct explaining *x, bool default_one, size_t *nth, json_t *steps)
{
	const struct conf *conf = x->rld->conf;

	for (size_t i = 0; i < conf->limits; i++) {
		const struct conf_limit *limit = conf->limit[i];

		if (explain_is_default(&limit->abi) != default_one)
			continue;
		if (*nth < x->e.limits && x->e.limit[*nth].index == i)
			json_array_append_new(steps, limit_json(x, (*nth)++));
		else if (!limit->enabled && explain_stage_of(&x->e) >= STAGE_BAN &&
			 conf_packet_matches(&x->packet, limit))
			json_array_append_new(steps, disabled_json(limit));
	}
}

json_t *explain_steps_json(const struct explaining *x)
{
	json_t *steps = json_array();
	size_t nth = 0;

	for (enum stage s = STAGE_MODE; s < STAGE_LIMITS; s++)
		json_array_append_new(steps, stage_json(x, s));
	add_limits(x, false, &nth, steps);
	add_limits(x, true, &nth, steps);
	if (x->e.reason == RL_REASON_NO_LIMIT)
		json_array_append_new(
			steps, json_pack("{s:s, s:s}", "stage", "default", "outcome", "pass"));
	return steps;
}

json_t *explain_decided_json(const struct explaining *x)
{
	enum stage stage = explain_stage_of(&x->e);
	size_t nth = x->e.decided < 0 ? x->e.limits - 1 : (size_t)x->e.decided;
	const char *name = stage < STAGE_LIMITS ? stages[stage] : "default";
	json_t *json = json_object();

	if (stage == STAGE_LIMITS && x->e.limits)
		name = stage_of_limit(limit_of(x, nth));
	json_set_text(json, "stage", name);
	json_set_text(json, "limit", x->e.decided < 0 ? NULL : limit_of(x, nth)->name);
	json_set_text(json, "window", NULL);
	if (x->e.decided >= 0)
		set_window(x, nth, json);
	return json;
}
