// SPDX-License-Identifier: GPL-2.0-only
/* lists/NAME in the state directory: the last good content of a list's file. */
#include "rld/persist/lists_kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replace.h"
#include "conf/grammar/list_parse.h"
#include "conf/model/conf_internal.h"
#include "rld/loop/log.h"
#include "rld/persist/persist_files.h"

/* The first line: the sum of the others, and the file that they are of. */
#define HEAD "# rld list %016llx %s\n"
#define PATH_AT 28

static char *make_text(const struct conf_list *list, size_t *ret_len)
{
	char *text = NULL, prefix[ADDR_TEXT];
	FILE *out = open_memstream(&text, ret_len);
	const struct conf_entry *e;

	if (!out)
		return NULL;
	conf_list_each (e, at, list)
		fprintf(out, "%s\n", addr_format_prefix(&e->prefix, prefix));
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int write_list(const char *dir, const struct conf_named *named)
{
	_cleanup_free_ char *path = NULL, *temporary = NULL, *text = NULL;
	size_t len;
	FILE *file;
	int fd;

	if (asprintf(&path, "%s/" PERSIST_LISTS "/%s", dir, named->name) < 0 ||
	    asprintf(&temporary, "%s/" PERSIST_LISTS "/%s.new", dir, named->name) < 0)
		return -ENOMEM;
	text = make_text(&named->read, &len);
	if (!text)
		return -ENOMEM;
	fd = persist_make(temporary, O_WRONLY | O_TRUNC | O_NONBLOCK);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return -errno;
	fprintf(file, HEAD, (unsigned long long)persist_sum(text, len), named->path);
	fwrite(text, 1, len, file);
	if (!fflush(file) && !ferror(file))
		return replace_file(file, temporary, path);
	fclose(file);
	unlink(temporary);
	return -EIO;
}

static bool is_kept(const struct conf_named *named, const struct conf *before)
{
	const struct conf_named *old = before ? conf_find_named(before, named->name) : NULL;

	return old && !old->trouble && conf_list_equal(&old->read, &named->read);
}

int lists_kept_write(const char *dir, const struct conf *now, const struct conf *before)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_LISTS);
	int first = path ? 0 : -ENOMEM;

	for (size_t i = 0; path && i < now->nameds; i++) {
		const struct conf_named *named = &now->named[i];
		int err;

		if (!named->path || named->trouble || !named->read.count || is_kept(named, before))
			continue;
		mkdir(path, 0700);
		err = write_list(dir, named);
		if (err)
			log_line("cannot keep list %s in %s: %s; a start that finds a bad file has "
				 "an older one",
				 named->name, path, strerror(-err));
		first = first ? first : err;
	}
	return first;
}

static char *read_text(const char *dir, const char *name)
{
	_cleanup_free_ char *path = persist_path(PERSIST_LISTS, name);
	_cleanup_fclose_ FILE *file = NULL;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	if (!path || persist_open_file(dir, path, &file))
		return NULL;
	len = getdelim(&text, &size, 0, file); /* there is no byte 0 in it */
	if (len > 0)
		return text;
	free(text);
	return NULL;
}

/* The prefixes behind the first line; NULL: they are damaged, or of another file, which a list of
 * that name once had. */
static const char *body_of(const char *text, const char *path)
{
	const char *end = strchr(text, '\n');
	unsigned long long sum;

	if (!end || end - text < PATH_AT || sscanf(text, "# rld list %llx", &sum) != 1 ||
	    sum != persist_sum(end + 1, strlen(end + 1)))
		return NULL;
	text += PATH_AT;
	if ((size_t)(end - text) != strlen(path) || memcmp(text, path, strlen(path)) != 0)
		return NULL;
	return end + 1;
}

static int read_list(const char *dir, struct conf_named *named)
{
	_cleanup_free_ char *text = NULL;
	struct conf_list list = {0};
	struct list_report report;
	const char *body;
	int err;

	text = read_text(dir, named->name);
	body = text ? body_of(text, named->path) : NULL;
	if (!body) {
		log_line("list %s is empty: its file is refused, and nothing of it is kept in "
			 "%s/" PERSIST_LISTS,
			 named->name, dir);
		return 0;
	}
	err = list_parse(body, strlen(body), &list, &report);
	if (err) {
		conf_list_done(&list);
		return err;
	}
	log_line("list %s: its file is refused; it has what was kept of it in %s/" PERSIST_LISTS,
		 named->name, dir);
	named->read = list;
	return 0;
}

int lists_kept_read(const char *dir, struct conf *conf)
{
	bool some = false;
	int err = 0;

	for (size_t i = 0; !err && i < conf->nameds; i++) {
		struct conf_named *named = &conf->named[i];

		if (!named->trouble || named->read.count)
			continue;
		err = read_list(dir, named);
		some = true;
	}
	return err || !some ? err : conf_settle(conf, NULL);
}
