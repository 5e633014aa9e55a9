// SPDX-License-Identifier: GPL-2.0-only
/* A line to words with their columns, and words to a line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "conf/grammar/lex.h"
#include "conf/model/conf.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

void words_done(struct words *w)
{
	free(w->line);
	free(w->storage);
	free(w->word);
	*w = (struct words){0};
}

/* What is wrong, and what was expected. */
#define WHAT(wrong, expected) ((const char *const[2]){wrong, expected})

static int refuse(struct diag *d, const char *line, size_t at, const char *const what[2])
{
	diag_set(d, DIAG_SYNTAX, "%s", what[0]);
	diag_expect(d, "%s", what[1]);
	d->column = (int)at + 1;
	d->width = 1;
	/* What is printed below the message must not carry what was refused to the terminal. */
	strncpy(d->text, line, sizeof(d->text) - 1);
	utf8_clean(d->text, "\t");
	return -EINVAL;
}

static int check_bytes(const char *line, size_t len, struct diag *d)
{
	size_t at;

	if (len > CONF_LINE_MAX) {
		refuse(d, line, CONF_LINE_MAX,
		       WHAT("line is longer than 4096 bytes", "a shorter line"));
		d->text[0] = 0;
		return -EINVAL;
	}
	at = utf8_valid_prefix(line, len);
	if (at < len) {
		/* A terminal would get the bytes that are no text. */
		refuse(d, line, at,
		       line[at] ? WHAT("line is not valid UTF-8", "UTF-8")
				: WHAT("NUL byte in the line", "text"));
		d->text[0] = 0;
		return -EINVAL;
	}
	for (at = 0; at < len; at++)
		if (utf8_control(line + at, len - at) && line[at] != '\t')
			return refuse(d, line, at, WHAT("control character in the line", "text"));
	return 0;
}

/* Takes the word at *at; its bytes go to *store. Words with a quote in the middle are none: a"b" is
 * an error. */
static int take_word(const char *line, size_t *at, char **store, struct word *ret, struct diag *d)
{
	size_t start = *at, end;
	char quote = line[start] == '"' || line[start] == '\'' ? line[start] : 0;

	if (quote) {
		const char *close = strchr(line + start + 1, quote);

		if (!close)
			return refuse(d, line, start,
				      WHAT("quote is never closed",
					   "the same quote at the end of the word"));
		end = (size_t)(close - line);
		*at = end + 1;
		if (line[*at] && !blank(line[*at]))
			return refuse(d, line, *at,
				      WHAT("text directly after a closing quote",
					   "a blank: a word has no escapes"));
		start++;
	} else {
		for (end = start; line[end] && !blank(line[end]); end++)
			if (line[end] == '"' || line[end] == '\'')
				return refuse(d, line, end,
					      WHAT("quote inside a word",
						   "quotes around the whole word"));
		*at = end;
	}
	*ret = (struct word){.text = *store, .len = end - start, .column = (int)start + 1};
	memcpy(*store, line + start, end - start);
	*store += end - start;
	*(*store)++ = 0;
	return 0;
}

static int split(struct words *w, struct diag *d)
{
	char *store = w->storage;
	size_t at = 0;
	int err;

	for (;;) {
		while (blank(w->line[at]))
			at++;
		if (!w->line[at] || w->line[at] == '#')
			return 0;
		err = take_word(w->line, &at, &store, &w->word[w->count], d);
		if (err)
			return err;
		w->count++;
	}
}

int words_split(const char *line, size_t len, struct words *ret, struct diag *d)
{
	_cleanup_(words_done) struct words w = {0};
	int err = check_bytes(line, len, d);

	if (err)
		return err;
	w.line = strndup(line, len);
	w.storage = malloc(len + 2);
	w.word = calloc(len / 2 + 1, sizeof(*w.word));
	if (!w.line || !w.storage || !w.word)
		return diag_errno(d, ENOMEM, "cannot read a line");
	err = split(&w, d);
	if (err)
		return err;
	*ret = w;
	w = (struct words){0};
	return 0;
}

/* The quote that `text` needs to be one word: '"', '\'', or 0 for none; -1 if it cannot be one. */
static int quote_of(const char *text, size_t len)
{
	bool quotes[2] = {memchr(text, '"', len), memchr(text, '\'', len)};
	bool blanks = memchr(text, ' ', len) || memchr(text, '\t', len);

	if (quotes[0] && quotes[1])
		return -1;
	if (quotes[0])
		return '\'';
	return quotes[1] || blanks || len == 0 || text[0] == '#' ? '"' : 0;
}

void word_print(const char *text, FILE *out)
{
	int quote = quote_of(text, strlen(text));

	if (quote > 0)
		fprintf(out, "%c%s%c", quote, text, quote);
	else
		fputs(text, out);
}

static int join(char *const argv[], size_t count, char **ret_line, size_t *ret_len, struct diag *d)
{
	FILE *out = open_memstream(ret_line, ret_len);

	if (!out)
		return diag_errno(d, ENOMEM, "cannot read a command");
	for (size_t i = 0; i < count; i++) {
		if (quote_of(argv[i], strlen(argv[i])) < 0) {
			fclose(out);
			diag_set(d, DIAG_SYNTAX, "word %zu has both kinds of quotes", i + 1);
			return diag_hint(
				d, "a configuration file could not hold it: a word has no escapes");
		}
		if (i)
			fputc(' ', out);
		word_print(argv[i], out);
	}
	if (fclose(out) != 0)
		return diag_errno(d, ENOMEM, "cannot read a command");
	return 0;
}

int words_from_argv(char *const argv[], size_t count, struct words *ret, struct diag *d)
{
	_cleanup_free_ char *line = NULL;
	size_t len;
	int err = join(argv, count, &line, &len, d);

	return err ? err : words_split(line, len, ret, d);
}
