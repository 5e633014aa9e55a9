// SPDX-License-Identifier: GPL-2.0-only
/* Whether a limit would judge a packet of which not all was said, and what there is to say. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "conf/grammar/print.h"

struct fitting {
	const struct conf_packet *p;
	FILE *needs;
	__u32 asked; /* kinds that `needs` names */
	bool syn;    /* one of them is syn, of a packet that is described apart from it */
};

static bool said(const struct conf_packet *p, enum conf_cond_kind kind)
{
	return p->said & 1U << kind;
}

/* Whether more words could change what the condition says. Who says `syn` has said of flags that
 * SYN is one and ACK none. */
static bool is_open(const struct conf_packet *p, enum conf_cond_kind kind)
{
	return !(p->known & 1u << kind) && !(kind == CONF_COND_SYN && p->syn);
}

static void ask(struct fitting *f, enum conf_cond_kind kind)
{
	if (f->asked)
		fputc(' ', f->needs);
	f->asked |= 1U << kind;
	f->syn |= kind == CONF_COND_SYN && said(f->p, CONF_COND_PROTO);
}

static bool ask_conds(struct fitting *f, const struct conf_limit *l)
{
	struct conf_limit one = *l;

	one.abi.key = 0;
	one.abi.unit = RL_UNIT_PACKETS;
	one.conds = 1;
	for (size_t i = 0; i < l->conds; i++) {
		enum conf_cond_kind kind = l->cond[i].kind;

		one.cond[0] = l->cond[i];
		/* One that is no first of a connection meets `not syn` as it is described. */
		if (kind == CONF_COND_SYN && said(f->p, CONF_COND_PROTO) &&
		    conf_packet_matches(f->p, &one))
			continue;
		if (is_open(f->p, kind)) {
			ask(f, kind);
			conf_print_cond(&l->cond[i], f->needs);
		} else if (!conf_packet_matches(f->p, &one)) {
			return false;
		}
	}
	if (l->abi.unit != RL_UNIT_CONNECTIONS || f->p->syn || f->asked & 1U << CONF_COND_SYN)
		return true;
	if (!is_open(f->p, CONF_COND_SYN))
		return false;
	ask(f, CONF_COND_SYN);
	fputs("syn", f->needs);
	return true;
}

/* False if a part of the key is not known. */
static bool ask_key(struct fitting *f, const struct rl_limit *l)
{
	static const struct {
		enum rl_key_part part;
		enum conf_cond_kind kind;
		const char *words;
	} parts[] = {
		{RL_KEY_DESTINATION, CONF_COND_DST, "dst ADDR"},
		{RL_KEY_DPORT, CONF_COND_DPORT, "dport N"},
		{RL_KEY_SPORT, CONF_COND_SPORT, "sport N"},
		{RL_KEY_PROTO, CONF_COND_PROTO, "proto N"},
	};
	bool known = true;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!(l->key & parts[i].part) || !is_open(f->p, parts[i].kind))
			continue;
		known = false;
		if (f->asked & 1U << parts[i].kind)
			continue;
		ask(f, parts[i].kind);
		fputs(parts[i].words, f->needs);
	}
	return known;
}

enum conf_fit conf_packet_fit(const struct conf_packet *p, const struct conf_limit *l,
			      char needs[static CONF_TEXT], bool *ret_keyed)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	struct fitting f = {.p = p, .needs = open_memstream(&text, &len)};
	bool fits, keyed;

	if (!f.needs)
		abort();
	fits = ask_conds(&f, l);
	keyed = ask_key(&f, &l->abi);
	fclose(f.needs);
	*ret_keyed = keyed;
	snprintf(needs, CONF_TEXT, "%s", fits ? text : "");
	if (!fits || (l->abi.key & (RL_KEY_DPORT | RL_KEY_SPORT) && said(p, CONF_COND_PROTO) &&
		      !conf_packet_has_ports(p)))
		return CONF_FIT_NO;
	if (f.asked == 1U << CONF_COND_SYN && f.syn)
		return CONF_FIT_SYN;
	return f.asked ? CONF_FIT_OPEN : CONF_FIT_YES;
}
