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
#include "conf/grammar/list_file.h"
#include "conf/model/named.h"
#include "rld/loop/log.h"
#include "rld/persist/persist.h"
#include "rld/persist/persist_files.h"
#include "rld/request/request.h"

#define SUM_TEXT 17 /* and the blank behind it */

/* Of a log on its way into a configuration. */
struct replaying {
	const struct rld *rld;
	struct conf *into;
	__u64 sequence; /* of the last command that it has */
	bool same_boot;
	bool summed;
	bool damaged;
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
	const struct conf_entry *found;
	struct addr_prefix prefix;

	if (words[2][0] == '@') {
		const struct conf_use *use =
			conf_find_use(conf, !strcmp(words[0], "deny"), words[2] + 1);

		return use && use->how.timed;
	}
	if (addr_parse_prefix(words[2], strlen(words[2]), &prefix))
		return false;
	found = conf_list_find(list, &prefix);
	return found && found->timed;
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

/* Of the words of a record; -EBADMSG: no running statement was such a one. */
static int apply_record(struct replaying *r, json_t *record)
{
	const struct moment then = {(__s64)json_u64(record, "wall_ns"),
				    json_u64(record, "mono_ns")};
	json_t *list = json_object_get(record, "command");
	size_t count = json_array_size(list);
	char *words[REQUEST_WORDS_MAX + 1] = {0};
	struct conf_change change;
	struct diag d;
	bool entry;

	if (!count || count > REQUEST_WORDS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		words[i] = (char *)json_string_value(json_array_get(list, i));
		if (!words[i])
			return -EBADMSG;
	}
	entry = is_entry(r->into, words, count);
	if (conf_apply(r->into, words, count, then_s(r->rld, &then, r->same_boot), &change, &d))
		return -EBADMSG;
	if (!entry)
		words_line(words, count, r->unsaved);
	return 0;
}

/* The JSON of a line; NULL: it is damaged. */
static const char *without_sum(const struct replaying *r, const char *line)
{
	char sum[SUM_TEXT + 1];

	if (!r->summed)
		return line;
	if (strlen(line) < SUM_TEXT)
		return NULL;
	snprintf(sum, sizeof(sum), "%016llx ",
		 persist_sum(line + SUM_TEXT, strlen(line + SUM_TEXT)));
	return strncmp(line, sum, SUM_TEXT) ? NULL : line + SUM_TEXT;
}

static void replay(struct replaying *r, const char *line)
{
	const char *text = without_sum(r, line);
	json_auto_t *record = text ? json_loads(text, 0, NULL) : NULL;
	__u64 sequence = json_u64(record, "sequence");

	if (!sequence) {
		r->damaged = true;
	} else if (sequence > r->sequence) {
		r->sequence = sequence;
		r->damaged |= apply_record(r, record) != 0;
	}
}

/* A last line without its end was never answered as recorded. */
static void replay_log(struct replaying *r)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int err = persist_open_file(r->rld->options.state_dir, PERSIST_LOG, &file);

	r->damaged = err && err != -ENOENT;
	while (file && (len = getline(&line, &size, file)) > 0)
		if (line[len - 1] == '\n')
			replay(r, line);
}

/* The statements, then the log; those of the latter join what the head calls unsaved. */
static int load(const struct rld *rld, struct persisted *p, struct diag *d)
{
	_cleanup_free_ char *path = persist_path(rld->options.state_dir, PERSIST_SNAPSHOT);
	struct replaying r = {
		.rld = rld,
		.into = p->conf,
		.sequence = p->head.sequence,
		.same_boot = p->same_boot,
		.summed = p->head.version != PERSIST_UNSUMMED,
	};
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
		conf_read_lists(p->conf, NULL);
	}
	fclose(r.unsaved);
	if (err) {
		free(unsaved);
		return err;
	}
	free(p->head.unsaved);
	p->head.unsaved = unsaved;
	p->sequence = r.sequence;
	p->damaged = r.damaged;
	return 0;
}

void persisted_done(struct persisted *p)
{
	persist_head_done(&p->head);
	conf_free(p->conf);
	p->conf = NULL;
}

static void refuse(const struct rld *rld, const char *name, const char *what)
{
	const struct persist_refusal refusal = {
		.dir = rld->options.state_dir,
		.name = name,
		.what = what,
		.lost = "what commands had changed, bans and entries with an end too, cannot be "
			"told from it",
	};

	persist_refuse(&refusal);
}

static const char *wrong_with(int err)
{
	if (err == -EPROTONOSUPPORT)
		return "it is of another version of rld";
	if (err == -EBADMSG)
		return "it is damaged";
	return persist_open_error(err);
}

int persist_load(const struct rld *rld, struct persisted *ret)
{
	const char *dir = rld->options.state_dir;
	struct persisted p = {.conf = conf_new()};
	char boot[PERSIST_BOOT];
	struct diag d;
	int err = p.conf ? persist_snapshot_check(dir) : -ENOMEM;

	if (!err)
		err = persist_head_read(dir, &p.head);
	if (err && err != -ENOENT && err != -ENOMEM)
		refuse(rld, PERSIST_SNAPSHOT, wrong_with(err));
	if (!err) {
		persist_boot(boot);
		p.same_boot = !strcmp(boot, p.head.boot);
		err = load(rld, &p, &d);
		if (err) {
			log_diag(&d);
			refuse(rld, PERSIST_SNAPSHOT, "its statements are damaged");
		}
	}
	if (!err && p.damaged)
		refuse(rld, PERSIST_LOG, "it is damaged, or no regular file");
	if (err) {
		persisted_done(&p);
		return err;
	}
	*ret = p;
	return 0;
}
