// SPDX-License-Identifier: GPL-2.0-only
/* One packet in the words of match conditions: what each says of it. */
#include <string.h>

#include "conf/grammar/cond_names.h"
#include "conf/grammar/packet_internal.h"
#include "conf/model/cond.h"
#include "conf/model/conf_internal.h"

/* The words that describe a packet: their number. */
#define KNOWN_MAX (PROTO_NAMES_MAX + CONF_COND_KIND_COUNT + 1)
static size_t known_words(const char *known[static KNOWN_MAX])
{
	size_t count = proto_names(known);

	for (unsigned k = 0; k < CONF_COND_KIND_COUNT; k++)
		if (!cond_kind((enum conf_cond_kind)k)->untold && k != CONF_COND_LENGTH)
			known[count++] = cond_kind((enum conf_cond_kind)k)->word;
	known[count++] = "bytes";
	return count;
}

int packet_refuse(struct taking *t, enum conf_cond_kind kind, const char *message,
		  const char *expected)
{
	const struct word *word = t->s.words->word, *first = &word[t->said[kind].from];
	const struct word *last = &word[t->said[kind].to - 1];

	stmt_fail(&t->s, first, 0, (size_t)(last->column - first->column) + last->len, "%s",
		  message);
	return diag_expect(t->s.d, "%s", expected);
}

static int set_number(struct taking *t, const struct conf_cond *cond)
{
	if (cond->count != 1 || cond->range[0].first != cond->range[0].last)
		return packet_refuse(t, cond->kind, "a packet has one of each",
				     "one, no list or range");
	t->number[cond->kind] = cond->range[0].first;
	return 0;
}

static int set_destination(struct taking *t, const struct conf_cond *cond)
{
	bool ipv4 = addr_is_ipv4(&t->p->source);

	if (cond->count != 1 || cond->prefix[0].len != 128)
		return packet_refuse(t, cond->kind, "a packet has one destination", "one address");
	if (addr_is_ipv4(&cond->prefix[0].addr) != ipv4)
		return packet_refuse(t, cond->kind,
				     "source and destination are not of the same version of IP",
				     ipv4 ? "an IPv4 address" : "an IPv6 address");
	t->p->destination = cond->prefix[0].addr;
	return 0;
}

static int set_iface(struct taking *t, const struct conf_cond *cond)
{
	if (cond->count != 1)
		return packet_refuse(t, cond->kind, "a packet comes in on one interface",
				     "one name");
	memcpy(t->p->iface, cond->iface[0], sizeof(t->p->iface));
	if (t->link_of(t->ctx, t->p->iface) < 0)
		return packet_refuse(t, cond->kind, "nothing is limited on that interface",
				     "one that is attached (`rlctl status`)");
	return 0;
}

static int set_one(struct taking *t, const struct conf_cond *cond)
{
	const struct cond_kind *kind = cond_kind(cond->kind);
	char expected[32];

	if (kind->untold) {
		snprintf(expected, sizeof(expected), "no %s", kind->word);
		return packet_refuse(t, cond->kind, kind->untold, expected);
	}
	switch (cond->kind) {
	case CONF_COND_DST:
		return set_destination(t, cond);
	case CONF_COND_IFACE:
		return set_iface(t, cond);
	case CONF_COND_SYN:
		return 0;
	default:
		return set_number(t, cond);
	}
}

/* What was taken from word `from` on. `bytes N` is `length N`. */
static int note(struct taking *t, enum conf_cond_kind kind, size_t from)
{
	bool twice = packet_has_said(t, kind);

	t->said[kind].from = from;
	t->said[kind].to = t->s.at;
	return twice ? packet_refuse(t, kind, "said twice", "each once: it is one packet") : 0;
}

static int take_bytes(struct taking *t)
{
	static const struct conf_range range = {0, RL_PORTS - 1};
	size_t from = t->s.at++;
	__u64 bytes;
	int err = stmt_take_number(&t->s, "number of bytes", &range, &bytes);

	if (err)
		return err;
	t->number[CONF_COND_LENGTH] = (__u32)bytes;
	return note(t, CONF_COND_LENGTH, from);
}

static int fail_unknown(struct taking *t, const struct word *w)
{
	const char *known[KNOWN_MAX];

	return stmt_fail_unknown(&t->s, w, "condition", known, known_words(known));
}

static int take_one(struct taking *t)
{
	const struct word *w = stmt_peek(&t->s);
	struct conf_cond cond = {0};
	size_t from = t->s.at;
	int err = cond_take(&t->s, &cond);

	if (err < 0)
		return err;
	if (!err && word_is(w, "not")) {
		stmt_fail(&t->s, w, 0, w->len, "a packet is described by what it is");
		return diag_expect(t->s.d, "conditions without not");
	}
	if (!err)
		return fail_unknown(t, w);
	err = note(t, cond.kind, from);
	if (!err)
		err = set_one(t, &cond);
	conf_cond_done(&cond);
	return err;
}

static int take_source(struct taking *t)
{
	const struct word *w;
	int err = stmt_take(&t->s, "address", &w);

	if (err || !addr_parse(w->text, w->len, &t->p->source))
		return err;
	stmt_fail(&t->s, w, 0, w->len, "bad address \"%.64s\"", w->text);
	return diag_expect(t->s.d, "one address, like 192.0.2.7 or 2001:db8::7");
}

int conf_packet_parse(char *const argv[], size_t count,
		      int (*link_of)(void *ctx, char name[static IF_NAMESIZE]), void *ctx,
		      struct conf_packet *ret, struct diag *d)
{
	__attribute__((cleanup(words_done))) struct words words = {0};
	struct conf_packet p = {0};
	struct taking t = {
		.s = {.words = &words, .at = 1, .d = d}, .p = &p, .link_of = link_of, .ctx = ctx};
	int err = words_from_argv(argv, count, &words, d);

	if (!err)
		err = take_source(&t);
	if (!err && addr_is_ipv4(&p.source))
		addr_parse("0.0.0.0", 7, &p.destination);
	while (!err && stmt_peek(&t.s))
		err = stmt_peek_is(&t.s, "bytes") ? take_bytes(&t) : take_one(&t);
	if (!err)
		err = packet_settle(&t);
	if (!err)
		*ret = p;
	return err;
}
