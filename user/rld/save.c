// SPDX-License-Identifier: GPL-2.0-only
/* `save`: the difference between the other files and what is at work becomes RL_SAVE_FILE. */
#include "rld/save.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rl/proto.h"
#include "rld/persist.h"
#include "rld/view.h"

#define SAVE_PATH RL_CONFIG_DIR "/" RL_SAVE_FILE
#define SAVE_HEAD "# Written by `rlctl save`; the next save writes it anew.\n"

static void free_conf(struct conf **conf)
{
	conf_free(*conf);
}

/* Files can add and replace, not take away: a limit of another file that was deleted would come
 * back. */
static int check_expressible(const struct conf *others, const struct conf *now, struct diag *d)
{
	for (size_t i = 0; i < others->limits; i++) {
		const struct conf_limit *limit = others->limit[i];

		if (conf_find_limit(now, limit->abi.name))
			continue;
		diag_set(d, DIAG_REFUSED,
			 "limit %s was deleted, which a file cannot say: remove it from %s:%d",
			 limit->abi.name, limit->file, limit->line);
		diag_hint(d, "then `rlctl save` again; `rlctl export` prints the whole running "
			     "configuration");
		return -EINVAL;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_other(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && !strcmp(name + len - 5, ".conf") &&
	       strcmp(name, RL_SAVE_FILE);
}

static int load_one(struct conf *into, const char *name, struct diag *d)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", RL_CONFIG_DIR, name);
	return conf_load_file(into, path, time_wall_ns() / (__s64)TIME_NS, NULL, d);
}

/* Everything but the file that is about to be written. */
static int load_others(struct conf *into, struct diag *d)
{
	struct dirent **entry;
	int count = scandir(RL_CONFIG_DIR, &entry, NULL, alphasort);
	const char *names[256];
	size_t used = 0;
	int err;

	err = conf_load(into, RL_CONFIG, NULL, true, time_wall_ns() / (__s64)TIME_NS, NULL, d);
	for (int i = 0; i < count; i++)
		if (is_other(entry[i]->d_name) && used < 256)
			names[used++] = entry[i]->d_name;
	qsort(names, used, sizeof(*names), by_name);
	for (size_t i = 0; i < used && !err; i++)
		err = load_one(into, names[i], d);
	for (int i = 0; i < count; i++)
		free(entry[i]);
	if (count >= 0)
		free(entry);
	return err;
}

static int write_file(const struct conf *others, const struct conf *now, size_t *ret,
		      struct diag *d)
{
	FILE *file;
	int err;

	mkdir(RL_CONFIG_DIR, 0755);
	file = fopen(SAVE_PATH ".new", "we");
	if (!file)
		return diag_errno(d, errno, "cannot write %s", SAVE_PATH);
	fputs(SAVE_HEAD, file);
	*ret = conf_diff(others, now, file);
	err = fflush(file) || ferror(file) || fsync(fileno(file)) ? -errno : 0;
	if (fclose(file) && !err)
		err = -errno;
	if (!err && rename(SAVE_PATH ".new", SAVE_PATH))
		err = -errno;
	return err ? diag_errno(d, -err, "cannot write %s", SAVE_PATH) : 0;
}

json_t *save_files(struct rld *rld, struct diag *d)
{
	_cleanup_(free_conf) struct conf *others = conf_new();
	struct conf *copy;
	size_t count = 0;

	if (rld->options.config) {
		diag_set(d, DIAG_REFUSED,
			 "rld was started with --config %s, which save does not touch",
			 rld->options.config);
		diag_hint(d, "use `rlctl export` and put what you want to keep there");
		return NULL;
	}
	copy = conf_copy(rld->conf);
	if (!others || !copy || load_others(others, d) || check_expressible(others, rld->conf, d) ||
	    write_file(others, rld->conf, &count, d)) {
		conf_free(copy);
		return NULL;
	}
	conf_free(rld->files);
	rld->files = copy;
	rld->version++;
	persist_files_decide(rld->persist);
	return json_pack("{s:s, s:I}", "file", SAVE_PATH, "statements", (json_int_t)count);
}
