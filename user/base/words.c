// SPDX-License-Identifier: GPL-2.0-only
/* Lists of words. */
#include "base/words.h"

#include <stdlib.h>

void words_free(char **word)
{
	for (size_t i = 0; word && word[i]; i++)
		free(word[i]);
	free(word);
}

const char *words_text(char *const word[], size_t words, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = 0;
	for (size_t i = 0; i < words && used + 1 < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? " " : "", word[i]);
	return buf;
}

void words_line(char *const word[], size_t words, FILE *out)
{
	for (size_t i = 0; i < words; i++)
		fprintf(out, "%s%s", i ? " " : "", word[i]);
	fputc('\n', out);
}
