// SPDX-License-Identifier: GPL-2.0-only
/* Reading the running statements of an earlier daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/time.h"
#include "rl/proto.h"
#include "rld/log.h"
#include "rld/persist.h"
#include "rld/persist_files.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

char *persist_path(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

void persist_boot(char buf[static PERSIST_BOOT])
{
	_cleanup_fclose_ FILE *file = fopen(BOOT_ID, "re");

	if (!file || fscanf(file, "%63s", buf) != 1)
		strcpy(buf, "unknown");
}

static bool read_head(const char *dir, char boot[static PERSIST_BOOT], __u64 *ret_sequence,
		      bool *ret_statements)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_SNAPSHOT);
	_cleanup_fclose_ FILE *file = path ? fopen(path, "re") : NULL;
	unsigned long long sequence;
	char kind[16];

	if (!file || fscanf(file, "# boot %63s sequence %llu %15s", boot, &sequence, kind) != 3)
		return false;
	*ret_sequence = sequence;
	*ret_statements = !strcmp(kind, PERSIST_STATEMENTS);
	return true;
}

bool persist_head(const char *dir, const char *boot, __u64 *ret_sequence, bool *ret_statements)
{
	char found[PERSIST_BOOT];
	__u64 sequence;
	bool statements;

	if (!read_head(dir, found, &sequence, &statements) || strcmp(found, boot))
		return false;
	*ret_sequence = sequence;
	*ret_statements = statements;
	return true;
}

bool persist_is_entry(char *const words[], size_t count)
{
	if (!strcmp(words[0], "ban") || !strcmp(words[0], "unban"))
		return true;
	if (strcmp(words[0], "allow") && strcmp(words[0], "deny"))
		return false;
	for (size_t i = 3; i < count; i += 2)
		if (!strcmp(words[i], "for") || !strcmp(words[i], "until"))
			return true;
	return false;
}

/* A record that no longer applies (a cut last line, a limit that is gone) is skipped: the rest
 * still counts. */
static bool replay(struct conf *into, const char *line, __u64 after, bool *ret_entry)
{
	json_t *record = json_loads(line, 0, NULL);
	json_t *list = json_object_get(record, "command");
	size_t count = json_array_size(list);
	char *words[REQUEST_WORDS_MAX];
	struct conf_change change;
	__s64 now_s = (__s64)json_u64(record, "now_s");
	bool done = false;
	struct diag d;

	if (count && count <= REQUEST_WORDS_MAX && json_u64(record, "sequence") > after) {
		for (size_t i = 0; i < count; i++)
			words[i] = (char *)json_string_value(json_array_get(list, i));
		if (!now_s)
			now_s = time_wall_ns() / (__s64)TIME_NS;
		done = !conf_apply(into, words, count, now_s, &change, &d);
		*ret_entry = persist_is_entry(words, count);
	}
	json_decref(record);
	return done;
}

/* True if something in the log changes more than entries. */
static bool replay_log(const char *dir, struct conf *into, __u64 after)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_LOG);
	_cleanup_fclose_ FILE *file = path ? fopen(path, "re") : NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	bool statements = false;
	bool entry = false;

	while (file && getline(&line, &size, file) > 0)
		if (replay(into, line, after, &entry) && !entry)
			statements = true;
	return statements;
}

int persist_load(const char *state_dir, struct conf *into, bool *ret_all, struct diag *d)
{
	_cleanup_free_ char *path = persist_path(state_dir, PERSIST_SNAPSHOT);
	char boot[PERSIST_BOOT];
	char found[PERSIST_BOOT];
	__u64 sequence = 0;
	bool statements = false;
	int err;

	if (!path || !read_head(state_dir, found, &sequence, &statements))
		return -ENOENT;
	err = conf_load_file(into, path, time_wall_ns() / (__s64)TIME_NS, NULL, d);
	if (err) {
		log_diag(d);
		return -ENOENT;
	}
	if (replay_log(state_dir, into, sequence))
		statements = true;
	persist_boot(boot);
	*ret_all = statements && !strcmp(boot, found);
	return 0;
}
