// SPDX-License-Identifier: GPL-2.0-only
/* RATES: "10/minute, 5000 per 2 days" over as many words as it takes. A rate ends where its period
 * ends. */
#include <string.h>

#include "conf/grammar/rates_internal.h"

#define UNITS "packets bytes connections requests"

static int set_unit(struct scan *c, const struct span *span, enum rl_unit unit)
{
	if (c->unit >= 0 && c->unit != (int)unit) {
		stmt_fail(c->s, span->w, span->from, span->len, "a limit counts in one unit");
		return diag_expect(c->s->d, "the unit of the first rate");
	}
	c->unit = (int)unit;
	return 0;
}

static bool starts_with_per(const struct span *span)
{
	return span->len >= 3 && strncasecmp(rates_span_text(span), "per", 3) == 0;
}

/* "Mbyte" looks more like Mbit than like MB, which it means. */
static int fail_unit(struct scan *c, const struct span *span)
{
	static const char *const sizes[] = {"kB", "MB", "GB", "KiB", "MiB", "GiB"};
	const char *text = rates_span_text(span);
	size_t len = span->len - (text[span->len - 1] == 's');
	int err = stmt_fail_part(c->s, span->w, span->from, span->len, "unit",
				 UNITS " " UNITS_SIZES " per");

	if (len <= 4 || strncasecmp(text + len - 4, "byte", 4) != 0)
		return err;
	len -= 4;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (strlen(sizes[i]) == len + 1 && strncasecmp(sizes[i], text, len) == 0)
			diag_hint(c->s->d, "did you mean \"%s\"?", sizes[i]);
	return err;
}

/* A size suffix or a unit. */
static int apply_word(struct scan *c, const struct span *span, __u64 *amount, bool *sized)
{
	const struct units_size *size = units_find_size(rates_span_text(span), span->len);
	enum rl_unit unit;

	if (size && !*sized) {
		*sized = true;
		if (__builtin_mul_overflow(*amount, size->factor, amount) ||
		    *amount > RL_AMOUNT_MAX)
			return rates_fail_large(c, span, "the amount with suffix");
		return size->bytes ? set_unit(c, span, RL_UNIT_BYTES) : 0;
	}
	*sized = true; /* no suffix after a unit */
	if (units_parse_unit(rates_span_text(span), span->len, &unit) == 0)
		return set_unit(c, span, unit);
	return fail_unit(c, span);
}

/* AMOUNT [unit] and the "/" or "per". */
static int take_amount(struct scan *c, __u64 *ret)
{
	struct span span;
	bool sized = false;
	int err;

	rates_skip_blanks(c);
	span = rates_take_digits(c);
	if (span.len == 0)
		return rates_fail_missing(c, "amount",
					  "a rate like 10/second or 200 per 2 minutes");
	if (units_parse_u64(rates_span_text(&span), span.len, ret) || *ret > RL_AMOUNT_MAX)
		return rates_fail_large(c, &span, "amount");
	for (;;) {
		rates_skip_blanks(c);
		if (rates_peek(c) == '/') {
			rates_step(c);
			return 0;
		}
		span = rates_take_letters(c);
		if (span.len == 0)
			return rates_fail_missing(c, "\"/\" or \"per\"",
						  "a rate like 10/second or 200 per 2 minutes");
		if (starts_with_per(&span)) {
			c->at = span.from + 3; /* "10perhour" too */
			return 0;
		}
		err = apply_word(c, &span, ret, &sized);
		if (err)
			return err;
	}
}

