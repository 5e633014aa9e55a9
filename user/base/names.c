// SPDX-License-Identifier: GPL-2.0-only
/* Enums of abi.h to text and back. */
#include <errno.h>
#include <string.h>

#include "base/names.h"
#include "rl/names.h"

#define TEXT(id, text) text,
/* The texts of a list, in the order that gives its numbers. */
#define NAMES(name, list, count)                                                                   \
	static const char *const name[] = {list(TEXT)};                                            \
	_Static_assert(sizeof(name) / sizeof(*name) == count, "one text a number");                \
	const struct names names_##name = {name, count};

NAMES(reason, RL_REASONS, RL_REASON_COUNT)
NAMES(verdict, RL_VERDICTS, RL_VERDICT_COUNT)
NAMES(strategy, RL_STRATEGIES, RL_STRATEGY_COUNT)
NAMES(unit, RL_UNITS, RL_UNIT_COUNT)
NAMES(on_full, RL_ON_FULLS, RL_ON_FULL_COUNT)
NAMES(mode, RL_MODES, RL_MODE_COUNT)

const char *names_text(const struct names *names, unsigned value)
{
	return value < names->count ? names->text[value] : "?";
}

int names_find(const struct names *names, const char *text, size_t len)
{
	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->text[i]) == len && memcmp(names->text[i], text, len) == 0)
			return (int)i;
	return -ENOENT;
}
