/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody who wrote a wrong word may have meant. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "conf/nearest.h"

/* What a slip costs: letters of the other case are less than a wrong one, and so are letters left
 * out of a word whose first one stands. */
#define COST_CASE 1
#define COST_ABBREVIATION 3
#define COST_EDIT 4
#define COST_MAX (2 * COST_EDIT)
#define WORD_MAX 40 /* longer ones are near to nothing */

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t replacement(char a, char b)
{
	if (a == b)
		return 0;
	return tolower((unsigned char)a) == tolower((unsigned char)b) ? COST_CASE : COST_EDIT;
}

/* Optimal string alignment; three rows of the matrix are enough. */
static size_t distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t row[3][WORD_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		row[0][j] = j * COST_EDIT;
	for (size_t i = 1; i <= la; i++) {
		size_t *now = row[i % 3], *above = row[(i + 2) % 3], *far = row[(i + 1) % 3];

		now[0] = i * COST_EDIT;
		for (size_t j = 1; j <= lb; j++) {
			now[j] = min(min(above[j], now[j - 1]) + COST_EDIT,
				     above[j - 1] + replacement(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], far[j - 2] + COST_EDIT);
		}
	}
	return row[la % 3][lb];
}

/* "mn" of "minute": the first letter, and the others in their order. */
static bool abbreviates(const char *text, size_t len, const char *word)
{
	if (len < 2 || text[0] != word[0])
		return false;
	for (; *word && len; word++) {
		if (*word != *text)
			continue;
		text++;
		len--;
	}
	return !len;
}

static size_t cost(const char *text, size_t len, const char *word, size_t word_len)
{
	size_t edits = distance(text, len, word, word_len);

	return edits > COST_ABBREVIATION && abbreviates(text, len, word) ? COST_ABBREVIATION
									 : edits;
}

const char *nearest_word(const char *text, size_t len, const char *const known[], size_t count)
{
	const char *best = NULL;
	size_t least = min(COST_MAX + 1, len * COST_EDIT);

	for (size_t i = 0; len <= WORD_MAX && i < count; i++) {
		size_t l = strlen(known[i]), c;

		if (l > WORD_MAX)
			continue;
		c = cost(text, len, known[i], l);
		if (c == 0 || c >= least || c >= l * COST_EDIT)
			continue;
		least = c;
		best = known[i];
	}
	return best;
}
