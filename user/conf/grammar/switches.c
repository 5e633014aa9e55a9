// SPDX-License-Identifier: GPL-2.0-only
/* The statements of few words: attach, detach, del-limit, enable, disable, mode, set-option. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "conf/grammar/nearest.h"
#include "conf/grammar/print.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"

static const char *const attach_modes[] = {"auto", "native", "generic"};

const char *conf_attach_mode_text(enum conf_attach_mode mode)
{
	return attach_modes[mode];
}

static void changed(struct stmt *s, int kind, const char *name)
{
	s->change->kind = kind;
	snprintf(s->change->name, sizeof(s->change->name), "%s", name);
}

static int take_attach_mode(struct stmt *s, enum conf_attach_mode *ret)
{
	const struct word *w;
	int err;

	*ret = CONF_ATTACH_AUTO;
	if (!stmt_peek_is(s, "mode")) {
		err = stmt_end(s);
		if (err)
			nearest_hint_of(s->d, stmt_peek(s)->text, stmt_peek(s)->len, "mode");
		return err;
	}
	s->at++;
	err = stmt_take(s, "auto, native or generic", &w);
	if (err)
		return err;
	for (unsigned i = 0; i < 3; i++) {
		if (!word_is(w, attach_modes[i]))
			continue;
		*ret = (enum conf_attach_mode)i;
		return stmt_end(s);
	}
	return stmt_fail_unknown(s, w, "mode", attach_modes, 3);
}

int stmt_attach(struct stmt *s)
{
	struct conf_attach new = {.place = stmt_place(s)}, *old, *grown;
	struct conf *c = s->c;
	int err = stmt_take_iface(s, new.iface);

	if (!err)
		err = take_attach_mode(s, &new.mode);
	if (err)
		return err;
	old = conf_find_attach(c, new.iface);
	changed(s, old && old->mode == new.mode ? CONF_CHANGE_NONE : CONF_CHANGE_ATTACH, new.iface);
	if (old) {
		*old = new;
		return 0;
	}
	/* Slot 0 of the program is "unknown". */
	if (c->attaches >= RL_IFACES_MAX - 1)
		return stmt_fail_all(s, DIAG_REFUSED, "more than %d interfaces", RL_IFACES_MAX - 1);
	grown = reallocarray(c->attach, c->attaches + 1, sizeof(*grown));
	if (!grown)
		return diag_errno(s->d, ENOMEM, "cannot attach");
	c->attach = grown;
	c->attach[c->attaches++] = new;
	return 0;
}

int stmt_detach(struct stmt *s)
{
	char iface[IF_NAMESIZE];
	struct conf_attach *old;
	struct conf *c = s->c;
	int err = stmt_take_iface(s, iface);

	if (!err)
		err = stmt_end(s);
	if (err)
		return err;
	old = conf_find_attach(c, iface);
	changed(s, old ? CONF_CHANGE_DETACH : CONF_CHANGE_NONE, iface);
	if (!old)
		return 0;
	memmove(old, old + 1, sizeof(*old) * (size_t)(c->attach + c->attaches - old - 1));
	c->attaches--;
	return 0;
}

int stmt_del_limit(struct stmt *s)
{
	struct conf *c = s->c;
	size_t i;
	int found = stmt_find_limit(s, &i), err;

	if (found == -EINVAL)
		return found;
	err = stmt_end(s);
	if (err)
		return err;
	changed(s, found == 0 ? CONF_CHANGE_LIMIT : CONF_CHANGE_NONE, s->words->word[1].text);
	if (found != 0)
		return 0;
	conf_limit_free(c->limit[i]);
	memmove(c->limit + i, c->limit + i + 1, sizeof(*c->limit) * (c->limits - i - 1));
	c->limits--;
	return 0;
}

static int fail_no_limit(struct stmt *s)
{
	const struct word *w = &s->words->word[s->at - 1];

	stmt_fail(s, w, 0, w->len, "there is no limit \"%s\"", w->text);
	if (s->d->kind == DIAG_SYNTAX)
		s->d->kind = DIAG_REFUSED;
	return diag_expect(s->d, "the name of a limit that was set before");
}