/* [N] period */
static int take_period(struct scan *c, __u64 *ret_ns)
{
	struct span count, name;
	__u64 n = 1, ns;

	rates_skip_blanks(c);
	count = rates_take_digits(c);
	if (count.len && units_parse_u64(rates_span_text(&count), count.len, &n))
		return rates_fail_large(c, &count, "number of periods");
	if (n == 0) {
		stmt_fail(c->s, count.w, count.from, count.len, "a period of 0");
		return diag_expect(c->s->d, "1 or more");
	}
	rates_skip_blanks(c);
	name = rates_take_letters(c);
	if (name.len == 0)
		return rates_fail_missing(c, "period", "one of: " UNITS_PERIODS);
	if (units_parse_period(rates_span_text(&name), name.len, &ns))
		return stmt_fail_part(c->s, name.w, name.from, name.len, "period", UNITS_PERIODS);
	if (__builtin_mul_overflow(n, ns, ret_ns) || *ret_ns >= UNITS_SPAN_MAX)
		return rates_fail_large(c, count.len ? &count : &name, "number of periods");
	return 0;
}

static bool separator(char c)
{
	return c == ',' || c == ';' || c == '|';
}

/* Behind a period: *more if another rate follows. */
static int take_separator(struct scan *c, bool *more)
{
	const struct word *w = &c->s->words->word[c->word];

	*more = false;
	if (rates_peek(c) && rates_peek(c) != ' ' && rates_peek(c) != '\t' &&
	    !separator(rates_peek(c))) {
		stmt_fail(c->s, w, c->at, w->len - c->at, "unexpected \"%.64s\" behind a rate",
			  w->text + c->at);
		return diag_expect(c->s->d, "\",\" and another rate, or a blank");
	}
	rates_skip_blanks(c);
	*more = separator(rates_peek(c));
	if (*more) {
		rates_step(c);
		return 0;
	}
	if (c->at == 0)
		return 0;
	w = &c->s->words->word[c->word]; /* still inside of a quoted word */
	stmt_fail(c->s, w, c->at, w->len - c->at, "unexpected \"%.64s\" behind a rate",
		  w->text + c->at);
	return diag_expect(c->s->d, "\",\" and another rate");
}

/* Keeps the windows sorted by period. `first` is the rate's first word. */
static int insert(struct scan *c, struct rl_limit *l, struct rl_window window,
		  const struct span *rate)
{
	unsigned at = l->windows;
	char text[UNITS_TEXT];

	if (l->windows == RL_WINDOWS_MAX) {
		stmt_fail(c->s, rate->w, rate->from, rate->len, "more than %d rates",
			  RL_WINDOWS_MAX);
		return diag_expect(c->s->d, "1 to %d rates", RL_WINDOWS_MAX);
	}
	while (at > 0 && l->window[at - 1].period_ns > window.period_ns)
		at--;
	if (at > 0 && l->window[at - 1].period_ns == window.period_ns) {
		stmt_fail(c->s, rate->w, rate->from, rate->len,
			  "two rates with the same period, %s",
			  units_format_duration(window.period_ns, text));
		return diag_expect(c->s->d, "each rate with a period of its own");
	}
	memmove(l->window + at + 1, l->window + at, sizeof(window) * (l->windows - at));
	l->window[at] = window;
	l->windows++;
	return 0;
}

static int take_rate(struct scan *c, struct rl_limit *l)
{
	struct rl_window window = {0};
	struct span rate;
	int err;

	rates_skip_blanks(c);
	rate.w = c->word < c->s->words->count ? &c->s->words->word[c->word] : NULL;
	rate.from = c->at;
	err = take_amount(c, &window.amount);
	if (!err)
		err = take_period(c, &window.period_ns);
	if (err)
		return err;
	/* A rate of several words is underlined in its first. */
	rate.len = (rate.w == &c->s->words->word[c->word] ? c->at : rate.w->len) - rate.from;
	return insert(c, l, window, &rate);
}

int rates_take(struct stmt *s, struct rl_limit *l, bool *ret_unit_said)
{
	struct scan c = {.s = s, .word = s->at, .unit = -1};
	bool more = true;
	int err;

	l->windows = 0;
	while (more) {
		err = take_rate(&c, l);
		if (!err)
			err = take_separator(&c, &more);
		if (err)
			return err;
	}
	*ret_unit_said = c.unit >= 0;
	l->unit = (__u8)(c.unit < 0 ? RL_UNIT_PACKETS : c.unit);
	s->at = c.word;
	return 0;
}
