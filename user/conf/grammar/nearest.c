// SPDX-License-Identifier: GPL-2.0-only
/* What somebody who wrote a wrong word may have meant. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "conf/grammar/nearest.h"

/* What a slip costs: the other case or a hyphen is less than a letter that sounds alike, that is
 * less than a wrong one, and so are letters left out of a word whose first one stands. */
#define COST_CASE 1
#define COST_FIRST 1 /* the first letter is another one: seldom a slip */
#define COST_SOUND 2
#define COST_ABBREVIATION 3
#define COST_EDIT 4
#define COST_NEVER 1000
#define SHORT_FORM 3
#define WORD_MAX 40 /* longer ones are near to nothing */

struct text {
	const char *at;
	size_t len;
};

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char lower(char c)
{
	return (char)tolower((unsigned char)c);
}

static bool is_vowel(char c)
{
	return c && strchr("aeiouy", c);
}

static bool is_hyphen(char c)
{
	return c == '-' || c == '_';
}

/* Of letters in lower case. */
static bool sounds_like(char a, char b)
{
	static const char *const sounds[] = {"ckq", "sz", "aeiouy"};

	for (size_t i = 0; i < sizeof(sounds) / sizeof(*sounds); i++)
		if (strchr(sounds[i], a) && strchr(sounds[i], b))
			return true;
	return a == b;
}

static size_t replacement(char a, char b)
{
	if (a == b)
		return 0;
	if (lower(a) == lower(b) || (is_hyphen(a) && is_hyphen(b)))
		return COST_CASE;
	return sounds_like(lower(a), lower(b)) ? COST_SOUND : COST_EDIT;
}

static size_t gap(char c)
{
	return is_hyphen(c) ? COST_CASE : COST_EDIT;
}

/* Optimal string alignment; three rows of the matrix are enough. */
static size_t distance(struct text x, struct text y)
{
	const char *a = x.at, *b = y.at;
	size_t row[3][WORD_MAX + 1] = {{0}};

	for (size_t j = 1; j <= y.len; j++)
		row[0][j] = row[0][j - 1] + gap(b[j - 1]);
	for (size_t i = 1; i <= x.len; i++) {
		size_t *now = row[i % 3], *above = row[(i + 2) % 3], *far = row[(i + 1) % 3];

		now[0] = above[0] + gap(a[i - 1]);
		for (size_t j = 1; j <= y.len; j++) {
			now[j] = min(min(above[j] + gap(a[i - 1]), now[j - 1] + gap(b[j - 1])),
				     above[j - 1] + replacement(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], far[j - 2] + COST_EDIT);
		}
	}
	return row[x.len % 3][y.len];
}

/* What it costs to read `part` as short for `word`: its first letter, and others in their order, of
 * which only vowels and few others are left out. "mn" for "minute", for more "sek" for "second". */
static size_t abbreviation(struct text part, struct text word)
{
	size_t met = 0, left_out = 0, cost = COST_ABBREVIATION;

	/* "ip" is no short form of "ip-length". */
	if (part.len == 2 && part.len < word.len && is_hyphen(word.at[2]))
		return COST_NEVER;
	for (size_t i = 0; i < word.len && met < part.len; i++) {
		char a = lower(part.at[met]), b = lower(word.at[i]);
		bool same = is_vowel(a) ? a == b : sounds_like(a, b);

		if (a != b && same)
			cost = COST_ABBREVIATION + COST_SOUND;
		met += same;
		left_out += !same && !is_vowel(b) && !is_hyphen(b);
		if (!met)
			return COST_NEVER;
	}
	return met > 1 && met == part.len && 2 * left_out <= met + 1 ? cost : COST_NEVER;
}

/* "mns" for "minute". */
static size_t abbreviations(struct text part, struct text word)
{
	struct text one = {part.at, part.len ? part.len - 1 : 0};

	return lower(part.at[one.len]) == 's' ? abbreviation(one, word) : COST_NEVER;
}

/* "mbps" for "Mbit". */
static size_t per_second(struct text text, struct text word)
{
	size_t len = text.len > 3 ? text.len - 2 : word.len;

	if (len >= word.len || strncasecmp(text.at, word.at, len) ||
	    strncasecmp(text.at + len, "ps", 2))
		return COST_NEVER;
	return COST_ABBREVIATION;
}

/* "sce" and "msec" for "sec": the letters that a word begins with, two swapped or one too many. */
static size_t short_form(struct text text, struct text word)
{
	struct text form = {word.at, SHORT_FORM};

	if (word.len <= SHORT_FORM || distance(text, form) != COST_EDIT)
		return COST_NEVER;
	for (size_t i = 0; i < form.len; i++)
		if (!memchr(text.at, form.at[i], text.len))
			return COST_NEVER;
	return COST_EDIT;
}

static size_t cost(struct text text, struct text word)
{
	size_t least = min(distance(text, word), abbreviation(text, word));

	least = min(least, abbreviations(text, word));
	least = min(least, per_second(text, word));
	least = min(least, short_form(text, word));
	if (word.len > 2) /* "source" for "src" */
		least = min(least, abbreviation(word, text) + COST_CASE);
	return least + (lower(text.at[0]) == lower(word.at[0]) ? 0 : COST_FIRST);
}

/* One slip in a short word, in a longer one a letter that sounds alike beside it, two slips in a
 * long one. */
static size_t most(size_t len)
{
	size_t slips = len <= 4 ? COST_EDIT : len <= 7 ? COST_EDIT + COST_SOUND : 2 * COST_EDIT;

	return min(slips + COST_FIRST, len * COST_EDIT - 1);
}

const char *nearest_word(const char *text, size_t len, const char *const known[], size_t count)
{
	struct text wrong = {text, len};
	const char *best = NULL;
	size_t least = len ? most(len) + 1 : 0;

	for (size_t i = 0; len <= WORD_MAX && i < count; i++) {
		struct text word = {known[i], strlen(known[i])};
		size_t c;

		if (!word.len || word.len > WORD_MAX)
			continue;
		c = cost(wrong, word);
		if (c == 0 || c >= least || c >= word.len * COST_EDIT)
			continue;
		least = c;
		best = known[i];
	}
	return best;
}

void nearest_hint(struct diag *d, const char *text, const char *const known[], size_t count)
{
	const char *near = nearest_word(text, strlen(text), known, count);

	if (near)
		diag_hint(d, "did you mean \"%s\"?", near);
}

void nearest_option_hint(struct diag *d, const char *word, const char *const known[], size_t count)
{
	const char *name = word + strspn(word, "-"), *near;
	size_t len = strcspn(name, "=");

	near = len > 1 && name > word ? nearest_word(name, len, known, count) : NULL;
	/* "-json" is a letter and more of them. */
	for (size_t i = 0; len > 1 && name == word + 1 && i < count; i++)
		if (strlen(known[i]) == len && !memcmp(known[i], name, len))
			near = known[i];
	if (near)
		diag_hint(d, "did you mean \"--%s\"?", near);
}

#define LIST_MAX 48
void nearest_hint_of(struct diag *d, const char *text, size_t len, const char *list)
{
	char copy[512], *save, *word;
	const char *known[LIST_MAX], *near;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", list);
	for (word = strtok_r(copy, " ", &save); word && count < LIST_MAX;
	     word = strtok_r(NULL, " ", &save))
		known[count++] = word;
	near = nearest_word(text, len, known, count);
	if (near)
		diag_hint(d, "did you mean \"%s\"?", near);
}
