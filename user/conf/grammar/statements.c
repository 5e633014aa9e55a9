// SPDX-License-Identifier: GPL-2.0-only
/* The table of statements, one row each, and the way from words to the function of one. */
#include <errno.h>
#include <string.h>

#include "conf/grammar/stmt.h"

static const struct statement {
	const char *name;
	int (*apply)(struct stmt *s);
	bool in_file;
} statements[] = {
	{"attach", stmt_attach, true},
	{"detach", stmt_detach, false},
	{"set-limit", stmt_set_limit, true},
	{"del-limit", stmt_del_limit, false},
	{"enable", stmt_enable, false},
	{"disable", stmt_disable, true},
	{"allow", stmt_allow, true},
	{"deny", stmt_deny, true},
	{"list", stmt_list, true},
	{"del-list", stmt_del_list, false},
	{"ban", stmt_ban, false},
	{"unban", stmt_unban, false},
	{"mode", stmt_mode, true},
	{"set-option", stmt_set_option, true},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

static const struct statement *find(const char *word)
{
	for (size_t i = 0; i < STATEMENTS; i++)
		if (strcmp(statements[i].name, word) == 0)
			return &statements[i];
	return NULL;
}

bool conf_is_statement(const char *word)
{
	return find(word);
}

static size_t names(bool file, const char *ret[static STATEMENTS])
{
	size_t count = 0;

	for (size_t i = 0; i < STATEMENTS; i++)
		if (statements[i].in_file || !file)
			ret[count++] = statements[i].name;
	return count;
}

static int refuse(struct stmt *s, const struct statement *found)
{
	const struct word *w = s->words->word;
	bool file = s->origin && s->origin->file;
	const char *known[STATEMENTS];
	size_t count = names(file, known);

	stmt_fail_unknown(s, w, "statement", known, count);
	if (found) {
		snprintf(s->d->message, sizeof(s->d->message),
			 "\"%s\" is a command: a file cannot hold it", w->text);
		s->d->hint[0] = 0;
	}
	return -EINVAL;
}

int stmt_apply(struct stmt *s)
{
	const struct statement *found;
	bool file = s->origin && s->origin->file;

	if (s->words->count == 0)
		return stmt_fail_end(s, "statement is missing");
	found = find(s->words->word[0].text);
	if (!found || (file && !found->in_file))
		return refuse(s, found);
	s->at = 1;
	return found->apply(s);
}

int conf_apply(struct conf *c, char *const argv[], size_t count, __s64 now_s,
	       struct conf_change *ret, struct diag *d)
{
	__attribute__((cleanup(words_done))) struct words words = {0};
	struct conf_change change = {0};
	struct stmt s = {.c = c, .words = &words, .now_s = now_s, .change = &change, .d = d};
	int err = words_from_argv(argv, count, &words, d);

	if (!err)
		err = stmt_apply(&s);
	if (!err && ret)
		*ret = change;
	return err;
}
