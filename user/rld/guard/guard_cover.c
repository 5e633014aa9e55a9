// SPDX-License-Identifier: GPL-2.0-only
/* Sums of the prefixes of a list. */
#include "rld/guard/guard_cover.h"

#define GLOBAL_BITS 3	  /* of 2000::/3 */
#define GLOBAL_FIRST 0x20 /* its first byte */

static bool is_ipv4(const struct addr_prefix *prefix)
{
	return prefix->len >= ADDR_MAPPED_BITS && addr_is_ipv4(&prefix->addr);
}

/* Of the bits that all of the family have. */
static __u64 part(unsigned len, unsigned common)
{
	return len <= common	   ? GUARD_COVER_ALL
	       : len - common > 32 ? 0
				   : GUARD_COVER_ALL >> (len - common);
}

static __u64 part_of_global(const struct addr_prefix *prefix)
{
	static const struct addr_prefix global = {.addr = {.byte = {GLOBAL_FIRST}},
						  .len = GLOBAL_BITS};
	bool meets = prefix->len < GLOBAL_BITS ? addr_in(&global.addr, prefix)
					       : addr_in(&prefix->addr, &global);

	return meets ? part(prefix->len, GLOBAL_BITS) : 0;
}

/* As if none were in another, and all IPv6 global. */
static __u64 most(const struct conf_list *list, bool ipv4)
{
	__u64 sum = 0;

	for (unsigned len = 0; len <= 128; len++)
		sum += list->of_len[ipv4][len] * part(len, ipv4 ? ADDR_MAPPED_BITS : GLOBAL_BITS);
	return sum;
}

__u64 guard_cover(const struct conf_list *list, bool ipv4, __s64 now_s)
{
	const struct addr_prefix *last = NULL;
	const struct conf_entry *entry;
	__u64 sum = 0;

	if (most(list, ipv4) < GUARD_COVER_ALL / 2)
		return 0;
	conf_list_each (entry, at, list) {
		const struct addr_prefix *prefix = &entry->prefix;

		if (is_ipv4(prefix) != ipv4 || (entry->until_s && entry->until_s <= now_s))
			continue;
		if (last && addr_in(&prefix->addr, last))
			continue;
		last = prefix;
		sum += ipv4 ? part(prefix->len, ADDR_MAPPED_BITS) : part_of_global(prefix);
	}
	return sum;
}
