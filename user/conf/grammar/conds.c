// SPDX-License-Identifier: GPL-2.0-only
/* The table of match conditions, one row each, and what each takes.
 *
 * All conditions of a limit must hold, those of one kind too: `dport 1-100 not dport 22`. What a
 * condition says of packets that have no such field:
 *   - on ports, negated too: holds only for packets with ports (TCP, UDP, UDP-Lite, SCTP, DCCP; no
 * later fragments). A key that names a port asks for ports as well.
 *   - on the ICMP type, negated too: holds only for ICMP and ICMPv6 messages.
 *   - on the VLAN: the outermost tag; `not vlan 10` holds for untagged packets.
 *   - unit connections implies `syn`, which is TCP with SYN and without ACK.
 *   - on addresses: a prefix is of one family, so `not src ::/0` is every address of IPv4.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/grammar/cond_list.h"
#include "conf/grammar/later.h"
#include "conf/grammar/nearest.h"
#include "conf/grammar/print.h"
#include "conf/grammar/stmt.h"
#include "conf/model/conf_internal.h"

static const struct row {
	const char *name;
	enum conf_cond_kind kind;
	int (*take)(struct stmt *s, struct conf_cond *cond, __u32 max); /* NULL: no list */
	__u32 max;
} rows[] = {
	{"proto", CONF_COND_PROTO, cond_take_protos, 255},
	{"dport", CONF_COND_DPORT, cond_take_ranges, RL_PORTS - 1},
	{"sport", CONF_COND_SPORT, cond_take_ranges, RL_PORTS - 1},
	{"src", CONF_COND_SRC, cond_take_prefixes, 0},
	{"dst", CONF_COND_DST, cond_take_prefixes, 0},
	{"syn", CONF_COND_SYN, NULL, 0},
	{"icmp-type", CONF_COND_ICMP_TYPE, cond_take_ranges, RL_ICMP_NONE - 1},
	{"fragment", CONF_COND_FRAGMENT, NULL, 0},
	{"length", CONF_COND_LENGTH, cond_take_ranges, RL_PORTS - 1},
	{"vlan", CONF_COND_VLAN, cond_take_ranges, RL_VLAN_NONE - 1},
	{"iface", CONF_COND_IFACE, cond_take_ifaces, 0},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS == CONF_COND_KIND_COUNT, "one row a kind");

static const char *const known[] = {"tcp",    "udp",  "icmp",  "icmpv6", "proto",     "dport",
				    "sport",  "src",  "dst",   "syn",	 "icmp-type", "fragment",
				    "length", "vlan", "iface", "not",	 "any"};
#define KNOWN (sizeof(known) / sizeof(known[0]))

const char *conf_cond_word(enum conf_cond_kind kind)
{
	return rows[kind].name;
}

/* The row of a word, or NULL. A list of protocols' names is a condition without a word of its own.
 */
static const struct row *find(const struct word *w)
{
	const char *comma;

	for (size_t i = 0; i < ROWS; i++)
		if (word_is(w, rows[i].name))
			return &rows[i];
	comma = memchr(w->text, ',', w->len);
	return proto_find(w->text, comma ? (size_t)(comma - w->text) : w->len) >= 0 ? &rows[0]
										    : NULL;
}

/* `last`: a clause may stand here as well. */
static int fail_unknown(struct stmt *s, const struct word *w, bool last)
{
	const char *either[KNOWN + CLAUSES_MAX];
	bool action = last && later_has("action", w->text, w->len);

	stmt_fail_unknown(s, w, action ? "action" : "condition", known, KNOWN);
	if (!last || action || later_has("condition", w->text, w->len))
		return -EINVAL;
	memcpy(either, known, sizeof(known));
	nearest_hint(s->d, w->text, either, KNOWN + clause_names(either + KNOWN));
	return -EINVAL;
}

static int take_list(struct stmt *s, const struct row *row, struct conf_cond *cond)
{
	/* A bare list of protocols is its own word. */
	bool bare = row->kind == CONF_COND_PROTO && !stmt_peek_is(s, row->name);

	cond->kind = row->kind;
	if (!bare)
		s->at++;
	if (bare)
		return cond_take_proto_names(s, cond);
	return row->take ? row->take(s, cond, row->max) : 0;
}

int cond_take(struct stmt *s, struct conf_cond *ret)
{
	const struct word *w = stmt_peek(s);
	const struct row *row = w ? find(w) : NULL;
	int err;

	if (!row)
		return 0;
	err = take_list(s, row, ret);
	if (!err)
		return 1;
	conf_cond_done(ret);
	return err;
}

static int take_cond(struct stmt *s, struct conf_limit *l, bool negated)
{
	const struct word *w = stmt_peek(s);
	struct conf_cond *cond = &l->cond[l->conds];
	size_t from = s->at - negated;
	int err;

	if (l->conds == CONF_CONDS_MAX) {
		stmt_fail(s, w, 0, w->len, "more than %d conditions", CONF_CONDS_MAX);
		diag_expect(s->d, "fewer conditions, with longer lists");
		return -EINVAL;
	}
	err = cond_take(s, cond);
	if (err < 0)
		return err;
	cond->negated = negated;
	s->cond[l->conds].from = from;
	s->cond[l->conds].to = s->at;
	l->conds++;
	return 0;
}

static int take_not(struct stmt *s, bool *ret)
{
	*ret = stmt_peek_is(s, "not");
	if (!*ret)
		return 0;
	s->at++;
	if (!stmt_peek(s)) {
		stmt_fail_end(s, "condition is missing after \"not\"");
		diag_expect(s->d, "a condition like \"dport 22\"");
		return -EINVAL;
	}
	return find(stmt_peek(s)) ? 0 : fail_unknown(s, stmt_peek(s), false);
}

int conds_take(struct stmt *s, struct conf_limit *l)
{
	const struct word *w;
	bool negated;
	int err;

	while ((w = stmt_peek(s))) {
		err = take_not(s, &negated);
		if (err)
			return err;
		if (!find(stmt_peek(s)))
			break;
		err = take_cond(s, l, negated);
		if (err)
			return err;
	}
	if (w && !clause_is(w->text, w->len))
		return fail_unknown(s, w, true);
	if (l->conds > 0)
		return 0;
	if (w)
		stmt_fail(s, w, 0, w->len, "condition is missing before \"%s\"", w->text);
	else
		stmt_fail_end(s, "condition is missing");
	diag_expect(s->d, "conditions like \"tcp dport 22\", or any");
	return -EINVAL;
}
