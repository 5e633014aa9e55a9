// SPDX-License-Identifier: GPL-2.0-only
/* One packet in the words of match conditions: what each says of it, and what goes together. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "conf/grammar/cond_names.h"
#include "conf/grammar/stmt.h"
#include "conf/model/cond.h"
#include "conf/model/conf_internal.h"

#define FLAG_SYN 2
#define FLAG_ACK 16

struct taking {
	struct stmt s;
	struct conf_packet *p;
	int (*link_of)(void *ctx, char name[static IF_NAMESIZE]);
	void *ctx;
	__u32 number[CONF_COND_KIND_COUNT];
	/* Where each kind was said: words [from, to) of the line; to == 0: not. */
	struct {
		size_t from;
		size_t to;
	} said[CONF_COND_KIND_COUNT];
};

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

/* Refuses what was said of a kind. */
static int refuse(struct taking *t, enum conf_cond_kind kind, const char *message,
		  const char *expected)
{
	const struct word *word = t->s.words->word, *first = &word[t->said[kind].from];
	const struct word *last = &word[t->said[kind].to - 1];

	stmt_fail(&t->s, first, 0, (size_t)(last->column - first->column) + last->len, "%s",
		  message);
	diag_expect(t->s.d, "%s", expected);
	return -EINVAL;
}

static bool is_said(const struct taking *t, enum conf_cond_kind kind)
{
	return t->said[kind].to;
}

static int set_number(struct taking *t, const struct conf_cond *cond)
{
	if (cond->count != 1 || cond->range[0].first != cond->range[0].last)
		return refuse(t, cond->kind, "a packet has one of each", "one, no list or range");
	t->number[cond->kind] = cond->range[0].first;
	return 0;
}

static int set_destination(struct taking *t, const struct conf_cond *cond)
{
	bool ipv4 = addr_is_ipv4(&t->p->source);

	if (cond->count != 1 || cond->prefix[0].len != 128)
		return refuse(t, cond->kind, "a packet has one destination", "one address");
	if (addr_is_ipv4(&cond->prefix[0].addr) != ipv4)
		return refuse(t, cond->kind,
			      "source and destination are not of the same version of IP",
			      ipv4 ? "an IPv4 address" : "an IPv6 address");
	t->p->destination = cond->prefix[0].addr;
	return 0;
}

static int set_iface(struct taking *t, const struct conf_cond *cond)
{
	if (cond->count != 1)
		return refuse(t, cond->kind, "a packet comes in on one interface", "one name");
	memcpy(t->p->iface, cond->iface[0], sizeof(t->p->iface));
	if (t->link_of(t->ctx, t->p->iface) < 0)
		return refuse(t, cond->kind, "nothing is limited on that interface",
			      "one that is attached (`rlctl status`)");
	return 0;
}