static int set_enabled(struct stmt *s, bool enabled)
{
	struct conf_limit *l;
	size_t i;
	int err = stmt_find_limit(s, &i);

	if (err == -ENOENT)
		return fail_no_limit(s);
	if (!err)
		err = stmt_end(s);
	if (err)
		return err;
	changed(s, s->c->limit[i]->enabled == enabled ? CONF_CHANGE_NONE : CONF_CHANGE_LIMIT,
		s->c->limit[i]->abi.name);
	l = conf_limit_own(s->c, i);
	if (!l)
		return diag_errno(s->d, ENOMEM, "cannot change a limit");
	l->enabled = enabled;
	return 0;
}

int stmt_enable(struct stmt *s)
{
	return set_enabled(s, true);
}

int stmt_disable(struct stmt *s)
{
	return set_enabled(s, false);
}

int stmt_mode(struct stmt *s)
{
	const struct word *w;
	int mode, err = stmt_take(s, "enforce, monitor or off", &w);

	if (err)
		return err;
	mode = names_find(&names_mode, w->text, w->len);
	if (mode < 0)
		return stmt_fail_unknown(s, w, "mode", names_mode.text, names_mode.count);
	err = stmt_end(s);
	if (err)
		return err;
	changed(s, s->c->mode == (enum rl_mode)mode ? CONF_CHANGE_NONE : CONF_CHANGE_MODE, w->text);
	s->c->mode = (enum rl_mode)mode;
	s->c->mode_place = stmt_place(s);
	return 0;
}

static int fail_option(struct stmt *s, const struct word *w)
{
	const char *known[32];
	size_t count = 0;

	while (count < conf_option_count()) {
		known[count] = conf_option_info(count)->name;
		count++;
	}
	return stmt_fail_unknown(s, w, "option", known, count);
}

static bool same_option(const struct conf_options *a, const struct conf_options *b, size_t i)
{
	char x[CONF_TEXT], y[CONF_TEXT];
	struct conf c = {.options = *a}, d = {.options = *b};

	return strcmp(conf_option_format(&c, i, x), conf_option_format(&d, i, y)) == 0;
}

/* Of the first part that is near to a word. */
static void hint_word(struct diag *d, const char *words, const char *value)
{
	for (const char *at = value; words && *at && !d->hint[0]; at += strspn(at, ",")) {
		size_t len;

		at += strspn(at, "0123456789"); /* "10mn" */
		len = strcspn(at, ",");
		nearest_hint_of(d, at, len, words);
		at += len;
	}
}

static int set_option(struct stmt *s, struct conf_options *o, size_t index, const struct word *w)
{
	if (!conf_option_parse(o, index, w->text))
		return 0;
	stmt_fail(s, w, 0, w->len, "bad value \"%.64s\" of option \"%s\"", w->text,
		  conf_option_info(index)->name);
	diag_expect(s->d, "%s", conf_option_info(index)->range);
	hint_word(s->d, conf_option_words(index), w->text);
	return -EINVAL;
}

int stmt_set_option(struct stmt *s)
{
	struct conf_options options = s->c->options;
	const struct word *name, *value;
	size_t i = 0;
	bool same;
	int err = stmt_take(s, "the name of an option", &name);

	if (err)
		return err;
	while (i < conf_option_count() && !word_is(name, conf_option_info(i)->name))
		i++;
	if (i == conf_option_count())
		return fail_option(s, name);
	err = stmt_take(s, "the option's value", &value);
	if (!err)
		err = set_option(s, &options, i, value);
	if (!err)
		err = stmt_end(s);
	if (err)
		return err;
	same = s->c->options_set & 1u << i && same_option(&options, &s->c->options, i);
	changed(s, same ? CONF_CHANGE_NONE : CONF_CHANGE_OPTION, name->text);
	s->c->options = options;
	s->c->option_place[i] = stmt_place(s);
	s->c->options_set |= 1u << i;
	return 0;
}
