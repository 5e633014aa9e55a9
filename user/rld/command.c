// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and who may use which. */
#include "rld/command.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "conf/nearest.h"
#include "rl/proto.h"
#include "rld/bans.h"
#include "rld/clear.h"
#include "rld/event.h"
#include "rld/explain.h"
#include "rld/feed.h"
#include "rld/option.h"
#include "rld/outlook.h"
#include "rld/pump.h"
#include "rld/save.h"
#include "rld/sources.h"
#include "rld/view.h"

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

static int run_show(struct rld *rld, const struct request *request, const struct query *query,
		    struct diag *d)
{
	static const char *const known[] = {"limits", "options", "lists"};
	const char *what = query->word ? query->word : "limits";

	if (!strcmp(what, "limits"))
		return answer_view(request, view_limits(rld));
	if (!strcmp(what, "options"))
		return answer_view(request, view_options(rld));
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

	feed_now(rld);
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
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return diag_set(d, DIAG_FAILED, "out of memory");
	conf_export(rld->conf, file);
	fclose(file);
	return answer_view(request, json_pack("{s:s}", "config", text));
}

static int run_check(struct rld *rld, const struct request *request, const struct query *query,
		     struct diag *d)
{
	return answer_view(request, outlook_check(rld, request, d));
}

static int run_save(struct rld *rld, const struct request *request, const struct query *query,
		    struct diag *d)
{
	return save_query(rld->save, request->answer, d);
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

static const struct command {
	const char *name;
	enum access_level level;
	unsigned fields;
	command_fn run;
} commands[] = {
	{"status", ACCESS_READ, 0, run_status},
	{"show", ACCESS_READ, QUERY_WORD, run_show},
	{"stats", ACCESS_READ, QUERY_WORD, run_stats},
	{"sources", ACCESS_READ, SOURCES_FIELDS, run_sources},
	{"events", ACCESS_READ, QUERY_FOLLOW | QUERY_SINCE | QUERY_SOURCE, run_events},
	{"export", ACCESS_READ, 0, run_export},
	{"check", ACCESS_READ, 0, run_check},
	{"explain", ACCESS_READ, QUERY_OWN, run_explain},
	{"test", ACCESS_READ, QUERY_OWN, run_explain},
	{"version", ACCESS_READ, 0, run_version},
	{"clear", ACCESS_CHANGE, QUERY_WORD | QUERY_LIMIT, run_clear},
	{"save", ACCESS_CHANGE, 0, run_save},
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

static bool is_pumped(const struct request *request)
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

/* Who did what: the other commands that change something are told by the pump. */
static void tell(struct rld *rld, const struct request *request, const struct diag *failure)
{
	char text[512];
	char uid[16];
	json_t *body;

	snprintf(uid, sizeof(uid), "%u", request->access.uid);
	body = json_pack("{s:{s:s}, s:{s:s}, s:{s:i}, s:{s:s}}", "event", "outcome",
			 failure ? "failure" : "success", "user", "id", uid, "process", "pid",
			 (int)request->access.pid, "rld", "command",
			 request_text(request, text, sizeof(text)));
	if (failure)
		json_set_text(json_object_get(body, "rld"), "error", failure->message);
	events_emit(rld->events, EVENT_CONTROL, body, NULL);
}

static int run_row(struct rld *rld, const struct request *request, const struct command *command,
		   struct diag *d)
{
	struct query query;

	if (check_access(request, command->level, d))
		return -1;
	if (query_parse(request->word + 1, request->words - 1, command->fields, &query, d))
		return -1;
	return command->run(rld, request, &query, d);
}

void command_run(struct rld *rld, struct request *request)
{
	const struct command *command = find(request->word[0]);
	bool change = command && command->level == ACCESS_CHANGE;
	struct answer *answer = request->answer;
	struct diag d = {0};
	int err;

	if (is_pumped(request)) {
		err = check_access(request, ACCESS_CHANGE, &d);
		if (!err && !command_is_statement(request) && request->words > 1)
			err = diag_set(&d, DIAG_USAGE, "\"%s\" is not expected here",
				       request->word[1]);
		if (!err) {
			ports_add(&rld->named_ports, request->session.port);
			pump_request(rld->pump, request);
			return;
		}
		change = true;
	} else if (command) {
		err = run_row(rld, request, command, &d);
	} else {
		err = diag_set(&d, DIAG_USAGE, "unknown command \"%s\"", request->word[0]);
	}
	if (change)
		tell(rld, request, err ? &d : NULL);
	if (err)
		answer_error(answer, &d);
	request_done(request);
}
