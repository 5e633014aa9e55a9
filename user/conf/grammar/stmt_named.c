// SPDX-License-Identifier: GPL-2.0-only
/* The statements on lists with a name: list, del-list, and allow and deny of "@NAME". */
#include <errno.h>
#include <string.h>

#include "conf/grammar/nearest.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"
#include "conf/model/named.h"

static int no_memory(struct stmt *s)
{
	return diag_errno(s->d, ENOMEM, "cannot change a list");
}

static bool in_file(const struct stmt *s)
{
	return s->origin && s->origin->file;
}

static int fail_file(struct stmt *s, const struct word *w, const char *instead)
{
	stmt_fail(s, w, 0, w->len, "\"list NAME %s\" is a command: a file cannot hold it", w->text);
	return diag_expect(s->d, "%s", instead);
}

/* Where it is used it has changed as well. */
static int changed(struct stmt *s, const char *name, bool changed)
{
	s->change->kind = changed ? CONF_CHANGE_LIST : CONF_CHANGE_NONE;
	snprintf(s->change->name, sizeof(s->change->name), "%s", name);
	if (!changed || s->bulk)
		return 0;
	return conf_settle(s->c, name) ? no_memory(s) : 0;
}

/* One element of a word, [from, from + len). */
static bool next_element(const struct word *w, size_t *from, size_t *len)
{
	const char *comma;

	*from += *from || *len ? *len + 1 : 0;
	if (*from > w->len)
		return false;
	comma = memchr(w->text + *from, ',', w->len - *from);
	*len = comma ? (size_t)(comma - w->text) - *from : w->len - *from;
	return true;
}

/* All of them are looked at before the first one is put. */
static int check_prefixes(struct stmt *s, const struct word *w)
{
	struct addr_prefix prefix;
	size_t from = 0, len = 0;
	int err = 0;

	while (!err && next_element(w, &from, &len)) {
		if (len) {
			err = stmt_parse_prefix(s, w, from, len, &prefix);
			continue;
		}
		stmt_fail(s, w, from, 1, "list with an empty element");
		return diag_expect(s->d, "elements with \",\" between and no blanks");
	}
	return err;
}

static int put_all(struct stmt *s, struct conf_list *l, const struct word *w, bool add)
{
	struct conf_entry e = {.place = stmt_place(s)};
	size_t from = 0, len = 0;
	int r = 0, all = 0;

	while (r >= 0 && next_element(w, &from, &len)) {
		stmt_parse_prefix(s, w, from, len, &e.prefix);
		r = add ? conf_list_put(l, &e, s->bulk) : conf_list_remove(l, &e.prefix);
		all |= r;
	}
	return r < 0 ? r : all;
}

/* add and del. */
static int take_prefixes(struct stmt *s, const char *name, bool add)
{
	const struct word *w;
	struct conf_named *named;
	int r = stmt_take(s, "prefix", &w);

	if (!r)
		r = check_prefixes(s, w);
	if (!r)
		r = stmt_end(s);
	if (r)
		return r;
	named = add ? conf_named_make(s->c, name, stmt_place(s)) : conf_find_named(s->c, name);
	if (!named && add)
		return no_memory(s);
	r = named ? put_all(s, &named->said, w, add) : 0;
	if (!add && !r && named && named->read.count)
		stmt_warn(s, "what the file of a list has is taken away in the file");
	return r < 0 ? no_memory(s) : changed(s, name, r);
}

/* Read later, by who applies it: it may be long. */
static int take_file(struct stmt *s, const char *name)
{
	struct conf_named *named;
	const struct word *w;
	bool strict = false;
	int r = stmt_take(s, "the path of a file", &w);

	if (r)
		return r;
	if (w->text[0] != '/') {
		stmt_fail(s, w, 0, w->len, "the path of a list is not absolute");
		return diag_expect(s->d, "a path that begins with /");
	}
	strict = stmt_peek_is(s, "strict");
	s->at += strict;
	r = stmt_end(s);
	if (r) {
		nearest_hint_of(s->d, stmt_peek(s)->text, stmt_peek(s)->len, "strict");
		return r;
	}
	named = conf_named_make(s->c, name, stmt_place(s));
	if (!named || conf_named_set_path(named, w->text, strict) < 0)
		return no_memory(s);
	named->path_place = stmt_place(s);
	return changed(s, name, true);
}

/* `list NAME` alone: that there is one, though it be empty. */
static int make_empty(struct stmt *s, const char *name)
{
	bool new = !conf_find_named(s->c, name);

	return conf_named_make(s->c, name, stmt_place(s)) ? changed(s, name, new) : no_memory(s);
}

int stmt_list(struct stmt *s)
{
	static const char *const known[] = {"add", "del", "file"};
	const struct word *name, *w;
	int err = stmt_take_list_name(s, &name);

	if (err)
		return err;
	w = stmt_peek(s);
	if (!w)
		return make_empty(s, name->text);
	s->at++;
	if (word_is(w, "add"))
		return take_prefixes(s, name->text, true);
	if (word_is(w, "file"))
		return take_file(s, name->text);
	if (!word_is(w, "del"))
		return stmt_fail_unknown(s, w, "word", known, 3);
	return in_file(s) ? fail_file(s, w, "add") : take_prefixes(s, name->text, false);
}

int stmt_del_list(struct stmt *s)
{
	const struct word *name;
	struct conf_named *named;
	char users[200];
	int err = stmt_take_list_name(s, &name);

	if (!err)
		err = stmt_end(s);
	if (err)
		return err;
	if (*conf_named_users(s->c, name->text, users, sizeof(users))) {
		stmt_fail(s, name, 0, name->len, "list \"%s\" is used by %s", name->text, users);
		s->d->kind = DIAG_REFUSED;
		return diag_hint(s->d,
				 "take it from there first: set the limit anew, `allow del "
				 "@%s` or `deny del @%s`",
				 name->text, name->text);
	}
	named = conf_find_named(s->c, name->text);
	s->change->kind = named ? CONF_CHANGE_LIST : CONF_CHANGE_NONE;
	snprintf(s->change->name, sizeof(s->change->name), "%s", name->text);
	if (named)
		conf_named_del(s->c, named);
	return 0;
}

/* A list that is gone may still be taken away. */
static int take_use(struct stmt *s, const struct word *w, bool add, char ret[static RL_NAME_LEN])
{
	if (add)
		return stmt_parse_list_name(s, w, 0, w->len, ret);
	snprintf(ret, RL_NAME_LEN, "%s", w->text + 1);
	return stmt_end(s);
}

static void note_use(struct stmt *s, const struct conf_use *use)
{
	const struct conf_named *named = conf_find_named(s->c, use->name);

	if (!s->bulk && named && !conf_named_all(named)->count)
		stmt_warn(s, "list \"%s\" is empty", use->name);
}

int stmt_use_list(struct stmt *s, bool deny, bool add)
{
	const struct word *w = stmt_peek(s);
	struct conf_use use = {.deny = deny, .how.place = stmt_place(s)};
	int r;

	s->at++;
	r = take_use(s, w, add, use.name);
	if (!r && add)
		r = stmt_take_end(s, &use.how, true);
	if (r)
		return r;
	if (add)
		note_use(s, &use);
	r = add ? conf_use_put(s->c, &use) : conf_use_remove(s->c, deny, use.name);
	if (r < 0)
		return no_memory(s);
	s->change->kind = r ? CONF_CHANGE_LIST : CONF_CHANGE_NONE;
	snprintf(s->change->name, sizeof(s->change->name), "@%s", use.name);
	return r && !s->bulk && conf_settle_whole(s->c) ? no_memory(s) : 0;
}
