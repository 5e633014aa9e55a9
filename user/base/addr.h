/* SPDX-License-Identifier: GPL-2.0-only */
/* IP addresses and prefixes as text and as 16 bytes (IPv4 as ::ffff:a.b.c.d). Never asks DNS. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "rl/names.h"

#define ADDR_TEXT 64	    /* bytes that any address or prefix fits in as text */
#define ADDR_MAPPED_BITS 96 /* before the IPv4 address in ::ffff:a.b.c.d */

/* Of IPv4 if its address is: that takes 96 bits. */
struct addr_prefix {
	union rl_addr addr; /* bits past `len` are zero */
	__u8 len;	    /* of the 128: an IPv4 /24 is 120 here */
};

static inline bool addr_is_ipv4(const union rl_addr *addr)
{
	return !addr->half[0] && !addr->byte[8] && !addr->byte[9] && addr->byte[10] == 0xff &&
	       addr->byte[11] == 0xff;
}
int addr_parse(const char *text, size_t len, union rl_addr *ret);
/* ADDR or ADDR/LEN; set host bits are an error (-ERANGE), so that a slip does not widen a rule
 * unseen. */
int addr_parse_prefix(const char *text, size_t len, struct addr_prefix *ret);
const char *addr_format(const union rl_addr *addr, char buf[static ADDR_TEXT]);
/* Without "/32" and "/128". */
const char *addr_format_prefix(const struct addr_prefix *prefix, char buf[static ADDR_TEXT]);
void addr_mask(union rl_addr *addr, unsigned len);
/* An IPv4 address is in IPv4 prefixes alone: ::/0 and its like are of IPv6, although ::ffff:0:0/96,
 * where IPv4 lies, has their bits. Also whether a prefix that is not shorter lies in another. */
bool addr_same_prefix(const struct addr_prefix *a, const struct addr_prefix *b);
bool addr_in(const union rl_addr *addr, const struct addr_prefix *prefix);
/* One of them covers the other. */
bool addr_overlap(const struct addr_prefix *a, const struct addr_prefix *b);

#endif
