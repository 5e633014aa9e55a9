// SPDX-License-Identifier: GPL-2.0-only
/* The statements on lists: allow, deny, ban, unban. */
#include <errno.h>

#include "conf/grammar/nearest.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"
#include "conf/model/named.h"

static int take_prefix(struct stmt *s, struct addr_prefix *ret)
{
	const struct word *w;
	int err = stmt_take(s, "address or prefix", &w);

	return err ? err : stmt_parse_prefix(s, w, 0, w->len, ret);
}

static int take_addr(struct stmt *s, struct addr_prefix *ret)
{
	const struct word *w;
	int err = stmt_take(s, "address", &w);

	if (err)
		return err;
	ret->len = 128;
	if (addr_parse(w->text, w->len, &ret->addr) == 0)
		return 0;
	stmt_fail(s, w, 0, w->len, "bad address \"%.64s\"", w->text);
	return diag_expect(s->d,
			   "one address, like 192.0.2.7 or 2001:db8::7; deny add takes prefixes");
}

static int take_for(struct stmt *s, struct conf_entry *e)
{
	__u64 ns;
	int err = stmt_take_duration(s, "duration", &ns);

	if (err)
		return err;
	/* Up to a whole second, or `for 500ms` would never hold. */
	e->until_s = s->now_s + (__s64)((ns + UNITS_NS_PER_S - 1) / UNITS_NS_PER_S);
	e->timed = true;
	e->elapsed = true;
	return 0;
}

/* TIME, or `never`, which export writes for what a ban without an end left in the list. */
static int take_until(struct stmt *s, struct conf_entry *e)
{
	const struct word *w;
	bool file = s->origin && s->origin->file;
	int err = stmt_take(s, "time", &w);

	if (err)
		return err;
	e->timed = true;
	if (word_is(w, "never"))
		return 0;
	if (units_parse_time(w->text, w->len, &e->until_s)) {
		stmt_fail(s, w, 0, w->len, "bad time \"%.64s\"", w->text);
		diag_expect(s->d,
			    "like 2030-01-31T12:00:00Z or 2030-01-31T12:00:00+01:00, or never");
		nearest_hint_of(s->d, w->text, w->len, "never");
		return -EINVAL;
	}
	if (file || e->until_s > s->now_s)
		return 0; /* what ended while it lay in a file is no error */
	stmt_fail(s, w, 0, w->len, "time \"%.64s\" is in the past", w->text);
	return diag_expect(s->d, "a time to come");
}

static int take_comment(struct stmt *s, struct conf_entry *e)
{
	const struct word *w;
	int err = stmt_take(s, "the comment", &w);

	if (err)
		return err;
	if (w->len > CONF_COMMENT_MAX) {
		stmt_fail(s, w, 0, w->len, "comment is longer than %d bytes", CONF_COMMENT_MAX);
		return diag_expect(s->d, "a shorter comment");
	}
	e->comment = (char *)w->text; /* copied when it is put into the list */
	return 0;
}

int stmt_take_end(struct stmt *s, struct conf_entry *e, bool until)
{
	static const char *const known[] = {"for", "comment", "until"};
	bool ends = false, comment = false;
	const struct word *w;
	int err = 0;

	while (!err && (w = stmt_peek(s))) {
		bool is_end = word_is(w, "for") || (until && word_is(w, "until"));

		if (!is_end && !word_is(w, "comment"))
			return stmt_fail_unknown(s, w, "word", known, until ? 3 : 2);
		if (is_end ? ends : comment) {
			stmt_fail(s, w, 0, w->len, "unexpected \"%s\": it was said before",
				  w->text);
			return diag_expect(s->d, "one end and one comment");
		}
		s->at++;
		if (!is_end)
			err = take_comment(s, e);
		else
			err = word_is(w, "for") ? take_for(s, e) : take_until(s, e);
		ends |= is_end;
		comment |= !is_end;
	}
	return err;
}

