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

/* The longest entry of at most `len` bits that covers `addr`, or -1. What covers it sorts before
 * its own first `len` bits, and covers all entries between as well: so the last of those bounds the
 * length, step by step. */
static int next_covering(const struct conf_list *l, const union rl_addr *addr, int len)
{
	int least = addr_is_ipv4(addr) ? ADDR_MAPPED_BITS : 0;

	while (len >= least) {
		struct addr_prefix covering = {.addr = *addr, .len = (__u8)len};
		size_t i;

		addr_mask(&covering.addr, (unsigned)len);
		i = conf_list_from(l, &covering);
		if (i < l->count && conf_prefix_compare(&l->entry[i].prefix, &covering) == 0)
			return (int)i;
		if (i == 0 || addr_is_ipv4(&l->entry[i - 1].prefix.addr) != addr_is_ipv4(addr))
			return -1;
		if (addr_in(addr, &l->entry[i - 1].prefix))
			return (int)i - 1;
		len = common_bits(addr, &l->entry[i - 1].prefix.addr);
	}
	return -1;
}

__s64 conf_list_until(const struct conf_list *l, size_t i)
{
	const struct addr_prefix *prefix = &l->entry[i].prefix;
	__s64 until = l->entry[i].until_s;

	for (int len = (int)prefix->len - 1; until != 0;) {
		int found = next_covering(l, &prefix->addr, len);

		if (found < 0)
			break;
		until = later(until, l->entry[found].until_s);
		len = (int)l->entry[found].prefix.len - 1;
	}
	return until;
}

size_t conf_list_covered(const struct conf_list *l, size_t i)
{
	const struct conf_entry *e = &l->entry[i];
	size_t n = 1;

	/* What sorts after it and begins with its bits cannot be shorter. */
	while (i + n < l->count && addr_in(&l->entry[i + n].prefix.addr, &e->prefix))
		n++;
	return n;
}

static bool ended(const struct conf_entry *e, __s64 now_s)
{
	return e->until_s != 0 && e->until_s <= now_s;
}

const struct conf_entry *conf_list_cover(const struct conf_list *l,
					 const struct addr_prefix *prefix, __s64 now_s)
{
	for (int len = prefix->len;;) {
		int found = next_covering(l, &prefix->addr, len);

		if (found < 0)
			return NULL;
		if (!ended(&l->entry[found], now_s))
			return &l->entry[found];
		len = (int)l->entry[found].prefix.len - 1;
	}
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
	size_t count = 0;

	for (size_t i = conf_list_from(l, prefix);
	     i < l->count && addr_in(&l->entry[i].prefix.addr, prefix); i++)
		if (!ended(&l->entry[i], now_s) && !count++)
			*ret_first = &l->entry[i];
	return count;
}
