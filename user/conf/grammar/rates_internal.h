/* SPDX-License-Identifier: GPL-2.0-only */
/* What takes RATES apart, character by character and across words. */
#ifndef CONF_RATES_INTERNAL_H
#define CONF_RATES_INTERNAL_H

#include "conf/grammar/stmt.h"

/* A place in the words. Between two words stands a blank. */
struct scan {
	struct stmt *s;
	size_t word;
	size_t at;
	int unit; /* enum rl_unit, or -1 while none was named */
};

/* A part of one word. */
struct span {
	const struct word *w;
	size_t from;
	size_t len;
};

static inline const char *rates_span_text(const struct span *span)
{
	return span->w->text + span->from;
}

char rates_peek(const struct scan *c); /* 0 at the end */
void rates_step(struct scan *c);
void rates_skip_blanks(struct scan *c);
/* As many as there are: may be none. */
struct span rates_take_digits(struct scan *c);
struct span rates_take_letters(struct scan *c);

/* Fail; both return -EINVAL. */
int rates_fail_missing(struct scan *c, const char *what, const char *expected);
int rates_fail_large(struct scan *c, const struct span *span, const char *what);

#endif
