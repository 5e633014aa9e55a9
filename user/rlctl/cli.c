// SPDX-License-Identifier: GPL-2.0-only
/* One command, sent to rld as it stands, and its answer. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "conf/grammar/later.h"
#include "rl/proto.h"
#include "rlctl/options.h"
#include "rlctl/origin.h"
#include "rlctl/output.h"
#include "rlctl/rlctl.h"
#include "rlctl/session.h"

#define UNKNOWN "what was asked may be done or not: `rlctl status` and `rlctl show` tell"

int cli_color(const struct options *options)
{
	if (options->color == COLOR_AUTO)
		return isatty(STDERR_FILENO);
	return options->color == COLOR_ALWAYS;
}

void cli_print_json(const struct options *options, const json_t *message)
{
	json_dumpf(message, stdout, options->pretty ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
}

int cli_fail(const struct options *options, const struct diag *d)
{
	if (options->json) {
		json_auto_t *message = json_error(d);

		cli_print_json(options, message);
	} else {
		diag_print(stderr, d, "rlctl", cli_color(options));
	}
	return diag_kind_status(d->kind);
}

static json_t *make_request(const struct options *options, char *const words[], size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, json_string(words[i]))) {
			json_decref(list);
			return NULL;
		}
	return json_pack("{s:o, s:b, s:o*}", "command", list, "yes", options->yes, "session",
			 origin_session());
}

/* The message has the first of the guard's objections. */
static void print_objections(const json_t *error)
{
	size_t i;
	const json_t *item;

	json_array_foreach (json_object_get(error, "warnings"), i, item)
		if (i)
			fprintf(stderr, "rlctl: also: %s\n", json_text(item, "text", ""));
}

/* Prints one answer; the exit status. */
static int show(const struct options *options, const struct cli_command *command,
		char *const words[], json_t *message)
{
	const json_t *error = json_object_get(message, "error");
	const json_t *data = json_object_get(message, "data");
	struct diag d;

	if (!options->json) /* the lines of an export are one text */
		json_clean(message, strcmp(words[0], "export") ? "" : "\n\t");
	if (error) {
		json_to_diag(error, &d);
		if (options->json) {
			cli_print_json(options, message);
		} else {
			diag_print(stderr, &d, "rlctl", cli_color(options));
			print_objections(error);
		}
		return diag_kind_status(d.kind);
	}
	if (options->json)
		cli_print_json(options, message);
	else if (!options->quiet && command->print)
		command->print(words, data);
	if (!strcmp(words[0], "test"))
		return status_of_verdict(data);
	return strcmp(words[0], "hit") && strcmp(words[0], "peek") ? 0 : status_of_hit(data);
}

static bool is_stream(char *const words[])
{
	if (strcmp(words[0], "events"))
		return false;
	for (size_t i = 1; words[i]; i++)
		if (!strcmp(words[i], "-f") || !strcmp(words[i], "--follow"))
			return true;
	return false;
}

/* Why no more comes: rld is gone, or has had enough of a reader that does not keep up. */
static void explain_end(const struct options *options, char *const words[], struct diag *d)
{
	struct session session;

	/* A process that dies closes one socket after the other. */
	usleep(200000);
	if (!session_open(options->socket, options->timeout_s, &session, d)) {
		session_close(&session);
		diag_set(d, DIAG_FAILED, "rld has hung up%s",
			 is_stream(words) ? ": this reader was too slow for the events"
					  : " without an answer");
		if (!is_stream(words))
			diag_hint(d, UNKNOWN);
	} else if (is_stream(words)) {
		diag_set(d, DIAG_NOT_RUNNING, "rld has ended: no more events will come");
	} else {
		diag_set(d, DIAG_NOT_RUNNING, "rld ended before it answered");
		diag_hint(d, UNKNOWN);
	}
}

static int receive(struct session *session, const struct options *options,
		   const struct cli_command *command, char *const words[])
{
	struct diag d;
	int status;

	do {
		json_auto_t *message = NULL;

		if (session_receive(session, &message, &d))
			return cli_fail(options, &d);
		if (!message) {
			explain_end(options, words, &d);
			return cli_fail(options, &d);
		}
		status = show(options, command, words, message);
	} while (is_stream(words) && !status);
	return status;
}

static int ask(const struct options *options, const struct cli_command *command,
	       char *const words[], size_t count)
{
	json_auto_t *request = make_request(options, words, count);
	struct session session;
	struct diag d;
	int status;

	if (!request) {
		diag_set(&d, DIAG_USAGE, "the command is not valid UTF-8");
		return cli_fail(options, &d);
	}
	if (session_open(options->socket, is_stream(words) ? 0 : options->timeout_s, &session, &d))
		return cli_fail(options, &d);
	if (session_send(&session, request, &d))
		status = cli_fail(options, &d);
	else
		status = receive(&session, options, command, words);
	session_close(&session);
	return status;
}

static int fail_unknown(const struct options *options, const char *name)
{
	const char *near = cli_nearest(name);
	struct diag d;

	if (later_has("command", name, strlen(name))) {
		diag_set(&d, DIAG_UNSUPPORTED, "command \"%s\" is not in this version", name);
		near = NULL;
	} else {
		diag_set(&d, DIAG_USAGE, "unknown command \"%s\"", name);
	}
	if (near)
		diag_hint(&d, "did you mean \"%s\"? `rlctl --help` lists all commands", near);
	else
		diag_hint(&d, "`rlctl --help` lists the commands");
	return cli_fail(options, &d);
}

static int run(const struct options *options, char *const words[], size_t count)
{
	/* `help COMMAND` is `COMMAND --help`. */
	bool asks = count && !strcmp(words[0], "help"), help = asks || options->help;
	const struct cli_command *command;

	words += asks;
	count -= asks;
	command = count ? cli_find(words[0]) : NULL;
	if (options->version) {
		printf("rlctl %s\n", RL_VERSION);
		return 0;
	}
	if (help && !count) {
		cli_print_usage(stdout);
		return 0;
	}
	if (!count) {
		cli_print_usage(stderr);
		return 2;
	}
	if (!command)
		return fail_unknown(options, words[0]);
	if (help) {
		cli_print_command(stdout, command);
		return 0;
	}
	return command->local ? command->local(options, words, count)
			      : ask(options, command, words, count);
}

int cli_run(int argc, char *argv[])
{
	_cleanup_free_ char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct options options = {0};
	size_t count;
	struct diag d;

	if (!words)
		return 1;
	if (options_take(argc, argv, &options, words, &count, &d))
		return cli_fail(&options, &d);
	return run(&options, words, count);
}
