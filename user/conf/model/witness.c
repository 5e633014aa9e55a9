// SPDX-License-Identifier: GPL-2.0-only
/* One packet that a limit judges, guessed from its conditions: quicker than to look for any. */
#include <netinet/in.h>
#include <string.h>

#include "conf/model/conf_internal.h"

#define BYTES 1000
#define PORT 40000
#define SYN 2
#define ACK 16

/* The first condition of that kind without `not`. */
static const struct conf_cond *find(const struct conf_limit *l, enum conf_cond_kind kind)
{
	for (size_t i = 0; i < l->conds; i++)
		if (l->cond[i].kind == kind && !l->cond[i].negated)
			return &l->cond[i];
	return NULL;
}

/* The first value of it, or `other`. */
static __u32 value_of(const struct conf_limit *l, enum conf_cond_kind kind, __u32 other)
{
	const struct conf_cond *cond = find(l, kind);

	return cond ? cond->range[0].first : other;
}

/* Both of one version of IP: that of what is named, or IPv4. Where none is named, of what nobody
 * has, so that no `not src` is about it. */
static void guess_addresses(const struct conf_limit *l, struct conf_packet *p)
{
	const struct conf_cond *src = find(l, CONF_COND_SRC), *dst = find(l, CONF_COND_DST);
	const struct conf_cond *named = src ? src : dst;

	if (named)
		p->source = named->prefix[0].addr;
	else if (value_of(l, CONF_COND_PROTO, 0) == IPPROTO_ICMPV6)
		addr_parse("4000::1", 7, &p->source);
	else
		addr_parse("240.0.0.1", 9, &p->source);
	p->destination = dst ? dst->prefix[0].addr : p->source;
}

static __u8 guess_proto(const struct conf_limit *l, bool ipv4)
{
	__u32 other = IPPROTO_TCP;

	if (find(l, CONF_COND_ICMP_TYPE))
		other = ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	return (__u8)value_of(l, CONF_COND_PROTO, other);
}

/* No shorter than an IP header, whose length no condition has to be of. */
static __u32 guess_bytes(const struct conf_limit *l)
{
	const struct conf_cond *length = find(l, CONF_COND_LENGTH);

	return length ? length->range[length->count - 1].last : BYTES;
}

static bool is_possible(const struct conf_packet *p)
{
	return addr_is_ipv4(&p->source) == addr_is_ipv4(&p->destination) && p->bytes >= 40 &&
	       (!p->syn || p->proto == IPPROTO_TCP);
}

bool conf_limit_has_witness(const struct conf_limit *l)
{
	const struct conf_cond *iface = find(l, CONF_COND_IFACE);
	struct conf_packet p = {
		.dport = (__u16)value_of(l, CONF_COND_DPORT, PORT),
		.sport = (__u16)value_of(l, CONF_COND_SPORT, PORT),
		.vlan = (__u16)value_of(l, CONF_COND_VLAN, RL_VLAN_NONE),
		.icmp_type = (__u8)value_of(l, CONF_COND_ICMP_TYPE, 0),
		.syn = find(l, CONF_COND_SYN) || l->abi.unit == RL_UNIT_CONNECTIONS,
		.flags = (__u16)value_of(l, CONF_COND_FLAGS, ACK),
		.bytes = guess_bytes(l),
	};

	if (p.syn)
		p.flags = (__u16)((p.flags & ~ACK) | SYN);
	p.syn = (p.flags & (SYN | ACK)) == SYN && value_of(l, CONF_COND_PROTO, 6) == 6;
	guess_addresses(l, &p);
	p.proto = guess_proto(l, addr_is_ipv4(&p.source));
	if (iface)
		memcpy(p.iface, iface->iface[0], sizeof(p.iface));
	return is_possible(&p) && conf_packet_matches(&p, l);
}
