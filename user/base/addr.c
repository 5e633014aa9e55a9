// SPDX-License-Identifier: GPL-2.0-only
/* IP addresses and prefixes as text and as 16 bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"

static const __u8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

int addr_parse(const char *text, size_t len, union rl_addr *ret)
{
	char copy[INET6_ADDRSTRLEN];
	union rl_addr addr = {0};

	if (len == 0 || len >= sizeof(copy) || memchr(text, 0, len))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = 0;
	if (inet_pton(AF_INET, copy, addr.byte + 12) == 1)
		memcpy(addr.byte, mapped, sizeof(mapped));
	else if (inet_pton(AF_INET6, copy, addr.byte) != 1)
		return -EINVAL;
	*ret = addr;
	return 0;
}

/* A decimal number of at most three digits, without leading zeros. */
static int parse_length(const char *text, size_t len, unsigned *ret)
{
	unsigned value = 0;

	if (len == 0 || len > 3 || (len > 1 && text[0] == '0'))
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*ret = value;
	return 0;
}

static int parse_prefix_length(const char *text, size_t len, bool dotted, unsigned *ret)
{
	unsigned value;

	if (parse_length(text, len, &value) || value > (dotted ? 32u : 128u))
		return -EINVAL;
	*ret = dotted ? value + ADDR_MAPPED_BITS : value;
	return 0;
}

int addr_parse_prefix(const char *text, size_t len, struct addr_prefix *ret)
{
	const char *slash = len ? memchr(text, '/', len) : NULL;
	size_t addr_len = slash ? (size_t)(slash - text) : len;
	unsigned bits = 128;
	union rl_addr addr, masked;
	int err;

	err = addr_parse(text, addr_len, &addr);
	if (err)
		return err;
	if (slash) {
		/* The spelling decides: ::ffff:10.0.0.0/104 is an IPv6 length, 10.0.0.0/8 is
		 * not. */
		bool dotted = !memchr(text, ':', addr_len);

		err = parse_prefix_length(slash + 1, len - addr_len - 1, dotted, &bits);
		if (err)
			return err;
	}
	masked = addr;
	addr_mask(&masked, bits);
	if (memcmp(&masked, &addr, sizeof(addr)) != 0)
		return -ERANGE;
	*ret = (struct addr_prefix){.addr = addr, .len = (__u8)bits};
	return 0;
}

const char *addr_format(const union rl_addr *addr, char buf[static ADDR_TEXT])
{
	if (addr_is_ipv4(addr))
		inet_ntop(AF_INET, addr->byte + 12, buf, ADDR_TEXT);
	else
		inet_ntop(AF_INET6, addr->byte, buf, ADDR_TEXT);
	return buf;
}

const char *addr_format_prefix(const struct addr_prefix *prefix, char buf[static ADDR_TEXT])
{
	bool ipv4 = addr_is_ipv4(&prefix->addr) && prefix->len >= ADDR_MAPPED_BITS;
	size_t len;

	/* A prefix shorter than the mapping is not IPv4, though its address may look so. */
	if (ipv4 || !addr_is_ipv4(&prefix->addr))
		addr_format(&prefix->addr, buf);
	else
		inet_ntop(AF_INET6, prefix->addr.byte, buf, ADDR_TEXT);
	if (prefix->len == 128)
		return buf;
	len = strlen(buf);
	snprintf(buf + len, ADDR_TEXT - len, "/%u",
		 ipv4 ? prefix->len - ADDR_MAPPED_BITS : prefix->len);
	return buf;
}

void addr_mask(union rl_addr *addr, unsigned len)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned before = i * 8;

		if (len <= before)
			addr->byte[i] = 0;
		else if (len < before + 8)
			addr->byte[i] &= (__u8)(0xff << (before + 8 - len));
	}
}

bool addr_same_prefix(const struct addr_prefix *a, const struct addr_prefix *b)
{
	return a->len == b->len && !memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

bool addr_in(const union rl_addr *addr, const struct addr_prefix *prefix)
{
	unsigned bytes = prefix->len / 8, bits = prefix->len % 8;

	if (prefix->len < ADDR_MAPPED_BITS && addr_is_ipv4(addr))
		return false;
	if (memcmp(addr->byte, prefix->addr.byte, bytes) != 0)
		return false;
	if (bits == 0)
		return true;
	return ((addr->byte[bytes] ^ prefix->addr.byte[bytes]) >> (8 - bits)) == 0;
}

bool addr_overlap(const struct addr_prefix *a, const struct addr_prefix *b)
{
	return a->len <= b->len ? addr_in(&b->addr, a) : addr_in(&a->addr, b);
}
