// SPDX-License-Identifier: GPL-2.0-only
/* Which entries of the allow or the deny list cover which: found in the sorted list, with no
 * tree. */

#include "conf/model/conf_internal.h"

/* The later of two ends, where 0 is never. */
static __s64 later(__s64 a, __s64 b)
{
	return a == 0 || b == 0 ? 0 : a > b ? a : b;
}

static int common_bits(const union rl_addr *a, const union rl_addr *b)
{
	for (int i = 0; i < 16; i++)
		if (a->byte[i] != b->byte[i])
			return i * 8 + __builtin_clz((unsigned)(a->byte[i] ^ b->byte[i])) - 24;
	return 128;
}

/* The entry before that place; NULL: it is the first. */
static const struct conf_entry *before(const struct conf_at *at)
{
	const struct conf_block *b;

	if (at->nth)
		return &at->list->block[at->block]->entry[at->nth - 1];
	if (!at->block)
		return NULL;
	b = at->list->block[at->block - 1];
	return &b->entry[b->count - 1];
}

/* The longest entry of at most `len` bits that covers `addr`, or NULL. What covers it sorts before
 * its own first `len` bits, and covers all entries between as well: so the last of those bounds the
 * length, step by step. */
static const struct conf_entry *next_covering(const struct conf_list *l, const union rl_addr *addr,
					      int len)
{
	int least = addr_is_ipv4(addr) ? ADDR_MAPPED_BITS : 0;

	while (len >= least) {
		struct addr_prefix covering = {.addr = *addr, .len = (__u8)len};
		const struct conf_entry *e;
		struct conf_at at;

		addr_mask(&covering.addr, (unsigned)len);
		at = conf_list_from(l, &covering);
		e = conf_at_entry(&at);
		if (e && conf_prefix_compare(&e->prefix, &covering) == 0)
			return e;
		e = before(&at);
		if (!e || addr_is_ipv4(&e->prefix.addr) != addr_is_ipv4(addr))
			return NULL;
		if (addr_in(addr, &e->prefix))
			return e;
		len = common_bits(addr, &e->prefix.addr);
	}
	return NULL;
}

__s64 conf_list_until(const struct conf_list *l, const struct conf_entry *e)
{
	const struct conf_entry *found = e;
	__s64 until = e->until_s;

	while (until != 0 && (found = next_covering(l, &e->prefix.addr, found->prefix.len - 1)))
		until = later(until, found->until_s);
	return until;
}

static bool ended(const struct conf_entry *e, __s64 now_s)
{
	return e->until_s != 0 && e->until_s <= now_s;
}

const struct conf_entry *conf_list_cover(const struct conf_list *l,
					 const struct addr_prefix *prefix, __s64 now_s)
{
	const struct conf_entry *found = next_covering(l, &prefix->addr, prefix->len);

	while (found && ended(found, now_s))
		found = next_covering(l, &prefix->addr, found->prefix.len - 1);
	return found;
}

const struct conf_entry *conf_list_match(const struct conf_list *l, const union rl_addr *addr,
					 __s64 now_s)
{
	struct addr_prefix prefix = {.addr = *addr, .len = 128};

	return conf_list_cover(l, &prefix, now_s);
}

size_t conf_list_inside(const struct conf_list *l, const struct addr_prefix *prefix, __s64 now_s,
			const struct conf_entry **ret_first)
{
	struct conf_at at = conf_list_from(l, prefix);
	const struct conf_entry *e;
	size_t count = 0;

	for (; (e = conf_at_entry(&at)) && addr_in(&e->prefix.addr, prefix); conf_at_next(&at))
		if (!ended(e, now_s) && !count++)
			*ret_first = e;
	return count;
}
