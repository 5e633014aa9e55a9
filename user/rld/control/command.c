// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and who may use which. */
#include "rld/control/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "base/words.h"
#include "conf/grammar/grammar.h"
#include "conf/grammar/nearest.h"
#include "conf/model/named.h"
#include "rl/proto.h"
#include "rld/app/app.h"
#include "rld/change/check.h"
#include "rld/change/clear.h"
#include "rld/change/held.h"
#include "rld/change/queue.h"
#include "rld/change/save.h"
#include "rld/events/event.h"
#include "rld/explain/explain.h"
#include "rld/report/bans.h"
#include "rld/report/texts.h"
#include "rld/report/view.h"
#include "rld/request/query.h"
#include "rld/sources/ring.h"
#include "rld/sources/sources.h"

/* Answers and returns 0, sees to it that somebody will, or fills `d` and returns an error. */
typedef int (*command_fn)(struct rld *rld, const struct request *request, const struct query *query,
			  struct diag *d);

static int answer_view(const struct request *request, json_t *view)
{
	if (!view)
		return -1;
	answer_data(request->answer, view);
	return 0;
}

static int run_status(struct rld *rld, const struct request *request, const struct query *query,
		      struct diag *d)
{
	return answer_view(request, view_status(rld));
}

static int run_stats(struct rld *rld, const struct request *request, const struct query *query,
		     struct diag *d)
{
	return answer_view(request, view_stats(rld, query->word, d));
}

static int show_list(struct rld *rld, const char *name, struct answer *answer, struct diag *d)
{
	if (conf_find_named(rld->conf, name))
		return texts_make(rld->texts, TEXTS_LIST, answer, json_string(name), d);
	diag_set(d, DIAG_REFUSED, "there is no list \"%.64s\"", name);
	diag_hint(d, "`rlctl show lists` names those there are");
	return -1;
}

static int run_show(struct rld *rld, const struct request *request, const struct query *query,
		    struct diag *d)
{
	static const char *const known[] = {"limits", "options", "lists"};
	const char *what = query->word ? query->word : "limits";

	if (!strcmp(what, "limits"))
		return answer_view(request, view_limits(rld));
	if (!strcmp(what, "options"))
		return answer_view(request, view_options(rld));
	if (query->more && strcmp(what, "lists"))
		return diag_set(d, DIAG_USAGE, "\"%s\" is not expected here", query->more);
	if (query->more)
		return show_list(rld, query->more, request->answer, d);
	if (!strcmp(what, "lists"))
		return bans_query(rld, request->answer, d);
	diag_set(d, DIAG_USAGE, "show takes limits, options or lists, not \"%s\"", what);
	nearest_hint(d, what, known, sizeof(known) / sizeof(*known));
	return -1;
}

static int run_sources(struct rld *rld, const struct request *request, const struct query *query,
		       struct diag *d)
{
	return sources_query(rld, query, request->answer, d);
}

static int run_events(struct rld *rld, const struct request *request, const struct query *query,
		      struct diag *d)
{
	struct event_filter filter = {
		.since_wall_ns = query->since_ns ? time_wall_ns() - (__s64)query->since_ns : 0,
		.source = query->source,
		.by_source = query->by_source,
		.follow = query->follow,
		.history = query->since_ns != 0,
	};

	ring_now(rld);
	if (events_query(rld->events, &filter, request->answer))
		return diag_set(d, DIAG_FAILED, "too many clients follow the events");
	return 0;
}

static int run_explain(struct rld *rld, const struct request *request, const struct query *query,
		       struct diag *d)
{
	return answer_view(request, explain_view(rld, request, d));
}

static int run_clear(struct rld *rld, const struct request *request, const struct query *query,
		     struct diag *d)
{
	return clear_query(rld, query, request->answer, d);
}

static int run_export(struct rld *rld, const struct request *request, const struct query *query,
		      struct diag *d)
{
	return texts_make(rld->texts, TEXTS_EXPORT, request->answer, NULL, d);
}

static int run_check(struct rld *rld, const struct request *request, const struct query *query,
		     struct diag *d)
{
	struct change *change = check_of(request, d);

	if (!change)
		return -1;
	queue_add(rld->queue, change);
	return 0;
}

static int run_save(struct rld *rld, const struct request *request, const struct query *query,
		    struct diag *d)
{
	return save_query(rld->save, request->answer, d);
}

static int run_app(struct rld *rld, const struct request *request, const struct query *query,
		   struct diag *d)
{
	json_t *data;
	int err = app_command(rld, request->word, request->words, &data, d);

	return err ? err : answer_view(request, data);
}

static int run_version(struct rld *rld, const struct request *request, const struct query *query,
		       struct diag *d)
{
	struct utsname system;

	uname(&system);
	return answer_view(request, json_pack("{s:s, s:s, s:i}", "version", RL_VERSION, "kernel",
					      system.release, "abi", RL_ABI_VERSION));
}

