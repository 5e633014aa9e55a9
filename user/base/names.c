// SPDX-License-Identifier: GPL-2.0-only
/* Enums of abi.h to text and back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "rl/names.h"

#define X(id, text) [RL_REASON_##id] = text,
static const char *const reason[] = {RL_REASONS(X)};
#undef X
#define X(id, text) [RL_VERDICT_##id] = text,
static const char *const verdict[] = {RL_VERDICTS(X)};
#undef X
#define X(id, text) [RL_STRATEGY_##id] = text,
static const char *const strategy[] = {RL_STRATEGIES(X)};
#undef X
#define X(id, text) [RL_UNIT_##id] = text,
static const char *const unit[] = {RL_UNITS(X)};
#undef X
#define X(id, text) [RL_ON_FULL_##id] = text,
static const char *const on_full[] = {RL_ON_FULLS(X)};
#undef X
#define X(id, text) [RL_MODE_##id] = text,
static const char *const mode[] = {RL_MODES(X)};
#undef X
#define X(id, text) [RL_EVENT_##id] = text,
static const char *const event[] = {RL_EVENTS(X)};
#undef X

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
_Static_assert(COUNT(reason) == RL_REASON_COUNT, "one text a reason");
_Static_assert(COUNT(verdict) == RL_VERDICT_COUNT, "one text a verdict");
_Static_assert(COUNT(strategy) == RL_STRATEGY_COUNT, "one text a strategy");
_Static_assert(COUNT(unit) == RL_UNIT_COUNT, "one text a unit");
_Static_assert(COUNT(on_full) == RL_ON_FULL_COUNT, "one text an on-full policy");
_Static_assert(COUNT(mode) == RL_MODE_COUNT, "one text a mode");
_Static_assert(COUNT(event) == RL_EVENT_COUNT, "one text an event");

const struct names names_reason = {reason, COUNT(reason)};
const struct names names_verdict = {verdict, COUNT(verdict)};
const struct names names_strategy = {strategy, COUNT(strategy)};
const struct names names_unit = {unit, COUNT(unit)};
const struct names names_on_full = {on_full, COUNT(on_full)};
const struct names names_mode = {mode, COUNT(mode)};
const struct names names_event = {event, COUNT(event)};

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

const char *names_list(const struct names *names, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = 0;
	for (size_t i = 0; i < names->count && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? ", " : "", names->text[i]);
	return buf;
}
