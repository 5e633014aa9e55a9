// SPDX-License-Identifier: GPL-2.0-only
/* What else the lists have about an address, where that decides what a change of them comes to. */

#include "base/names.h"
#include "conf/grammar/stmt.h"

#define UNTIL_TEXT (UNITS_TEXT + 8)

/* " until TIME", or nothing. */
static const char *until(const struct conf_entry *e, char buf[static UNTIL_TEXT])
{
	char time[UNITS_TEXT];

	buf[0] = 0;
	if (e->until_s)
		snprintf(buf, UNTIL_TEXT, " until %s", units_format_time(e->until_s, time));
	return buf;
}

/* The entry that covers all of `prefix`, itself or, if `wider`, only wider ones. */
static const struct conf_entry *covering(const struct stmt *s, const struct conf_list *l,
					 const struct addr_prefix *prefix, bool wider)
{
	struct addr_prefix from = *prefix;

	if (wider && !from.len)
		return NULL;
	from.len -= wider;
	return conf_list_cover(l, &from, s->now_s);
}

static void note_denied(struct stmt *s, const struct conf_entry *e)
{
	const struct conf_entry *allow = covering(s, conf_allow(s->c), &e->prefix, false);
	char prefix[ADDR_TEXT], end[UNTIL_TEXT];

	if (allow)
		stmt_warn(s, "it has no effect while the allow list has %s%s",
			  addr_format_prefix(&allow->prefix, prefix), until(allow, end));
	else if (s->c->mode != RL_MODE_ENFORCE)
		stmt_warn(s, "nothing is refused in mode %s", names_text(&names_mode, s->c->mode));
}

static void note_allowed(struct stmt *s, const struct conf_entry *e)
{
	const struct conf_entry *deny = covering(s, conf_deny(s->c), &e->prefix, false);
	size_t inside = conf_list_inside(conf_deny(s->c), &e->prefix, s->now_s, &deny);
	char prefix[ADDR_TEXT], end[UNTIL_TEXT];

	if (inside > 1)
		stmt_warn(s, "it lets pass what %zu entries of the deny list refuse, such as %s",
			  inside, addr_format_prefix(&deny->prefix, prefix));
	else if (deny)
		stmt_warn(s, "it lets pass what the deny list refuses as %s%s",
			  addr_format_prefix(&deny->prefix, prefix), until(deny, end));
}

static bool holds_longer(const struct conf_entry *a, const struct conf_entry *b)
{
	return b->until_s && (!a->until_s || a->until_s > b->until_s);
}

static void note_longer(struct stmt *s, const struct conf_list *l, const struct conf_entry *e)
{
	const struct conf_entry *old = covering(s, l, &e->prefix, false);
	const struct conf_entry *wider = covering(s, l, &e->prefix, true);
	char prefix[ADDR_TEXT], end[UNTIL_TEXT];

	if (wider && holds_longer(wider, e))
		stmt_warn(s, "%s, which covers it, %s%s",
			  addr_format_prefix(&wider->prefix, prefix),
			  wider->until_s ? "holds" : "has no end", until(wider, end));
	else if (old && old != wider && holds_longer(old, e))
		stmt_warn(s, "it ends sooner than the entry that it replaces, which held%s",
			  old->until_s ? until(old, end) : " for ever");
}

/* Global addresses of IPv6 are all in 2000::/3. */
static bool is_half_the_internet(const struct addr_prefix *prefix)
{
	static const struct addr_prefix global = {.addr.byte = {0x20}, .len = 3};

	if (addr_is_ipv4(&prefix->addr))
		return prefix->len <= ADDR_MAPPED_BITS + 1;
	return prefix->len <= 1 || (prefix->len <= 3 && addr_in(&global.addr, prefix)) ||
	       (prefix->len == 4 && addr_in(&prefix->addr, &global));
}

static void note_half(struct stmt *s, const struct addr_prefix *prefix)
{
	char text[ADDR_TEXT];

	if (is_half_the_internet(prefix))
		stmt_warn(s,
			  "%s is half of all %s addresses or more: no limit, ban or deny refuses "
			  "them any more",
			  addr_format_prefix(prefix, text),
			  addr_is_ipv4(&prefix->addr) ? "IPv4" : "IPv6");
}

void list_note_add(struct stmt *s, const struct conf_list *l, const struct conf_entry *e)
{
	if (l == &s->c->allow)
		note_half(s, &e->prefix);
	if (s->bulk)
		return; /* the lists are not in order yet */
	note_longer(s, l, e);
	if (l == &s->c->deny)
		note_denied(s, e);
	else
		note_allowed(s, e);
}

void list_note_del(struct stmt *s, const struct conf_list *l, const struct addr_prefix *prefix)
{
	const struct conf_entry *wider = covering(s, l, prefix, true);
	const struct conf_entry *first = NULL;
	size_t inside = conf_list_inside(l, prefix, s->now_s, &first);
	const char *name = l == &s->c->deny ? "deny" : "allow";
	char text[ADDR_TEXT], end[UNTIL_TEXT];

	/* The entry itself is still there. */
	inside -= covering(s, l, prefix, false) != wider;
	if (wider)
		stmt_warn(s, "the %s list still has %s%s", name,
			  addr_format_prefix(&wider->prefix, text), until(wider, end));
	else if (inside)
		stmt_warn(s, "the %s list still has %zu %s inside it", name, inside,
			  inside > 1 ? "entries" : "entry");
}
