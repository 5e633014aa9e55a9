/* SPDX-License-Identifier: GPL-2.0-only */
/* A line to words with their columns, and words to a line. */
#ifndef CONF_LEX_H
#define CONF_LEX_H

#include <stdio.h>

#include "base/diag.h"

struct word {
	const char *text; /* NUL-terminated */
	size_t len;
	int column; /* of text[0] in the line, from 1 */
};

/* One line's words. `line` and the words' texts are owned. */
struct words {
	char *line; /* as written */
	char *storage;
	struct word *word;
	size_t count;
};

void words_done(struct words *w);
/* Splits line[0..len), which has no newline. On failure `d` has the column, but neither file nor
 * line number. */
int words_split(const char *line, size_t len, struct words *ret, struct diag *d);
/* The words of a command line; `line` becomes what export would write. */
int words_from_argv(char *const argv[], size_t count, struct words *ret, struct diag *d);

void word_print(const char *text, FILE *out);

#endif
