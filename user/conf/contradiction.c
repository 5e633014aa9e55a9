// SPDX-License-Identifier: GPL-2.0-only
/* Limits that match no packet, and windows that never refuse one. */
#include <errno.h>
#include <string.h>

#include "conf/internal.h"
#include "conf/stmt.h"

/* What a packet has to meet: each condition, and what the unit and the key imply. */
#define PART_UNIT (1u << CONF_CONDS_MAX)
#define PART_KEY (1u << (CONF_CONDS_MAX + 1))
#define PARTS (CONF_CONDS_MAX + 2)
#define KEY_PORTS (RL_KEY_DPORT | RL_KEY_SPORT)

static unsigned parts_of(const struct conf_limit *l)
{
	unsigned parts = (1u << l->conds) - 1;

	if (l->abi.unit == RL_UNIT_CONNECTIONS)
		parts |= PART_UNIT;
	if (l->abi.key & KEY_PORTS)
		parts |= PART_KEY;
	return parts;
}

/* Whether a packet can meet these parts of the limit. */
static bool meets(const struct conf_limit *l, unsigned parts)
{
	struct conf_limit part = *l; /* owns nothing */

	part.conds = 0;
	for (size_t i = 0; i < l->conds; i++)
		if (parts & 1u << i)
			part.cond[part.conds++] = l->cond[i];
	if (!(parts & PART_UNIT))
		part.abi.unit = RL_UNIT_PACKETS;
	if (!(parts & PART_KEY))
		part.abi.key &= (__u8)~KEY_PORTS;
	return conf_limit_matches_any(&part);
}

/* Without any one of what is left a packet could meet the rest. */
static unsigned least(const struct conf_limit *l, unsigned parts)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (parts & 1u << i && !meets(l, parts & ~(1u << i)))
			parts &= ~(1u << i);
	return parts;
}

static void describe(const struct stmt *s, unsigned part, char *buf, size_t size)
{
	const struct word *word = s->words->word, *first, *last;

	if (part == PART_UNIT || part == PART_KEY) {
		snprintf(buf, size, "%s",
			 part == PART_UNIT ? "the unit \"connections\", which counts TCP with SYN"
					   : "a key with ports");
		return;
	}
	first = &word[s->cond[__builtin_ctz(part)].from];
	last = &word[s->cond[__builtin_ctz(part)].to - 1];
	snprintf(buf, size, "\"%.*s\"", (int)(last->column - first->column) + (int)last->len,
		 s->words->line + first->column - 1);
}

/* Points at the last of the conditions, since those before it could hold. */
static int refuse(struct stmt *s, const struct conf_limit *l, unsigned parts)
{
	char names[200] = "", name[120];
	const struct word *first, *last;
	size_t at = 0;
	unsigned condition = 0;

	for (unsigned i = 0; i < PARTS; i++) {
		if (!(parts & 1u << i))
			continue;
		describe(s, 1u << i, name, sizeof(name));
		if (at < sizeof(names))
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
					       at ? " and " : "", name);
		condition = i < l->conds ? i : condition;
	}
	first = &s->words->word[s->cond[condition].from];
	last = &s->words->word[s->cond[condition].to - 1];
	stmt_fail(s, first, 0, (size_t)(last->column - first->column) + last->len,
		  "no packet matches %s%s", names, parts & (parts - 1) ? " together" : "");
	if (parts & (parts - 1))
		diag_expect(s->d, "what holds together; for one or the other a list: tcp,udp");
	else
		diag_expect(s->d, "what some packet meets");
	return -EINVAL;
}

int check_packets(struct stmt *s, const struct conf_limit *l)
{
	unsigned parts = parts_of(l);

	if (!l->conds || meets(l, parts))
		return 0;
	return refuse(s, l, least(l, parts));
}

/* Whether what finds no room is not counted in a bucket for all. */
static bool own_place(const struct rl_limit *l)
{
	return l->on_full == RL_ON_FULL_PASS || l->on_full == RL_ON_FULL_DROP;
}

/* The most that window `i` admits in any time so long (docs/limits.md), as a longer window of the
 * same strategy counts it: in a sliding one the share of the period before can be off by one more
 * amount. An elastic one never ends for who goes on, so what it counts has no bound. */
static unsigned __int128 most(const struct rl_limit *l, unsigned i, __u64 span_ns)
{
	unsigned __int128 amount = l->window[i].amount;
	__u64 periods = (span_ns - 1) / l->window[i].period_ns + 1;

	switch (l->strategy) {
	case RL_STRATEGY_FIXED_WINDOW:
		return amount * ((unsigned __int128)periods + 1);
	case RL_STRATEGY_SLIDING_WINDOW:
		return amount * ((unsigned __int128)periods + 2);
	case RL_STRATEGY_MOVING_WINDOW: /* the bucket that strangers share counts as sliding */
		return amount * ((unsigned __int128)periods + 2 * !own_place(l));
	default:
		return amount ? ~(unsigned __int128)0 : 0;
	}
}

void note_windows(struct stmt *s, const struct rl_limit *l)
{
	char window[CONF_TEXT], shorter[CONF_TEXT];

	for (unsigned i = 1; i < l->windows; i++) {
		unsigned k = 0;

		while (k < i && most(l, k, l->window[i].period_ns) > l->window[i].amount)
			k++;
		if (k < i)
			stmt_warn(s,
				  "%s never decides: %s lets at most %llu through in any time as "
				  "long",
				  conf_format_window(l, i, window),
				  conf_format_window(l, k, shorter),
				  (unsigned long long)most(l, k, l->window[i].period_ns));
	}
}
