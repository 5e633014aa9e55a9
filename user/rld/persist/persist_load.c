// SPDX-License-Identifier: GPL-2.0-only
/* Reading the running statements of an earlier daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/words.h"
#include "conf/grammar/grammar.h"
#include "rld/loop/log.h"
#include "rld/persist/persist.h"
#include "rld/persist/persist_files.h"
#include "rld/request/request.h"

/* Of a log on its way into a configuration. */
struct replaying {
	const struct rld *rld;
	struct conf *into;
	__u64 after; /* what the snapshot knows already */
	bool same_boot;
	FILE *unsaved;
};

/* A moment of the past, as the second since the epoch that it is by the clock of entries. */
static __s64 then_s(const struct rld *rld, const struct moment *then, bool same_boot)
{
	struct moment now = clock_moment();

	return clock_ago_s(&rld->clock, clock_since(then, &now, same_boot));
}

static bool is_timed(const struct conf *conf, char *const words[])
{
	const struct conf_list *list = strcmp(words[0], "allow") ? &conf->deny : &conf->allow;
	struct addr_prefix prefix;
	int found;

	if (addr_parse_prefix(words[2], strlen(words[2]), &prefix))
		return false;
	found = conf_list_find(list, &prefix);
	return found >= 0 && list->entry[found].timed;
}

/* A statement about an entry that is state, which a reload keeps: bans, and lists with for or
 * until. Before it is applied. */
static bool is_entry(const struct conf *conf, char *const words[], size_t count)
{
	if (!strcmp(words[0], "ban") || !strcmp(words[0], "unban"))
		return true;
	if ((strcmp(words[0], "allow") && strcmp(words[0], "deny")) || count < 3)
		return false;
	if (!strcmp(words[1], "del"))
		return is_timed(conf, words);
	for (size_t i = 3; i < count; i += 2)
		if (!strcmp(words[i], "for") || !strcmp(words[i], "until"))
			return true;
	return false;
}

/* A record that no longer applies (a cut last line, a limit that is gone) is skipped: the rest
 * still counts. */
static void replay(struct replaying *r, const char *line)
{
	json_auto_t *record = json_loads(line, 0, NULL);
	json_t *list = json_object_get(record, "command");
	const struct moment then = {(__s64)json_u64(record, "wall_ns"),
				    json_u64(record, "mono_ns")};
	size_t count = json_array_size(list);
	char *words[REQUEST_WORDS_MAX + 1] = {0};
	struct conf_change change;
	struct diag d;
	bool entry;

	for (size_t i = 0; i < count && i < REQUEST_WORDS_MAX; i++) {
		words[i] = (char *)json_string_value(json_array_get(list, i));
		if (!words[i])
			count = 0;
	}
	if (count && count <= REQUEST_WORDS_MAX && json_u64(record, "sequence") > r->after) {
		entry = is_entry(r->into, words, count);
		if (!conf_apply(r->into, words, count, then_s(r->rld, &then, r->same_boot), &change,
				&d) &&
		    !entry)
			words_line(words, count, r->unsaved);
	}
}

static void replay_log(struct replaying *r)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (persist_open_file(r->rld->options.state_dir, PERSIST_LOG, &file))
		return;
	while (getline(&line, &size, file) > 0)
		replay(r, line);
}

/* The statements, then the log; those of the latter join what the head calls unsaved. */
static int load(const struct rld *rld, struct persisted *p, struct diag *d)
{
	_cleanup_free_ char *path = persist_path(rld->options.state_dir, PERSIST_SNAPSHOT);
	struct replaying r = {
		.rld = rld, .into = p->conf, .after = p->head.sequence, .same_boot = p->same_boot};
	char *unsaved = NULL;
	size_t len;
	int err;

	r.unsaved = open_memstream(&unsaved, &len);
	if (!path || !r.unsaved)
		return diag_errno(d, ENOMEM, "cannot read the running statements");
	err = conf_load_file(p->conf, path, then_s(rld, &p->head.written, p->same_boot), NULL, d);
	if (!err) {
		fputs(p->head.unsaved, r.unsaved);
		replay_log(&r);
	}
	fclose(r.unsaved);
	if (err) {
		free(unsaved);
		return err;
	}
	free(p->head.unsaved);
	p->head.unsaved = unsaved;
	return 0;
}

void persisted_done(struct persisted *p)
{
	persist_head_done(&p->head);
	conf_free(p->conf);
	p->conf = NULL;
}

static void refuse(const struct rld *rld, const char *what)
{
	const struct persist_refusal refusal = {
		.dir = rld->options.state_dir,
		.name = PERSIST_SNAPSHOT,
		.what = what,
		.lost = "what commands had changed is over, bans and entries with an end too",
	};

	persist_refuse(&refusal);
}

static const char *wrong_with_head(int err)
{
	if (err == -EPROTONOSUPPORT)
		return "it is of another version of rld";
	if (err == -EBADMSG)
		return "its first lines are damaged";
	return persist_open_error(err);
}

int persist_load(const struct rld *rld, struct persisted *ret)
{
	const char *dir = rld->options.state_dir;
	struct persisted p = {.conf = conf_new()};
	char boot[PERSIST_BOOT];
	struct diag d;
	int err = p.conf ? persist_head_read(dir, &p.head) : -ENOMEM;

	if (err && err != -ENOENT && err != -ENOMEM)
		refuse(rld, wrong_with_head(err));
	if (!err) {
		persist_boot(boot);
		p.same_boot = !strcmp(boot, p.head.boot);
		err = load(rld, &p, &d);
		if (err) {
			log_diag(&d);
			refuse(rld, "its statements are damaged");
		}
	}
	if (err) {
		persisted_done(&p);
		return err;
	}
	*ret = p;
	return 0;
}
