// SPDX-License-Identifier: GPL-2.0-only
/* Configuration files to statements to a configuration: all of it or nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"
#include "conf/model/named.h"

/* One file on its way in. */
struct load {
	struct conf *c;
	FILE *notices;
	__s64 now_s;
	struct diag *d;
	struct conf_origin origin;
};

/* A line without its end, or the first CONF_LINE_MAX + 1 bytes of one that is too long; false at
 * the file's end. */
static bool read_line(FILE *f, char buf[static CONF_LINE_MAX + 2], size_t *ret_len)
{
	size_t len = 0;
	int c = getc_unlocked(f);

	if (c == EOF)
		return false;
	for (; c != EOF && c != '\n' && len <= CONF_LINE_MAX; c = getc_unlocked(f))
		buf[len++] = (char)c;
	if (len && c == '\n' && buf[len - 1] == '\r')
		len--;
	buf[len] = 0;
	*ret_len = len;
	return true;
}

static void place(struct load *l)
{
	snprintf(l->d->file, sizeof(l->d->file), "%s", l->origin.file);
	l->d->line = l->origin.line;
	l->d->kind = DIAG_CONFIG;
}

/* Where the limit stood that the statement is about to replace, if it is a set-limit. */
static int check_twice(struct load *l, struct stmt *s, const struct conf_limit *old,
		       const char *old_file, int old_line)
{
	if (!old || !s->change->replaced)
		return 0;
	if (strcmp(old_file, l->origin.file) == 0) {
		const struct word *w = &s->words->word[s->words->count > 1];

		stmt_fail(s, w, 0, w->len, "limit \"%s\" stands twice in this file",
			  s->change->name);
		return diag_expect(l->d, "another name; the first is in line %d", old_line);
	}
	if (!l->notices)
		return 0;
	fprintf(l->notices, "%s:%d: limit \"%s\" replaces ", l->origin.file, l->origin.line,
		s->change->name);
	if (old_file[0])
		fprintf(l->notices, "the one of %s:%d\n", old_file, old_line);
	else
		fprintf(l->notices, "one that was set before\n");
	return 0;
}

/* The limit that a set-limit would replace, or NULL. */
static const struct conf_limit *replaced(const struct load *l, const struct words *words)
{
	if (words->count < 2 || !word_is(&words->word[0], "set-limit"))
		return NULL;
	/* Rates begin with a digit, and so without a name. */
	if (words->word[1].text[0] >= '0' && words->word[1].text[0] <= '9')
		return conf_find_limit(l->c, "default");
	return conf_find_limit(l->c, words->word[1].text);
}

/* FNV-1a over each word and its end. */
static __u64 hash_words(__u64 hash, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		for (size_t j = 0; j <= words->word[i].len; j++)
			hash = (hash ^ (__u8)words->word[i].text[j]) * 0x100000001b3;
	return (hash ^ '\n') * 0x100000001b3;
}

static int apply_words(struct load *l, const struct words *words)
{
	struct conf_change change = {0};
	struct stmt s = {.c = l->c,
			 .words = words,
			 .now_s = l->now_s,
			 .origin = &l->origin,
			 .bulk = true,
			 .change = &change,
			 .d = l->d};
	const struct conf_limit *old = replaced(l, words);
	char old_file[sizeof(old->file)] = "";
	int old_line = 0, err;

	if (old) { /* it is gone afterwards */
		memcpy(old_file, old->file, sizeof(old_file));
		old_line = old->line;
	}
	err = stmt_apply(&s);
	if (!err && l->notices && change.warning[0])
		fprintf(l->notices, "%s:%d: warning: %s\n", l->origin.file, l->origin.line,
			change.warning);
	l->c->hash = hash_words(l->c->hash, words);
	return err ? err : check_twice(l, &s, old, old_file, old_line);
}

static int apply_line(struct load *l, const char *line, size_t len)
{
	_cleanup_(words_done) struct words words = {0};
	int err = words_split(line, len, &words, l->d);

	if (err) {
		place(l);
		return err;
	}
	return words.count ? apply_words(l, &words) : 0;
}

