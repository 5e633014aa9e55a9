// SPDX-License-Identifier: GPL-2.0-only
/* What a file cannot say of the configuration at work, and which line of which file to change. */
#include "rld/change/save_check.h"

#include <errno.h>
#include <string.h>

#include "conf/grammar/grammar.h"
#include "rl/proto.h"
#include "rld/change/save_check_internal.h"

/* A file that holds what comes back. */
static int refuse(struct diag *d, const char *file, __u32 line, const char *what, const char *todo)
{
	diag_set(d, DIAG_REFUSED, "%s, which a file cannot say: %s %s:%u", what, todo, file, line);
	return diag_hint(d, "then `rlctl save` again; `rlctl export` prints the whole running "
			    "configuration");
}

int save_refuse_at(const struct conf *c, struct conf_place place, struct diag *d, const char *what)
{
	const char *file = conf_place_file(c, place);

	return refuse(d, file ? file : "the files", place.line, what, "remove it from");
}

static int refuse_later_line(const char *file, __u32 line, struct diag *d, const char *what)
{
	diag_set(d, DIAG_REFUSED,
		 "%s is changed, but %s:%u says it otherwise and is read after what is saved", what,
		 file, line);
	return diag_hint(d, "change that line, then `rlctl save` again");
}

static int refuse_later(const struct conf *c, struct conf_place place, struct diag *d,
			const char *what)
{
	const char *file = conf_place_file(c, place);

	return refuse_later_line(file ? file : "a file", place.line, d, what);
}

/* What a reload brings of an entry with an end may differ: with `for` it begins anew each time. */
static bool is_free(const struct save_check *check, const struct conf_entry *e)
{
	return e->timed && (e->elapsed || (e->until_s && e->until_s <= check->now_s));
}

static bool same_entry(const struct conf_entry *a, const struct conf_entry *b)
{
	return a->timed == b->timed && (!a->timed || a->until_s == b->until_s) &&
	       conf_same_comment(a, b);
}

static int check_entry(const struct save_check *check, const struct conf_list *now,
		       const struct conf_entry *e, const char *list)
{
	const struct conf_entry *found = conf_list_find(now, &e->prefix);

	if (is_free(check, e) || (found && same_entry(found, e)))
		return 0;
	return found ? -EEXIST : -ENOENT;
}

static int check_list(const struct save_check *check, bool allow, struct diag *d)
{
	const struct conf_list *after = allow ? &check->after->allow : &check->after->deny;
	const struct conf_list *now = allow ? &check->now->allow : &check->now->deny;
	const char *list = allow ? "allow" : "deny";
	char prefix[ADDR_TEXT], what[ADDR_TEXT + 128];
	const struct conf_entry *e;

	conf_list_each (e, at, after) {
		int err = check_entry(check, now, e, list);

		if (!err)
			continue;
		addr_format_prefix(&e->prefix, prefix);
		snprintf(what, sizeof(what), "%s %s was %s", list, prefix,
			 err == -ENOENT ? "deleted" : "given an end or another one");
		return save_refuse_at(check->after, e->place, d, what);
	}
	conf_list_each (e, at, now) {
		const struct conf_entry *found = conf_list_find(after, &e->prefix);

		if (e->timed || (found && same_entry(found, e)))
			continue; /* what is state a reload keeps */
		snprintf(what, sizeof(what), "%s %s", list, addr_format_prefix(&e->prefix, prefix));
		return refuse_later(check->after, found ? found->place : (struct conf_place){0}, d,
				    what);
	}
	return 0;
}

static int check_attaches(const struct save_check *check, struct diag *d)
{
	char what[IF_NAMESIZE + 64];

	for (size_t i = 0; i < check->after->attaches; i++) {
		const struct conf_attach *a = &check->after->attach[i];
		const struct conf_attach *now = conf_find_attach(check->now, a->iface);

		if (now && now->mode == a->mode)
			continue;
		snprintf(what, sizeof(what), "attach %s%s", a->iface, now ? "" : " was taken back");
		return now ? refuse_later(check->after, a->place, d, what)
			   : save_refuse_at(check->after, a->place, d, what);
	}
	return 0;
}

