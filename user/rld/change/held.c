// SPDX-License-Identifier: GPL-2.0-only
/* To hold on to what is enforced. */
#include "rld/change/held.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "conf/model/named.h"
#include "enforce/identity.h"
#include "rld/events/event.h"
#include "rld/events/sink.h"
#include "rld/loop/log.h"

const char *held_reason(const struct dp_pinned *pinned, const struct persisted *p)
{
	if (!pinned->enforcing || pinned->statements <= PERSIST_FILES_ALONE)
		return NULL;
	if (!p)
		return "it has no " PERSIST_SNAPSHOT " that can be read";
	if (p->damaged)
		return "its " PERSIST_LOG " is damaged";
	if (persist_is_before(p->sequence, pinned->statements))
		return "the last commands are missing in it";
	return NULL;
}

/* The kernel knows of a limit more than its identity says: its windows. */
static void complete(const struct rl_rules *rules, struct conf *conf)
{
	for (size_t i = 0; i < conf->limits; i++)
		for (__u32 k = 0; k < rules->limits && k < RL_LIMITS_MAX; k++)
			if (rules->limit[k].id == conf->limit[i]->abi.id)
				conf->limit[i]->abi = rules->limit[k];
}

static struct conf *make_conf(struct rld *rld, struct conf *lists)
{
	const struct rl_rules *rules = dp_rules(rld->dp);
	struct conf *conf = identity_adopted(rld->dp);

	if (!conf)
		return NULL;
	complete(rules, conf);
	conf->mode = rules->generation ? rules->mode : RL_MODE_ENFORCE;
	if (rld->files)
		conf->options = rld->files->options;
	if (lists) {
		conf->allow = lists->allow;
		conf->deny = lists->deny;
		lists->allow = lists->deny = (struct conf_list){0};
		conf_nameds_move(conf, lists);
	}
	return conf;
}

static void tell(struct rld *rld)
{
	char names[256];

	dp_enforcing(rld->options.bpffs, names, sizeof(names));
	log_line("error: %s does not say which limits commands had set: %s. What an earlier rld "
		 "enforces on %s goes on unchanged, without a configuration. `rlctl reload` "
		 "replaces it with what the files say; `rld --detach` removes it",
		 rld->options.state_dir, rld->held, names);
	events_emit(rld->events, EVENT_RULES_HELD,
		    json_pack("{s:{s:s}, s:{s:s, s:s}}", "event", "outcome", "failure", "rld",
			      "state_dir", rld->options.state_dir, "error", rld->held),
		    NULL);
}

int held_begin(struct rld *rld, struct conf *lists, struct diag *d)
{
	rld->conf = make_conf(rld, lists);
	if (!rld->conf)
		return diag_errno(d, ENOMEM, "cannot start");
	rld->config.source = "held";
	rld->config.reload_ok = false;
	rld_limits_changed(rld);
	sinks_open(rld->sinks, &rld->conf->options);
	tell(rld);
	return 0;
}

void held_end(struct rld *rld)
{
	rld->held = NULL;
	log_line("what an earlier rld enforced is replaced by what the files say");
}

int held_refuse(const struct rld *rld, const char *what, struct diag *d)
{
	diag_set(d, DIAG_REFUSED,
		 "no %s now: %s does not say which limits commands had set (%s), so what an "
		 "earlier rld enforces goes on unchanged",
		 what, rld->options.state_dir, rld->held);
	return diag_hint(d, "`rlctl reload` replaces it with what the files say; "
			    "`rld --detach` removes it");
}

json_t *held_dropped(const struct rld *rld, const struct conf *cand)
{
	json_t *list = json_array();
	char text[RL_NAME_LEN + 16];

	for (size_t i = 0; i < rld->conf->limits; i++) {
		const char *name = rld->conf->limit[i]->abi.name;

		if (conf_find_limit(cand, name))
			continue;
		snprintf(text, sizeof(text), "limit %s", name);
		json_array_append_new(list, json_string(text));
	}
	return list;
}
