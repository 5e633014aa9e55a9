// SPDX-License-Identifier: GPL-2.0-only
/* RATES: "10/minute, 5000 per 2 days" over as many words as it takes. A rate ends where its period
 * ends. */
#include <errno.h>
#include <string.h>

#include "conf/grammar/stmt.h"

#define UNITS "packets bytes connections"

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

static char peek(const struct scan *c)
{
	if (c->word >= c->s->words->count)
		return 0;
	return c->at < c->s->words->word[c->word].len ? c->s->words->word[c->word].text[c->at]
						      : ' ';
}

static void step(struct scan *c)
{
	if (c->at < c->s->words->word[c->word].len) {
		c->at++;
		return;
	}
	c->word++;
	c->at = 0;
}

static void skip_blanks(struct scan *c)
{
	while (peek(c) == ' ' || peek(c) == '\t')
		step(c);
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
	while (belongs(peek(c))) {
		step(c);
		span.len++;
	}
	return span;
}

static const char *span_text(const struct span *span)
{
	return span->w->text + span->from;
}

static int fail_here(struct scan *c, const char *what, const char *expected)
{
	skip_blanks(c);
	if (c->word >= c->s->words->count) {
		stmt_fail_end(c->s, "%s is missing", what);
	} else {
		const struct word *w = &c->s->words->word[c->word];

		stmt_fail(c->s, w, c->at, w->len - c->at, "%s is missing before \"%.64s\"", what,
			  w->text + c->at);
	}
	diag_expect(c->s->d, "%s", expected);
	return -EINVAL;
}

static int fail_range(struct scan *c, const struct span *span, const char *what)
{
	stmt_fail(c->s, span->w, span->from, span->len, "%s \"%.*s\" is too large", what,
		  span->len > 64 ? 64 : (int)span->len, span_text(span));
	diag_expect(c->s->d, "an amount of at most %llu, a period below 292 years",
		    (unsigned long long)RL_AMOUNT_MAX);
	return -EINVAL;
}

static int set_unit(struct scan *c, const struct span *span, enum rl_unit unit)
{
	if (unit == RL_UNIT_REQUESTS) {
		stmt_fail(c->s, span->w, span->from, span->len,
			  "unit \"requests\" is not in this version");
		if (c->s->d->kind == DIAG_SYNTAX)
			c->s->d->kind = DIAG_UNSUPPORTED;
		diag_expect(c->s->d, "one of: " UNITS);
		return -EINVAL;
	}
	if (c->unit >= 0 && c->unit != (int)unit) {
		stmt_fail(c->s, span->w, span->from, span->len, "a limit counts in one unit");
		diag_expect(c->s->d, "the unit of the first rate");
		return -EINVAL;
	}
	c->unit = (int)unit;
	return 0;
}

static bool starts_with_per(const struct span *span)
{
	return span->len >= 3 && strncasecmp(span_text(span), "per", 3) == 0;
}

/* "Mbyte" looks more like Mbit than like MB, which it means. */
static int fail_unit(struct scan *c, const struct span *span)
{
	static const char *const sizes[] = {"kB", "MB", "GB", "KiB", "MiB", "GiB"};
	const char *text = span_text(span);
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
	const struct units_size *size = units_find_size(span_text(span), span->len);
	enum rl_unit unit;

	if (size && !*sized) {
		*sized = true;
		if (__builtin_mul_overflow(*amount, size->factor, amount) ||
		    *amount > RL_AMOUNT_MAX)
			return fail_range(c, span, "the amount with suffix");
		return size->bytes ? set_unit(c, span, RL_UNIT_BYTES) : 0;
	}
	*sized = true; /* no suffix after a unit */
	if (units_parse_unit(span_text(span), span->len, &unit) == 0)
		return set_unit(c, span, unit);
	return fail_unit(c, span);
}

/* AMOUNT [unit] and the "/" or "per". */
static int take_amount(struct scan *c, __u64 *ret)
{
	struct span span;
	bool sized = false;
	int err;

	skip_blanks(c);
	span = take(c, is_digit);
	if (span.len == 0)
		return fail_here(c, "amount", "a rate like 10/second or 200 per 2 minutes");
	if (units_parse_u64(span_text(&span), span.len, ret) || *ret > RL_AMOUNT_MAX)
		return fail_range(c, &span, "amount");
	for (;;) {
		skip_blanks(c);
		if (peek(c) == '/') {
			step(c);
			return 0;
		}
		span = take(c, is_letter);
		if (span.len == 0)
			return fail_here(c, "\"/\" or \"per\"",
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

	skip_blanks(c);
	count = take(c, is_digit);
	if (count.len && units_parse_u64(span_text(&count), count.len, &n))
		return fail_range(c, &count, "number of periods");
	if (n == 0) {
		stmt_fail(c->s, count.w, count.from, count.len, "a period of 0");
		diag_expect(c->s->d, "1 or more");
		return -EINVAL;
	}
	skip_blanks(c);
	name = take(c, is_letter);
	if (name.len == 0)
		return fail_here(c, "period", "one of: " UNITS_PERIODS);
	if (units_parse_period(span_text(&name), name.len, &ns))
		return stmt_fail_part(c->s, name.w, name.from, name.len, "period", UNITS_PERIODS);
	if (__builtin_mul_overflow(n, ns, ret_ns) || *ret_ns >= UNITS_SPAN_MAX)
		return fail_range(c, count.len ? &count : &name, "number of periods");
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
	if (peek(c) && peek(c) != ' ' && peek(c) != '\t' && !separator(peek(c))) {
		stmt_fail(c->s, w, c->at, w->len - c->at, "unexpected \"%.64s\" behind a rate",
			  w->text + c->at);
		diag_expect(c->s->d, "\",\" and another rate, or a blank");
		return -EINVAL;
	}
	skip_blanks(c);
	*more = separator(peek(c));
	if (*more) {
		step(c);
		return 0;
	}
	if (c->at == 0)
		return 0;
	w = &c->s->words->word[c->word]; /* still inside of a quoted word */
	stmt_fail(c->s, w, c->at, w->len - c->at, "unexpected \"%.64s\" behind a rate",
		  w->text + c->at);
	diag_expect(c->s->d, "\",\" and another rate");
	return -EINVAL;
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
		diag_expect(c->s->d, "1 to %d rates", RL_WINDOWS_MAX);
		return -EINVAL;
	}
	while (at > 0 && l->window[at - 1].period_ns > window.period_ns)
		at--;
	if (at > 0 && l->window[at - 1].period_ns == window.period_ns) {
		stmt_fail(c->s, rate->w, rate->from, rate->len,
			  "two rates with the same period, %s",
			  units_format_duration(window.period_ns, text));
		diag_expect(c->s->d, "each rate with a period of its own");
		return -EINVAL;
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

	skip_blanks(c);
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

int rates_take(struct stmt *s, struct rl_limit *l)
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
	l->unit = (__u8)(c.unit < 0 ? RL_UNIT_PACKETS : c.unit);
	s->at = c.word;
	return 0;
}