static int changed(struct stmt *s, int kind, const struct addr_prefix *prefix, int outcome)
{
	char text[ADDR_TEXT];

	if (outcome < 0)
		return diag_errno(s->d, ENOMEM, "cannot change a list");
	s->change->kind = outcome ? kind : CONF_CHANGE_NONE;
	if (s->bulk)
		return 0; /* nobody tells of each entry of a file */
	snprintf(s->change->name, sizeof(s->change->name), "%s", addr_format_prefix(prefix, text));
	return 0;
}

static int fail_file(struct stmt *s, const struct word *w)
{
	stmt_fail(s, w, 0, w->len, "\"%s del\" is a command: a file cannot hold it",
		  s->words->word[0].text);
	return diag_expect(s->d, "add");
}

/* `r`, or an error on the way to what both the list and those that it has by name come to. */
static int settle(struct stmt *s, const struct conf_list *l, const struct addr_prefix *prefix,
		  int r)
{
	if (r > 0 && !s->bulk && conf_settle_entry(s->c, l == &s->c->deny, prefix))
		return -ENOMEM;
	return r;
}

static int put(struct stmt *s, struct conf_list *l, const struct conf_entry *e)
{
	list_note_add(s, l, e);
	return settle(s, l, &e->prefix, conf_list_put(l, e, s->bulk));
}

static int take(struct stmt *s, struct conf_list *l, const struct addr_prefix *prefix)
{
	bool deny = l == &s->c->deny;
	int r;

	list_note_del(s, l, prefix);
	r = settle(s, l, prefix, conf_list_remove(l, prefix));
	if (r >= 0 && !conf_list_find(l, prefix) &&
	    conf_list_find(deny ? conf_deny(s->c) : conf_allow(s->c), prefix))
		stmt_warn(s, "a list that the %s list has by name still has it",
			  deny ? "deny" : "allow");
	return r;
}

static bool peek_list(const struct stmt *s)
{
	const struct word *w = stmt_peek(s);

	return w && w->text[0] == '@';
}

static int change_list(struct stmt *s, struct conf_list *l, int kind)
{
	static const char *const known[] = {"add", "del"};
	struct conf_entry e = {.place = stmt_place(s)};
	const struct word *w;
	int err = stmt_take(s, "add or del", &w);

	if (err)
		return err;
	if (!word_is(w, "add") && !word_is(w, "del"))
		return stmt_fail_unknown(s, w, "word", known, 2);
	if (word_is(w, "del") && s->origin && s->origin->file)
		return fail_file(s, w);
	if (peek_list(s))
		return stmt_use_list(s, l == &s->c->deny, word_is(w, "add"));
	err = take_prefix(s, &e.prefix);
	if (!err)
		err = word_is(w, "add") ? stmt_take_end(s, &e, true) : stmt_end(s);
	if (err)
		return err;
	return changed(s, kind, &e.prefix,
		       word_is(w, "add") ? put(s, l, &e) : take(s, l, &e.prefix));
}

int stmt_allow(struct stmt *s)
{
	return change_list(s, &s->c->allow, CONF_CHANGE_ALLOW);
}

int stmt_deny(struct stmt *s)
{
	return change_list(s, &s->c->deny, CONF_CHANGE_DENY);
}

int stmt_ban(struct stmt *s)
{
	struct conf_entry e = {.timed = true};
	int err = take_addr(s, &e.prefix);

	if (!err)
		err = stmt_take_end(s, &e, false);
	return err ? err : changed(s, CONF_CHANGE_DENY, &e.prefix, put(s, &s->c->deny, &e));
}

int stmt_unban(struct stmt *s)
{
	struct addr_prefix prefix;
	int err = take_addr(s, &prefix);

	if (!err)
		err = stmt_end(s);
	return err ? err : changed(s, CONF_CHANGE_DENY, &prefix, take(s, &s->c->deny, &prefix));
}
