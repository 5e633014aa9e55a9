// SPDX-License-Identifier: GPL-2.0-only
/* Files of lists: which of them a command may name, and how what they have comes into a change. */
#include "rld/change/list_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/grammar/list_file.h"
#include "rl/proto.h"
#include "rld/events/event.h"
#include "rld/loop/log.h"
#include "rld/persist/lists_kept.h"

static const char *path_of(const struct change *change)
{
	bool named = change->kind == CHANGE_STATEMENT && change->words > 3 &&
		     !strcmp(change->word[0], "list") && !strcmp(change->word[2], "file");

	return named ? change->word[3] : NULL;
}

bool list_files_are_named(const struct job *job)
{
	const struct change *change = job->first;

	for (size_t i = 0; i < job->count; i++, change = change->next)
		if (path_of(change))
			return true;
	return false;
}

static bool is_below(const char *path, const char *dir)
{
	_cleanup_free_ char *real = realpath(dir, NULL);
	size_t len = real ? strlen(real) : 0;

	return len && !strncmp(path, real, len) && path[len] == '/';
}

/* Of the configuration: that of --config's file. */
static void config_dir(const struct rld *rld, char ret[static PATH_MAX])
{
	char *slash;

	snprintf(ret, PATH_MAX, "%s", rld->options.config ? rld->options.config : RL_CONFIG);
	slash = strrchr(ret, '/');
	if (slash)
		slash[slash == ret] = 0;
	else
		strcpy(ret, ".");
}

/* Whoever may change limits may not read each file of the machine by that. */
static int check_place(const struct rld *rld, const char *path, struct diag *d)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	char dir[PATH_MAX];

	config_dir(rld, dir);
	if (!real && errno != EACCES)
		return diag_errno(d, errno, "cannot read the file of a list");
	if (real && (is_below(real, dir) || is_below(real, rld->options.state_dir)))
		return 0;
	diag_set(d, DIAG_REFUSED, "a command names files of lists below %s or %s alone", dir,
		 rld->options.state_dir);
	return diag_hint(d, "put it there, or name it in the configuration file, where any path is "
			    "good");
}

/* The statement is tried for its words; when it is applied it is refused for them. */
static int name_file(const struct rld *rld, struct change *change, struct conf *into,
		     struct diag *d)
{
	struct conf_change what;
	struct diag unused;
	int err;

	if (!path_of(change) || path_of(change)[0] != '/')
		return 0;
	err = check_place(rld, path_of(change), d);
	if (!err)
		conf_apply(into, change->word, change->words, 0, &what, &unused);
	return err;
}

static int refuse_bad(const struct conf *fetched, struct diag *d)
{
	for (size_t i = 0; i < fetched->nameds; i++)
		if (fetched->named[i].trouble)
			return diag_set(d, DIAG_REFUSED, "list %s: %s: %s", fetched->named[i].name,
					fetched->named[i].path, fetched->named[i].trouble);
	return 0;
}

/* A thread's. */
int list_files_fetch(struct job *job)
{
	struct change *change = job->first;
	FILE *out;
	size_t len;
	int err = 0;

	if (!list_files_are_named(job))
		return 0;
	job->fetched = conf_new();
	out = open_memstream(&job->notices, &len);
	if (!job->fetched || !out) {
		if (out)
			fclose(out);
		return diag_errno(&job->d, ENOMEM, "cannot read the file of a list");
	}
	for (size_t i = 0; !err && i < job->count; i++, change = change->next)
		err = name_file(job->rld, change, job->fetched, &job->d);
	if (!err && conf_read_lists(job->fetched, out))
		err = diag_errno(&job->d, ENOMEM, "cannot read the file of a list");
	fclose(out);
	return err ? err : refuse_bad(job->fetched, &job->d);
}

/* To who asked, if it is one, and to the log. */
static void tell_notices(struct job *job)
{
	char *rest = job->notices, *line;

	if (job->count == 1 && rest && *rest && !job->first->what.warning[0])
		snprintf(job->first->what.warning, sizeof(job->first->what.warning), "%.*s",
			 (int)strcspn(rest, "\n"), rest);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			log_line("%s", line);
	free(TAKE_PTR(job->notices));
}

int list_files_take(struct job *job)
{
	int err = 0;

	if (!job->fetched)
		return 0;
	if (!job->first->err)
		tell_notices(job);
	err = conf_lend_lists(job->cand, job->fetched);
	for (size_t i = 0; i < job->cand->nameds; i++) {
		struct conf_named *named = &job->cand->named[i];

		if (named->unread)
			free(TAKE_PTR(named->trouble));
		named->unread = false;
	}
	return err ? diag_errno(&job->d, ENOMEM, "cannot change a list") : 0;
}

bool list_files_were_fetched(const struct job *job)
{
	return job->fetched;
}

/* A thread's. */
int list_files_keep(struct job *job)
{
	if (job->fetched)
		lists_kept_write(job->rld->options.state_dir, job->fetched, NULL);
	return 0;
}

bool list_files_in(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nameds; i++)
		if (conf->named[i].path)
			return true;
	return false;
}

void list_files_tell(const struct rld *rld)
{
	for (size_t i = 0; i < rld->conf->nameds; i++) {
		const struct conf_named *named = &rld->conf->named[i];

		if (named->trouble)
			events_emit(rld->events, EVENT_LIST_REFUSED,
				    json_pack("{s:{s:s}, s:{s:s, s:s, s:s, s:I}}", "event",
					      "outcome", "failure", "rld", "list", named->name,
					      "file", named->path, "error", named->trouble,
					      "entries", (json_int_t)conf_named_all(named)->count),
				    NULL);
	}
}
