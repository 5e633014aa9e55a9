// SPDX-License-Identifier: GPL-2.0-only
/* Filling and printing a struct diag. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/diag.h"
#include "base/utf8.h"

#define RED "\033[1;31m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static void clear(struct diag *d, enum diag_kind kind)
{
	memset(d, 0, sizeof(*d));
	d->kind = kind;
}

int diag_set(struct diag *d, enum diag_kind kind, const char *format, ...)
{
	va_list args;

	clear(d, kind);
	va_start(args, format);
	vsnprintf(d->message, sizeof(d->message), format, args);
	va_end(args);
	return -EINVAL;
}

static enum diag_kind kind_of_errno(int err)
{
	return err == EPERM || err == EACCES ? DIAG_PERMISSION : DIAG_FAILED;
}

int diag_errno(struct diag *d, int err, const char *format, ...)
{
	char what[sizeof(d->message)];
	va_list args;

	if (err < 0)
		err = -err;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	clear(d, kind_of_errno(err));
	/* A message that fills the buffer keeps its end: the error's text is what helps. */
	snprintf(d->message, sizeof(d->message), "%.400s: %s", what, strerror(err));
	return -err;
}

int diag_hint(struct diag *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->hint, sizeof(d->hint), format, args);
	va_end(args);
	return -EINVAL;
}

int diag_expect(struct diag *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->expected, sizeof(d->expected), format, args);
	va_end(args);
	return -EINVAL;
}

static void print_place(FILE *out, const struct diag *d, const char *program)
{
	if (!d->file[0]) {
		if (program)
			fprintf(out, "%s: ", program);
		return;
	}
	fprintf(out, "%s:", d->file);
	if (d->line > 0)
		fprintf(out, "%d:", d->line);
	if (d->line > 0 && d->column > 0)
		fprintf(out, "%d:", d->column);
	fputs(" error: ", out);
}

/* Tabs stay tabs, so that the carets stand below what they mean; a character of several bytes takes
 * one place. */
static void print_blank(FILE *out, const char *text, int bytes)
{
	int i;

	for (i = 0; i < bytes && text[i]; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			fputc(text[i] == '\t' ? '\t' : ' ', out);
	}
	for (; i < bytes; i++)
		fputc(' ', out);
}

static void print_carets(FILE *out, const char *text, int bytes)
{
	int printed = 0;

	for (int i = 0; i < bytes && text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && ++printed)
			fputc('^', out);
	if (!printed)
		fputc('^', out);
}

static void print_excerpt(FILE *out, const struct diag *d, int color)
{
	int before = d->column - 1;
	int length = (int)strlen(d->text);

	fprintf(out, "    %s\n", d->text);
	if (d->column <= 0)
		return;
	if (before > length + 2) { /* the text was cut before it */
		if (d->expected[0])
			fprintf(out, "    expected: %s\n", d->expected);
		return;
	}
	fputs("    ", out);
	print_blank(out, d->text, before);
	fputs(color ? RED : "", out);
	print_carets(out, d->text + (before < length ? before : length), d->width);
	fputs(color ? PLAIN : "", out);
	if (d->expected[0])
		fprintf(out, "   %s", d->expected);
	fputc('\n', out);
}

void diag_print(FILE *out, const struct diag *what, const char *program, int color)
{
	struct diag copy = *what;
	const struct diag *d = &copy;

	/* Words and names of others are in all of these. */
	utf8_clean(copy.file, "");
	utf8_clean(copy.text, "\t");
	utf8_clean(copy.message, "");
	utf8_clean(copy.expected, "");
	utf8_clean(copy.hint, "");
	fputs(color ? BOLD : "", out);
	print_place(out, d, program);
	fprintf(out, "%s%s\n", d->message, color ? PLAIN : "");
	if (d->text[0])
		print_excerpt(out, d, color);
	else if (d->expected[0])
		fprintf(out, "    expected: %s\n", d->expected);
	if (d->hint[0])
		fprintf(out, "    %s\n", d->hint);
}

#define X(id, name, status) name,
static const char *const kind_name[] = {DIAG_KINDS(X)};
#undef X
#define X(id, name, status) status,
static const int kind_status[] = {DIAG_KINDS(X)};
#undef X
_Static_assert(sizeof(kind_status) / sizeof(int) == DIAG_KIND_COUNT, "one status a kind");

const char *diag_kind_name(enum diag_kind kind)
{
	return kind < DIAG_KIND_COUNT ? kind_name[kind] : "failed";
}

int diag_kind_status(enum diag_kind kind)
{
	return kind < DIAG_KIND_COUNT ? kind_status[kind] : 1;
}
