// SPDX-License-Identifier: GPL-2.0-only
/* Entries of lists that cover an address. */
#include "rld/guard/guard_ends.h"

size_t guard_covering(const struct conf_list *list, const union rl_addr *addr, __s64 now_s,
		      const struct conf_entry *ret[static GUARD_COVERING_MAX])
{
	bool ipv4 = addr_is_ipv4(addr);
	size_t count = 0;

	for (unsigned len = ipv4 ? ADDR_MAPPED_BITS : 0; len <= 128; len++) {
		struct addr_prefix prefix = {.addr = *addr, .len = (__u8)len};
		const struct conf_entry *entry;

		if (!list->of_len[ipv4][len])
			continue;
		addr_mask(&prefix.addr, len);
		entry = conf_list_find(list, &prefix);
		if (entry && (!entry->until_s || entry->until_s > now_s))
			ret[count++] = entry;
	}
	return count;
}

static bool same_list(const struct conf_list *a, const struct conf_list *b,
		      const union rl_addr *addr, __s64 now_s)
{
	const struct conf_entry *of_a[GUARD_COVERING_MAX], *of_b[GUARD_COVERING_MAX];
	size_t count = guard_covering(a, addr, now_s, of_a);

	if (count != guard_covering(b, addr, now_s, of_b))
		return false;
	for (size_t i = 0; i < count; i++)
		if (of_a[i]->prefix.len != of_b[i]->prefix.len ||
		    of_a[i]->until_s != of_b[i]->until_s)
			return false;
	return true;
}

bool guard_same_cover(const struct conf *a, const struct conf *b, const union rl_addr *addr,
		      __s64 now_s)
{
	return same_list(conf_allow(a), conf_allow(b), addr, now_s) &&
	       same_list(conf_deny(a), conf_deny(b), addr, now_s);
}

static bool has(const __s64 *moments, size_t count, __s64 moment)
{
	while (count && moments[count - 1] != moment)
		count--;
	return count;
}

static size_t add_ends(const struct conf_list *list, const union rl_addr *addr, size_t count,
		       __s64 moments[static GUARD_MOMENTS_MAX])
{
	const struct conf_entry *entry[GUARD_COVERING_MAX];
	size_t entries = guard_covering(list, addr, moments[0], entry);

	for (size_t i = 0; i < entries && count < GUARD_MOMENTS_MAX; i++)
		if (entry[i]->until_s && !has(moments, count, entry[i]->until_s))
			moments[count++] = entry[i]->until_s;
	return count;
}

size_t guard_moments(const struct conf *conf, const union rl_addr *addr, __s64 now_s,
		     __s64 ret[static GUARD_MOMENTS_MAX])
{
	ret[0] = now_s;
	return add_ends(conf_deny(conf), addr, add_ends(conf_allow(conf), addr, 1, ret), ret);
}
