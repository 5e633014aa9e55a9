// SPDX-License-Identifier: GPL-2.0-only
/* A statement's words: taking them, and saying what is wrong with them. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/words.h"
#include "conf/grammar/later.h"
#include "conf/grammar/nearest.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"

const struct word *stmt_peek(const struct stmt *s)
{
	return s->at < s->words->count ? &s->words->word[s->at] : NULL;
}

bool word_is(const struct word *w, const char *text)
{
	return w && strcmp(w->text, text) == 0;
}

bool stmt_peek_is(const struct stmt *s, const char *text)
{
	return word_is(stmt_peek(s), text);
}

struct conf_place stmt_place(const struct stmt *s)
{
	if (!s->origin || !s->origin->file)
		return (struct conf_place){0};
	return (struct conf_place){
		.file = conf_path_index(s->c, s->origin->file),
		.line = (__u32)s->origin->line,
	};
}

int stmt_take(struct stmt *s, const char *expected, const struct word **ret)
{
	const struct word *w = stmt_peek(s);

	if (!w) {
		stmt_fail_end(s, "%s is missing", expected);
		return diag_expect(s->d, "%s", expected);
	}
	s->at++;
	*ret = w;
	return 0;
}

int stmt_end(struct stmt *s)
{
	const struct word *w = stmt_peek(s);

	if (!w)
		return 0;
	stmt_fail(s, w, 0, w->len, "unexpected \"%.64s\"", w->text);
	return diag_expect(s->d, "the end of the line");
}

/* Copies what fits, never half a character. */
static void copy_line(char *buf, size_t size, const char *line)
{
	size_t len = strlen(line);

	if (len >= size)
		for (len = size - 1; len && ((unsigned char)line[len] & 0xc0) == 0x80;)
			len--;
	memcpy(buf, line, len);
	buf[len] = 0;
}

static int mark(struct stmt *s, int column, int width)
{
	struct diag *d = s->d;

	copy_line(d->text, sizeof(d->text), s->words->line);
	d->column = column;
	d->width = width;
	if (s->origin && s->origin->file) {
		snprintf(d->file, sizeof(d->file), "%s", s->origin->file);
		d->line = s->origin->line;
		d->kind = DIAG_CONFIG;
	}
	return -EINVAL;
}

void stmt_warn(struct stmt *s, const char *format, ...)
{
	char text[sizeof(s->change->warning)];
	size_t len = strlen(s->change->warning);
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(s->change->warning + len, sizeof(text) - len, "%s%s", len ? "; " : "", text);
}

int stmt_mark(struct stmt *s, const struct word *w, size_t from, size_t len)
{
	return mark(s, w->column + (int)from, len ? (int)len : 1);
}

int stmt_mark_end(struct stmt *s)
{
	size_t count = s->words->count;
	const struct word *last = count ? &s->words->word[count - 1] : NULL;
	int column = 1;

	if (last) {
		char before = last->column > 1 ? s->words->line[last->column - 2] : ' ';

		column = last->column + (int)last->len + 1 + (before == '"' || before == '\'');
	}
	return mark(s, column, 1);
}

int stmt_mark_all(struct stmt *s)
{
	const struct word *first = s->words->word, *last = first + s->words->count - 1;

	return mark(s, first->column, last->column + (int)last->len - first->column);
}

int stmt_fail_unknown(struct stmt *s, const struct word *w, const char *what,
		      const char *const known[], size_t count)
{
	char list[sizeof(s->d->expected) - 16];

	words_text((char *const *)known, count, list, sizeof(list));
	return stmt_fail_part(s, w, 0, w->len, what, list);
}

int stmt_fail_part(struct stmt *s, const struct word *w, size_t from, size_t len, const char *what,
		   const char *list)
{
	const char *text = w->text + from;
	int shown = len > 64 ? 64 : (int)len;

	if (later_has(what, text, len)) {
		stmt_fail(s, w, from, len, "%s \"%.*s\" is not in this version", what, shown, text);
		if (s->d->kind == DIAG_SYNTAX)
			s->d->kind = DIAG_UNSUPPORTED;
	} else {
		stmt_fail(s, w, from, len, "unknown %s \"%.*s\"", what, shown, text);
		nearest_hint_of(s->d, text, len, list);
	}
	return diag_expect(s->d, "one of: %s", list);
}
