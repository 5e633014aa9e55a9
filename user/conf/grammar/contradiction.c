// SPDX-License-Identifier: GPL-2.0-only
/* Limits that match no packet, and windows that never refuse one. */
#include <errno.h>

#include "conf/compile/compile.h"
#include "conf/grammar/print.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"

/* What a packet has to meet: each condition, and what the unit and the key imply. */
#define PART_UNIT (1u << CONF_CONDS_MAX)
#define PART_KEY (1u << (CONF_CONDS_MAX + 1))
#define PARTS (CONF_CONDS_MAX + 2)
#define KEY_PORTS (RL_KEY_DPORT | RL_KEY_SPORT)

static unsigned parts_of(const struct conf_limit *l)
{
	unsigned parts = (1u << l->conds) - 1;

	for (size_t i = 0; i < l->conds; i++)
		if (l->cond[i].lists) /* what a list has is another day's */
			parts &= ~(1u << i);
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

/* The kinds of these conditions, a bit for each. */
static __u32 kinds_of(const struct conf_limit *l, unsigned parts)
{
	__u32 kinds = 0;

	for (size_t i = 0; i < l->conds; i++)
		if (parts & 1u << i)
			kinds |= 1u << l->cond[i].kind;
	return kinds;
}

/* Two conditions of one kind, neither reversed, can be one list. */
static bool expect_list(struct stmt *s, const struct conf_limit *l, unsigned parts)
{
	unsigned i = (unsigned)__builtin_ctz(parts), k = 31 - (unsigned)__builtin_clz(parts);
	const struct word *word = s->words->word;
	bool named; /* "dport 80", not "tcp" */

	if (i == k || k >= l->conds || l->cond[i].kind != l->cond[k].kind || l->cond[i].negated ||
	    l->cond[k].negated)
		return false;
	named = s->cond[i].to - s->cond[i].from > 1 || s->cond[k].to - s->cond[k].from > 1;
	diag_expect(s->d, "for one or the other a list: %s%s%.80s,%.80s",
		    named ? conf_cond_word(l->cond[i].kind) : "", named ? " " : "",
		    word[s->cond[i].to - 1].text, word[s->cond[k].to - 1].text);
	return true;
}

static const char *what_holds(const struct conf_limit *l, unsigned parts)
{
#define KIND(name) (1u << CONF_COND_##name)
	__u32 kinds = kinds_of(l, parts);
	bool syn = kinds & KIND(SYN) || parts & PART_UNIT;
	bool ports = kinds & (KIND(DPORT) | KIND(SPORT)) || parts & PART_KEY;

	if (!(kinds & (kinds - 1)) && !(parts & (PART_UNIT | PART_KEY)) && parts & (parts - 1))
		return "values that \"not\" leaves";
	if (kinds & KIND(FLAGS) && (syn || kinds & KIND(PROTO)) && !(kinds & KIND(ICMP_TYPE)))
		return syn ? "flags that the first packet of a connection has: SYN without ACK"
			   : "tcp, which alone has flags";
	if (kinds & (KIND(LENGTH) | KIND(IP_LENGTH)))
		return "a length of 20 bytes or more, for IPv6 40";
	if (kinds & KIND(ICMP_TYPE) && (syn || ports))
		return "an ICMP type or what is of TCP and UDP, each in a limit of its own";
	if (kinds & KIND(ICMP_TYPE))
		return "icmp for IPv4 or icmpv6 for IPv6";
	if (kinds & KIND(PROTO) && (syn || ports))
		return syn ? "tcp, which alone has SYN"
			   : "a protocol with ports: tcp, udp or proto 33,132,136";
	if (kinds & KIND(SRC) && kinds & KIND(DST))
		return "source and destination of one version of IP";
	return parts & PART_UNIT ? "another unit, such as packets" : "what some packet meets";
#undef KIND
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
	if (!expect_list(s, l, parts))
		diag_expect(s->d, "%s", what_holds(l, parts));
	return -EINVAL;
}

int check_packets(struct stmt *s, const struct conf_limit *l)
{
	unsigned parts = parts_of(l);

	if (!l->conds || conf_limit_has_witness(l) || meets(l, parts))
		return 0;
	return refuse(s, l, least(l, parts));
}

/* Whether what finds no room is counted in no bucket. */
static bool has_no_bucket(const struct rl_limit *l)
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
	case RL_STRATEGY_MOVING_WINDOW: /* a bucket's longer window looks back for two periods */
		return amount * (has_no_bucket(l) ? periods : 2 * (unsigned __int128)periods);
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
