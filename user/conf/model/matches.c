// SPDX-License-Identifier: GPL-2.0-only
/* Whether a limit would judge a packet in words: to be asked of disabled ones, which the program
 * does not look at. What conditions mean: conds.c. */
#include <string.h>

#include "conf/model/conf.h"

bool conf_cond_has_value(const struct conf_cond *cond, __u32 value)
{
	for (size_t i = 0; i < cond->count; i++)
		if (value >= cond->range[i].first && value <= cond->range[i].last)
			return true;
	return false;
}

bool conf_cond_has_addr(const struct conf_cond *cond, const union rl_addr *addr)
{
	for (size_t i = 0; i < cond->count; i++)
		if (addr_in(addr, &cond->prefix[i]))
			return true;
	return false;
}

static bool in_ifaces(const struct conf_cond *cond, const char *name)
{
	for (size_t i = 0; i < cond->count; i++)
		if (!strcmp(cond->iface[i], name))
			return true;
	return false;
}

/* False for a packet that has no such field, negated or not. */
static bool has_field(const struct conf_cond *cond, const struct conf_packet *p)
{
	if (cond->kind == CONF_COND_DPORT || cond->kind == CONF_COND_SPORT)
		return conf_packet_has_ports(p);
	return cond->kind != CONF_COND_ICMP_TYPE || conf_packet_has_icmp(p);
}

/* The condition without `not`. */
static bool holds(const struct conf_cond *cond, const struct conf_packet *p)
{
	const __u32 number[CONF_COND_KIND_COUNT] = {
		[CONF_COND_PROTO] = p->proto,	      [CONF_COND_DPORT] = p->dport,
		[CONF_COND_SPORT] = p->sport,	      [CONF_COND_LENGTH] = p->bytes,
		[CONF_COND_ICMP_TYPE] = p->icmp_type, [CONF_COND_VLAN] = p->vlan,
	};

	switch (cond->kind) {
	case CONF_COND_SRC:
		return conf_cond_has_addr(cond, &p->source);
	case CONF_COND_DST:
		return conf_cond_has_addr(cond, &p->destination);
	case CONF_COND_IFACE:
		return in_ifaces(cond, p->iface);
	case CONF_COND_SYN:
		return p->syn;
	case CONF_COND_FRAGMENT:
		return false;
	default:
		return conf_cond_has_value(cond, number[cond->kind]);
	}
}

bool conf_packet_matches(const struct conf_packet *p, const struct conf_limit *l)
{
	for (size_t i = 0; i < l->conds; i++)
		if (!has_field(&l->cond[i], p) || holds(&l->cond[i], p) == l->cond[i].negated)
			return false;
	if (l->abi.unit == RL_UNIT_CONNECTIONS && !p->syn)
		return false;
	return !(l->abi.key & (RL_KEY_DPORT | RL_KEY_SPORT)) || conf_packet_has_ports(p);
}