#define SOURCES_FIELDS (QUERY_LIMIT | QUERY_TOPN | QUERY_SORT | QUERY_SOURCE)

enum {
	WHILE_HELD = 1 /* change/held.h */,
	UNTOLD = 2 /* in no event: it names users of somebody's */
};

static const struct command {
	const char *name;
	enum access_level level;
	unsigned fields;
	command_fn run;
	unsigned flags;
} commands[] = {
	{"status", ACCESS_READ, 0, run_status, WHILE_HELD},
	{"show", ACCESS_READ, QUERY_WORD | QUERY_MORE, run_show, 0},
	{"stats", ACCESS_READ, QUERY_WORD, run_stats, WHILE_HELD},
	{"sources", ACCESS_READ, SOURCES_FIELDS, run_sources, 0},
	{"events", ACCESS_READ, QUERY_FOLLOW | QUERY_SINCE | QUERY_SOURCE, run_events, WHILE_HELD},
	{"export", ACCESS_READ, 0, run_export, 0},
	{"check", ACCESS_READ, 0, run_check, WHILE_HELD},
	{"explain", ACCESS_READ, QUERY_OWN, run_explain, 0},
	{"test", ACCESS_READ, QUERY_OWN, run_explain, 0},
	{"version", ACCESS_READ, 0, run_version, WHILE_HELD},
	{"clear", ACCESS_CHANGE, QUERY_WORD | QUERY_LIMIT, run_clear, 0},
	{"save", ACCESS_CHANGE, 0, run_save, 0},
	{"hit", ACCESS_CHANGE, QUERY_OWN, run_app, UNTOLD},
	{"peek", ACCESS_READ, QUERY_OWN, run_app, 0},
};

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

bool command_is_statement(const struct request *request)
{
	return conf_is_statement(request->word[0]);
}

static bool is_queued(const struct request *request)
{
	return command_is_statement(request) || !strcmp(request->word[0], "reload");
}

static int check_access(const struct request *request, enum access_level level, struct diag *d)
{
	if (request->access.level >= level)
		return 0;
	diag_set(d, DIAG_PERMISSION, "user %u may not use %s", request->access.uid,
		 request->word[0]);
	diag_hint(d, "root and members of group %s may change things", RL_GROUP_ADMIN);
	return -1;
}

/* Who did what: the other commands that change something are told by the queue. */
static void tell(struct rld *rld, const struct request *request, const struct diag *failure)
{
	char text[512];

	events_emit_control(rld->events, &request->access,
			    words_text(request->word, request->words, text, sizeof(text)),
			    failure ? failure->message : NULL);
}

static int run_row(struct rld *rld, const struct request *request, const struct command *command,
		   struct diag *d)
{
	struct query query;

	if (check_access(request, command->level, d))
		return -1;
	if (rld->held && !(command->flags & WHILE_HELD))
		return held_refuse(rld, request->word[0], d);
	if (query_parse(request->word + 1, request->words - 1, command->fields, &query, d))
		return -1;
	return command->run(rld, request, &query, d);
}

/* Takes the words over on success. */
static int enqueue(struct rld *rld, struct request *request, struct diag *d)
{
	bool statement = command_is_statement(request);
	struct change *change;

	if (check_access(request, ACCESS_CHANGE, d))
		return -1;
	if (statement && rld->held)
		return held_refuse(rld, request->word[0], d);
	if (!statement && request->words > 1)
		return diag_set(d, DIAG_USAGE, "\"%s\" is not expected here", request->word[1]);
	change = calloc(1, sizeof(*change));
	if (!change)
		return diag_errno(d, ENOMEM, "cannot apply the change");
	*change = (struct change){
		.kind = statement ? CHANGE_STATEMENT : CHANGE_RELOAD,
		.word = TAKE_PTR(request->word),
		.words = request->words,
		.yes = request->yes,
		.session = request->session,
		.access = request->access,
		.answer = request->answer,
	};
	ports_add(&rld->named_ports, request->session.port);
	queue_add(rld->queue, change);
	return 0;
}

void command_run(struct rld *rld, struct request *request)
{
	const struct command *command = find(request->word[0]);
	bool queued = is_queued(request);
	bool change = queued || (command && command->level == ACCESS_CHANGE);
	struct answer *answer = request->answer;
	struct diag d = {0};
	int err;

	if (queued)
		err = enqueue(rld, request, &d);
	else if (command)
		err = run_row(rld, request, command, &d);
	else
		err = diag_set(&d, DIAG_USAGE, "unknown command \"%s\"", request->word[0]);
	if (change && (err || !queued) && !(command && command->flags & UNTOLD))
		tell(rld, request, err ? &d : NULL);
	if (err)
		answer_error(answer, &d);
	request_done(request);
}