static int check_options(const struct save_check *check, struct diag *d)
{
	char is[CONF_TEXT], was[CONF_TEXT], what[64];

	if (check->after->mode != check->now->mode)
		return refuse_later(check->after, check->after->mode_place, d, "the mode");
	for (size_t i = 0; i < conf_option_count(); i++) {
		if (!strcmp(conf_option_format(check->after, i, is),
			    conf_option_format(check->now, i, was)))
			continue;
		snprintf(what, sizeof(what), "option %s", conf_option_info(i)->name);
		return refuse_later(check->after, check->after->option_place[i], d, what);
	}
	return 0;
}

static int refuse_limit(const struct conf_limit *limit, const char *what, const char *todo,
			struct diag *d)
{
	char text[RL_NAME_LEN + 64];

	snprintf(text, sizeof(text), "limit %s %s", limit->abi.name, what);
	return refuse(d, limit->file, (__u32)limit->line, text, todo);
}

static int refuse_later_limit(const struct conf_limit *limit, struct diag *d)
{
	char text[RL_NAME_LEN + 64];

	snprintf(text, sizeof(text), "limit %s", limit->abi.name);
	return refuse_later_line(limit->file, (__u32)limit->line, d, text);
}

static bool same_limit(const struct conf_limit *a, const struct conf_limit *b)
{
	return conf_same_limit(a, b) && a->enabled == b->enabled;
}

static bool is_later(const struct conf_limit *limit)
{
	const char *name = strrchr(limit->file, '/');

	return !strncmp(limit->file, RL_CONFIG_DIR "/", sizeof(RL_CONFIG_DIR)) &&
	       strcmp(name + 1, RL_SAVE_FILE) > 0;
}

int save_check_limits(const struct conf *others, const struct conf *now, struct diag *d)
{
	for (size_t i = 0; i < others->limits; i++) {
		const struct conf_limit *limit = others->limit[i];
		const struct conf_limit *found = conf_find_limit(now, limit->abi.name);

		if (!found)
			return refuse_limit(limit, "was deleted", "remove it from", d);
		if (is_later(limit) && !same_limit(limit, found))
			return refuse_later_limit(limit, d);
	}
	return 0;
}

/* What is left: a later file that enables or disables one of an earlier file. */
static int check_limits(const struct save_check *check, struct diag *d)
{
	for (size_t i = 0; i < check->after->limits; i++) {
		const struct conf_limit *limit = check->after->limit[i];
		const struct conf_limit *now = conf_find_limit(check->now, limit->abi.name);

		if (!now || !same_limit(limit, now))
			return refuse_later_limit(limit, d);
	}
	return 0;
}

/* The next one that has a place of its own: `default` is judged last wherever it stands. */
static const struct conf_limit *next_in_order(const struct conf *c, size_t *at)
{
	while (*at < c->limits && !strcmp(c->limit[*at]->abi.name, "default"))
		++*at;
	return *at < c->limits ? c->limit[(*at)++] : NULL;
}

/* `first` would judge before `second`, and now does not. */
static int refuse_order(const struct save_check *check, const char *first, const char *second,
			struct diag *d)
{
	const struct conf_limit *held = conf_find_limit(check->others, first);

	if (held)
		return refuse_limit(held, "judges in another place", "move it in", d);
	held = conf_find_limit(check->others, second);
	diag_set(d, DIAG_REFUSED,
		 "limit %s judges before %s, but %s:%d is read after what is saved", second, first,
		 held ? held->file : "it", held ? held->line : 0);
	return diag_hint(d, "give that file a name before %s, then `rlctl save` again",
			 RL_SAVE_FILE);
}

static int check_order(const struct save_check *check, struct diag *d)
{
	const struct conf_limit *after, *now;
	size_t i = 0, j = 0;

	for (;;) {
		after = next_in_order(check->after, &i);
		now = next_in_order(check->now, &j);
		if (!after || !now)
			return 0;
		if (strcmp(after->abi.name, now->abi.name))
			return refuse_order(check, after->abi.name, now->abi.name, d);
	}
}

int save_check(const struct save_check *check, struct diag *d)
{
	int err = check_limits(check, d);

	if (!err)
		err = check_order(check, d);
	if (!err)
		err = check_attaches(check, d);
	if (!err)
		err = save_check_nameds(check, d);
	if (!err)
		err = check_list(check, true, d);
	if (!err)
		err = check_list(check, false, d);
	return err ? err : check_options(check, d);
}