static int apply_file(struct load *l, FILE *f)
{
	char line[CONF_LINE_MAX + 2];
	size_t len;
	int err;

	while (read_line(f, line, &len)) {
		l->origin.line++;
		err = apply_line(l, line, len);
		if (err)
			return err;
	}
	if (ferror(f))
		return diag_errno(l->d, errno ? errno : EIO, "cannot read %s", l->origin.file);
	if (conf_list_sort(&l->c->allow) || conf_list_sort(&l->c->deny) || conf_nameds_sort(l->c) ||
	    conf_settle(l->c, NULL))
		return diag_errno(l->d, ENOMEM, "cannot load %s", l->origin.file);
	return 0;
}

/* What an earlier load of the same file set is no limit that stands twice in it. */
static int forget_origin(struct conf *c, const char *path)
{
	for (size_t i = 0; i < c->limits; i++) {
		if (strcmp(c->limit[i]->file, path) != 0)
			continue;
		if (!conf_limit_own(c, i))
			return -ENOMEM;
		c->limit[i]->file[0] = 0;
	}
	return 0;
}

/* Into `l->c`, which is worth nothing after an error. */
static int load_one(struct load *l, const char *path, bool optional)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	l->origin = (struct conf_origin){.file = path};
	if (forget_origin(l->c, path))
		return diag_errno(l->d, ENOMEM, "cannot load %s", path);
	if (f)
		return apply_file(l, f);
	if (optional && errno == ENOENT)
		return 0;
	return diag_errno(l->d, errno, "cannot open %s", path);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* Unlike alphasort() the same in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int conf_files(const char *dir, struct dirent ***ret)
{
	return scandir(dir, ret, is_conf, by_name);
}

static int load_dir(struct load *l, const char *dir, bool optional)
{
	struct dirent **entry;
	int count = conf_files(dir, &entry), err = 0;

	if (count < 0)
		return optional && errno == ENOENT ? 0
						   : diag_errno(l->d, errno, "cannot read %s", dir);
	for (int i = 0; i < count; i++) {
		char path[sizeof(l->d->file)];

		if (!err && snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name) >=
				    (int)sizeof(path))
			err = diag_errno(l->d, ENAMETOOLONG, "cannot read %s", dir);
		if (!err)
			err = load_one(l, path, false);
		free(entry[i]);
	}
	free(entry);
	return err;
}

/* What was loaded into the copy takes the place of `c`, and is the copy's to free. */
static void swap(struct conf *c, struct conf *copy)
{
	struct conf old = *c;

	*c = *copy;
	*copy = old;
}

int conf_load(struct conf *c, const char *path, const char *dir, bool optional, __s64 now_s,
	      FILE *notices, struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *copy = conf_copy(c);
	struct load l = {.c = copy, .notices = notices, .now_s = now_s, .d = d};
	int err = 0;

	if (!copy)
		return diag_errno(d, ENOMEM, "cannot load a configuration");
	if (path)
		err = load_one(&l, path, optional);
	if (!err && dir)
		err = load_dir(&l, dir, optional);
	if (err)
		return err;
	swap(c, copy);
	return 0;
}

int conf_load_text(struct conf *c, const char *text, __s64 now_s, struct diag *d)
{
	_cleanup_(conf_free_ptr) struct conf *copy = conf_copy(c);
	_cleanup_fclose_ FILE *f = fmemopen((char *)text, strlen(text), "r");
	struct load l = {.c = copy, .now_s = now_s, .d = d, .origin = {.file = "config"}};
	int err;

	if (!copy || !f)
		return diag_errno(d, ENOMEM, "cannot load a configuration");
	err = apply_file(&l, f);
	if (!err)
		swap(c, copy);
	return err;
}

int conf_load_file(struct conf *c, const char *path, __s64 now_s, FILE *notices, struct diag *d)
{
	return conf_load(c, path, NULL, false, now_s, notices, d);
}
