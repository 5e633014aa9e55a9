// SPDX-License-Identifier: GPL-2.0-only
/* `check`: the daemon's own parser and compiler, and what a daemon that runs says of the result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "base/utf8.h"
#include "conf/compile/compile.h"
#include "conf/grammar/grammar.h"
#include "conf/grammar/list_file.h"
#include "conf/model/conf.h"
#include "rl/proto.h"
#include "rlctl/origin.h"
#include "rlctl/output.h"
#include "rlctl/rlctl.h"
#include "rlctl/session.h"

/* The file that is named, standard input for "-", or all that the daemon reads. */
static int load(const char *file, struct conf *conf, FILE *notices, struct diag *d)
{
	__s64 now_s = time_wall_ns() / (__s64)TIME_NS;

	const char *path = file && !strcmp(file, "-") ? "/dev/stdin" : file;
	int err = file ? conf_load_file(conf, path, now_s, notices, d)
		       : conf_load(conf, RL_CONFIG, RL_CONFIG_DIR, true, now_s, notices, d);

	if (!err && conf_read_lists(conf, notices))
		err = diag_errno(d, ENOMEM, "cannot read the lists");
	return err;
}

/* What a running rld has to say of it; NULL if none runs, or it cannot be asked, which is noted. */
static json_t *ask_rld(const struct options *options, const struct conf *conf, FILE *notices)
{
	_cleanup_free_ char *text = conf_export_text(conf);
	json_auto_t *request = json_pack("{s:[s], s:s*, s:o*}", "command", "check", "config", text,
					 "session", origin_session());
	json_t *data = NULL;
	struct diag d;

	if (session_ask(options->socket, options->timeout_s, request, &data, &d) &&
	    d.kind != DIAG_NOT_RUNNING)
		fprintf(notices, "%sthe running rld was not asked: %s\n",
			options->json ? "" : "rlctl: note: ", d.message);
	return data;
}

/* A line each. */
static json_t *list_of(char *lines)
{
	json_t *list = json_array();
	const char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line)
			json_array_append_new(list, json_string(line));
	return list;
}

static void tell(const struct options *options, const char *file, size_t limits, json_t *outlook)
{

	if (options->json) {
		json_auto_t *answer = NULL;

		json_set_bool(outlook, "valid", true);
		json_set_u64(outlook, "limits", limits);
		answer = json_answer(json_incref(outlook));
		cli_print_json(options, answer);
	} else if (!options->quiet) {
		printf("%s: valid, %zu limits\n",
		       file ? file : RL_CONFIG " and " RL_CONFIG_DIR "/*.conf", limits);
		fflush(stdout);
		json_clean(outlook, "");
		print_outlook(outlook);
	}
}

/* The answer, to which the notices come; NULL if the configuration is not valid. */
static json_t *look(const struct options *options, const char *file, FILE *notices,
		    struct conf *conf, struct diag *d)
{
	_cleanup_(conf_image_done) struct conf_image image = {0};
	json_t *outlook;

	/* Which interfaces there are does not matter here. */
	if (load(file, conf, notices, d) || conf_compile(conf, NULL, NULL, &image, d))
		return NULL;
	outlook = ask_rld(options, conf, notices);
	if (outlook) {
		json_set_bool(outlook, "rld_asked", true);
		return outlook;
	}
	outlook = json_object();
	json_set_bool(outlook, "rld_asked", false);
	return outlook;
}

int check_file(const struct options *options, char *const words[], size_t count)
{
	_cleanup_(conf_free_ptr) struct conf *conf = conf_new();
	_cleanup_free_ char *text = NULL;
	const char *file = count > 1 ? words[1] : NULL;
	FILE *notices;
	json_auto_t *outlook = NULL;
	struct diag d = {0};
	size_t size;

	if (count > 2) {
		diag_set(&d, DIAG_USAGE, "check takes the name of one file, - or none");
		return cli_fail(options, &d);
	}
	notices = open_memstream(&text, &size);
	if (!conf || !notices)
		abort();
	outlook = look(options, file, notices, conf, &d);
	fclose(notices);
	utf8_clean(text, "\n");
	if (!outlook) {
		if (!options->json)
			fputs(text, stderr);
		d.kind = DIAG_CONFIG;
		return cli_fail(options, &d);
	}
	if (options->json)
		json_object_set_new(outlook, "notices", list_of(text));
	else
		fputs(text, stderr);
	tell(options, file, conf->limits, outlook);
	return 0;
}
