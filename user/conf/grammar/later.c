// SPDX-License-Identifier: GPL-2.0-only
/* The table of words that a later version knows. */
#include "conf/grammar/later.h"

#include <string.h>

static const struct {
	const char *what;
	const char *words; /* with a blank before and behind each */
} later[] = {
	{"condition", " method host path header "},
	{"key", " header path "},
	{"action", " reject http-429 "},
	{"clause", " fleet-wide "},
	{"option", " trusted-proxy http-429-body "},
	{"global option", " n dry-run "},
	{"command", " diff apply confirm rollback history top suggest doctor completion "},
};

static bool has_word(const char *words, const char *text, size_t len)
{
	for (const char *at = words + 1; *at; at += strcspn(at, " ") + 1)
		if (strcspn(at, " ") == len && !memcmp(at, text, len))
			return true;
	return false;
}

bool later_has(const char *what, const char *text, size_t len)
{
	if (!strcmp(what, "option") && len > 4 && !memcmp(text, "fleet", 5))
		return true;
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		if (!strcmp(later[i].what, what))
			return has_word(later[i].words, text, len);
	return false;
}
