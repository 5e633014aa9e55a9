// SPDX-License-Identifier: GPL-2.0-only
/* The scanner of RATES: digits, letters and what stands between them, across words. */

#include "conf/grammar/rates_internal.h"

char rates_peek(const struct scan *c)
{
	if (c->word >= c->s->words->count)
		return 0;
	return c->at < c->s->words->word[c->word].len ? c->s->words->word[c->word].text[c->at]
						      : ' ';
}

void rates_step(struct scan *c)
{
	if (c->at < c->s->words->word[c->word].len) {
		c->at++;
		return;
	}
	c->word++;
	c->at = 0;
}

void rates_skip_blanks(struct scan *c)
{
	while (rates_peek(c) == ' ' || rates_peek(c) == '\t')
		rates_step(c);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct span take(struct scan *c, bool (*belongs)(char c))
{
	struct span span = {.from = c->at};

	if (c->word < c->s->words->count)
		span.w = &c->s->words->word[c->word];
	while (belongs(rates_peek(c))) {
		rates_step(c);
		span.len++;
	}
	return span;
}

struct span rates_take_digits(struct scan *c)
{
	return take(c, is_digit);
}

struct span rates_take_letters(struct scan *c)
{
	return take(c, is_letter);
}

int rates_fail_missing(struct scan *c, const char *what, const char *expected)
{
	rates_skip_blanks(c);
	if (c->word >= c->s->words->count) {
		stmt_fail_end(c->s, "%s is missing", what);
	} else {
		const struct word *w = &c->s->words->word[c->word];

		stmt_fail(c->s, w, c->at, w->len - c->at, "%s is missing before \"%.64s\"", what,
			  w->text + c->at);
	}
	return diag_expect(c->s->d, "%s", expected);
}

int rates_fail_large(struct scan *c, const struct span *span, const char *what)
{
	stmt_fail(c->s, span->w, span->from, span->len, "%s \"%.*s\" is too large", what,
		  span->len > 64 ? 64 : (int)span->len, rates_span_text(span));
	return diag_expect(c->s->d, "an amount of at most %llu, a period below 292 years",
			   (unsigned long long)RL_AMOUNT_MAX);
}