static int set_one(struct taking *t, const struct conf_cond *cond)
{
	const struct cond_kind *kind = cond_kind(cond->kind);
	char expected[32];

	if (kind->untold) {
		snprintf(expected, sizeof(expected), "no %s", kind->word);
		return refuse(t, cond->kind, kind->untold, expected);
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
	bool twice = is_said(t, kind);

	t->said[kind].from = from;
	t->said[kind].to = t->s.at;
	return twice ? refuse(t, kind, "said twice", "each once: it is one packet") : 0;
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
		diag_expect(t->s.d, "conditions without not");
		return -EINVAL;
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
	diag_expect(t->s.d, "one address, like 192.0.2.7 or 2001:db8::7");
	return -EINVAL;
}

/* Of IPv6, where another header follows: Mobility, HIP and Shim6 have no names in <netinet/in.h>.
 */
static bool is_extension(const struct conf_packet *p)
{
	static const __u8 kinds[] = {IPPROTO_HOPOPTS,
				     IPPROTO_ROUTING,
				     IPPROTO_FRAGMENT,
				     IPPROTO_AH,
				     IPPROTO_DSTOPTS,
				     135,
				     139,
				     140};

	return !addr_is_ipv4(&p->source) && memchr(kinds, p->proto, sizeof(kinds));
}

/* The protocol that what was said asks for. */
static __u32 choose_proto(const struct taking *t)
{
	if (is_said(t, CONF_COND_PROTO))
		return t->number[CONF_COND_PROTO];
	if (is_said(t, CONF_COND_ICMP_TYPE))
		return addr_is_ipv4(&t->p->source) ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	return IPPROTO_TCP;
}

static int check_proto(struct taking *t)
{
	bool ipv4 = addr_is_ipv4(&t->p->source);

	if (t->p->proto == (ipv4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return refuse(t, CONF_COND_PROTO, ipv4 ? "icmpv6 is of IPv6" : "icmp is of IPv4",
			      ipv4 ? "icmp" : "icmpv6");
	if (is_extension(t->p))
		return refuse(t, CONF_COND_PROTO, "that is an extension header of IPv6",
			      "the protocol behind it");
	for (int k = CONF_COND_DPORT; k <= CONF_COND_SPORT; k++)
		if (is_said(t, (enum conf_cond_kind)k) && !conf_packet_has_ports(t->p))
			return refuse(t, (enum conf_cond_kind)k, "the protocol has no ports",
				      "tcp or udp, or no port");
	if (is_said(t, CONF_COND_SYN) && t->p->proto != IPPROTO_TCP)
		return refuse(t, CONF_COND_SYN, "only TCP packets are syn", "tcp, or no syn");
	if (is_said(t, CONF_COND_FLAGS) && t->p->proto != IPPROTO_TCP)
		return refuse(t, CONF_COND_FLAGS, "only TCP packets have flags",
			      "tcp, or no flags");
	if (is_said(t, CONF_COND_SYN) && !t->p->syn)
		return refuse(t, CONF_COND_FLAGS, "syn is SYN without ACK", "flags syn, or no syn");
	if (is_said(t, CONF_COND_ICMP_TYPE) && !conf_packet_has_icmp(t->p))
		return refuse(t, CONF_COND_ICMP_TYPE, "the protocol is not ICMP",
			      ipv4 ? "icmp, or no type" : "icmpv6, or no type");
	return 0;
}

static int check_bytes(struct taking *t)
{
	__u32 least = conf_packet_headers(t->p);
	char expected[64];

	t->p->bytes = is_said(t, CONF_COND_LENGTH) ? t->number[CONF_COND_LENGTH] : least;
	if (t->p->bytes >= least)
		return 0;
	snprintf(expected, sizeof(expected), "at least %u", least);
	return refuse(t, CONF_COND_LENGTH, "that does not hold the headers", expected);
}

/* Ports, a type, flags or syn say what the protocol is, and who says that speaks of one packet: it is
 * no first of a connection if that is not said. */
static __u32 what_was_said(const struct taking *t)
{
	__u32 said = 0;

	for (unsigned k = 0; k < CONF_COND_KIND_COUNT; k++) {
		if (!is_said(t, (enum conf_cond_kind)k))
			continue;
		said |= 1u << k;
		if (cond_kind((enum conf_cond_kind)k)->only_of)
			said |= 1u << CONF_COND_PROTO;
	}
	return said;
}

/* A packet is whole and untagged if not said otherwise, and has no ports, no type and no flags if its
 * protocol has none. */
static __u32 what_is_known(const struct conf_packet *p)
{
	__u32 known = p->said;

	for (unsigned k = 0; k < CONF_COND_KIND_COUNT; k++) {
		const struct cond_kind *kind = cond_kind((enum conf_cond_kind)k);

		if (kind->settled ||
		    (kind->only_of && p->said & 1u << CONF_COND_PROTO && !kind->only_of(p)))
			known |= 1u << k;
	}
	if (known & 1u << CONF_COND_LENGTH)
		known |= 1u << CONF_COND_IP_LENGTH;
	if (known & 1u << CONF_COND_FLAGS)
		known |= 1u << CONF_COND_SYN;
	if (p->iface[0])
		known |= 1u << CONF_COND_IFACE;
	return known;
}

static int settle_link(struct taking *t)
{
	int link = t->link_of(t->ctx, t->p->iface);

	t->p->link = link < 0 ? RL_LINK_ETHERNET : (__u8)link;
	if (t->p->link == RL_LINK_IP && is_said(t, CONF_COND_VLAN))
		return refuse(t, CONF_COND_VLAN,
			      "packets of that interface have no Ethernet header, and no tag",
			      "no vlan");
	return 0;
}

/* The first of a connection has SYN, any other one ACK, if not said otherwise. */
static void settle_flags(struct taking *t)
{
	__u32 flags = is_said(t, CONF_COND_SYN) ? FLAG_SYN : FLAG_ACK;

	if (is_said(t, CONF_COND_FLAGS))
		flags = t->number[CONF_COND_FLAGS];
	t->p->flags = (__u16)flags;
	t->p->syn = (flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

static int settle(struct taking *t)
{
	struct conf_packet *p = t->p;
	int err;

	p->said = what_was_said(t);
	p->proto = (__u8)choose_proto(t);
	p->dport = (__u16)t->number[CONF_COND_DPORT];
	p->sport = (__u16)t->number[CONF_COND_SPORT];
	p->icmp_type = (__u8)t->number[CONF_COND_ICMP_TYPE];
	settle_flags(t);
	p->vlan = is_said(t, CONF_COND_VLAN) ? (__u16)t->number[CONF_COND_VLAN] : RL_VLAN_NONE;
	err = settle_link(t);
	if (!err)
		err = check_proto(t);
	if (!err)
		err = check_bytes(t);
	p->known = what_is_known(p);
	return err;
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
		err = settle(&t);
	if (!err)
		*ret = p;
	return err;
}
