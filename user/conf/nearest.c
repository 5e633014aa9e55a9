/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody who wrote a wrong word may have meant. */
#include <string.h>

#include "conf/nearest.h"

#define DISTANCE_MAX 2
#define WORD_MAX 40 /* longer ones are near to nothing */

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment; three rows of the matrix are enough. */
static size_t distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t row[3][WORD_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *now = row[i % 3], *above = row[(i + 2) % 3], *far = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			now[j] = min(min(above[j], now[j - 1]) + 1,
				     above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], far[j - 2] + 1);
		}
	}
	return row[la % 3][lb];
}

const char *nearest_word(const char *text, size_t len, const char *const known[], size_t count)
{
	const char *best = NULL;
	size_t best_distance = min(DISTANCE_MAX + 1, len);

	for (size_t i = 0; len <= WORD_MAX && i < count; i++) {
		size_t l = strlen(known[i]), d;

		if (l > WORD_MAX)
			continue;
		d = distance(text, len, known[i], l);
		if (d == 0 || d >= best_distance || d >= l)
			continue;
		best_distance = d;
		best = known[i];
	}
	return best;
}
