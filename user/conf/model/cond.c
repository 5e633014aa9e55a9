// SPDX-License-Identifier: GPL-2.0-only
/* What conditions mean: one table of kinds, one of a packet's values. */
#include "conf/model/cond.h"

#include <netinet/in.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SET(array)                                                                                 \
	{                                                                                          \
		array, COUNT(array)                                                                \
	}

static const struct conf_range syn[] = {{1, 1}, {3, 3}, {5, 5}, {7, 7}};
static const struct conf_range fragment[] = {{2, 3}, {6, 7}};
static const struct conf_range ports[] = {{4, 7}};
_Static_assert(RL_TRAIT_SYN == 1 && RL_TRAIT_FRAGMENT == 2 && RL_TRAIT_PORTS == 4 && RL_TRAITS == 8,
	       "the sets above");
static const struct conf_range types[] = {{0, RL_ICMP_NONE - 1}};
static const struct conf_range flags[] = {{0, RL_FLAGS_NONE - 1}, {RL_FLAGS_ANY, RL_FLAGS_ANY}};

const struct cond_set cond_syn = SET(syn), cond_ports = SET(ports);

static bool is_tcp(const struct conf_packet *p)
{
	return p->proto == IPPROTO_TCP;
}

#define IMPLIES(d, array) .implied = SET(array), .implied_dim = RL_DIM_##d

static const struct cond_kind kinds[CONF_COND_KIND_COUNT] = {
	[CONF_COND_PROTO] = {"proto", COND_PROTOS, 255, RL_DIM_PROTO},
	[CONF_COND_DPORT] = {"dport", COND_NUMBERS, RL_PORTS - 1, RL_DIM_DPORT,
			     IMPLIES(TRAITS, ports), .only_of = conf_packet_has_ports},
	[CONF_COND_SPORT] = {"sport", COND_NUMBERS, RL_PORTS - 1, RL_DIM_SPORT,
			     IMPLIES(TRAITS, ports), .only_of = conf_packet_has_ports},
	[CONF_COND_SRC] = {"src", COND_PREFIXES, 0, RL_DIM_SOURCE, .settled = true,
			   .untold = "the source is the address in front"},
	[CONF_COND_DST] = {"dst", COND_PREFIXES, 0, RL_DIM_DESTINATION},
	[CONF_COND_SYN] = {"syn", COND_WORD, 0, RL_DIM_TRAITS, .set = SET(syn), .only_of = is_tcp},
	[CONF_COND_FLAGS] = {"flags", COND_FLAGS, 0, RL_DIM_FLAGS, IMPLIES(FLAGS, flags),
			     .only_of = is_tcp},
	[CONF_COND_ICMP_TYPE] = {"icmp-type", COND_NUMBERS, RL_ICMP_NONE - 1, RL_DIM_ICMP_TYPE,
				 IMPLIES(ICMP_TYPE, types), .only_of = conf_packet_has_icmp},
	[CONF_COND_FRAGMENT] = {"fragment", COND_WORD, 0, RL_DIM_TRAITS, .set = SET(fragment),
				.settled = true, .untold = "only whole packets can be explained"},
	[CONF_COND_LENGTH] = {"length", COND_NUMBERS, RL_PORTS - 1, RL_DIM_LENGTH},
	[CONF_COND_IP_LENGTH] = {"ip-length", COND_NUMBERS, RL_PORTS - 1, RL_DIM_IP_LENGTH,
				 .untold = "the length follows from that of the frame"},
	[CONF_COND_VLAN] = {"vlan", COND_NUMBERS, RL_VLAN_NONE - 1, RL_DIM_VLAN, .settled = true},
	[CONF_COND_IFACE] = {"iface", COND_IFACES, 0, RL_DIM_IFACE},
};

const struct cond_kind *cond_kind(enum conf_cond_kind kind)
{
	return &kinds[kind];
}

enum conf_cond_kind cond_kind_of(const char *word, size_t len)
{
	unsigned k = 0;

	while (k < CONF_COND_KIND_COUNT &&
	       (strlen(kinds[k].word) != len || memcmp(kinds[k].word, word, len)))
		k++;
	return (enum conf_cond_kind)k;
}

static bool set_has(struct cond_set set, __u32 value)
{
	for (size_t i = 0; i < set.count; i++)
		if (value >= set.range[i].first && value <= set.range[i].last)
			return true;
	return false;
}

/* Whether the flags are all of one element of the list, or none as that one says. */
static bool has_flags(const struct conf_cond *cond, __u32 value)
{
	for (size_t i = 0; i < cond->count; i++) {
		__u32 all = cond->range[i].first;

		if (all ? (value & all) == all : !value)
			return true;
	}
	return false;
}

/* What one range says of flags that nobody can see must hold whether the condition is negated or
 * not, so it is among the values only if it is not. */
static struct cond_set flag_values(const struct conf_cond *cond, struct conf_range *buf)
{
	struct cond_set set = {.range = buf};

	for (__u32 value = 0; value < RL_FLAGS_NONE; value++) {
		if (!has_flags(cond, value))
			continue;
		if (set.count && buf[set.count - 1].last + 1 == value)
			buf[set.count - 1].last = value;
		else
			buf[set.count++] = (struct conf_range){value, value};
	}
	if (!cond->negated)
		buf[set.count++] = flags[1];
	return set;
}

struct cond_set cond_values(const struct conf_cond *cond, struct conf_range buf[COND_RANGES_MAX])
{
	const struct cond_kind *kind = cond_kind(cond->kind);

	if (kind->form == COND_WORD)
		return kind->set;
	if (kind->form == COND_FLAGS)
		return flag_values(cond, buf);
	return (struct cond_set){cond->range, cond->count};
}

/* Of a whole packet whose transport header is in reach. */
static __u32 value_of(const struct conf_packet *p, enum rl_dim dim)
{
	switch (dim) {
	case RL_DIM_PROTO:
		return p->proto;
	case RL_DIM_DPORT:
		return p->dport;
	case RL_DIM_SPORT:
		return p->sport;
	case RL_DIM_TRAITS:
		return (p->syn ? RL_TRAIT_SYN : 0) |
		       (conf_packet_has_ports(p) ? RL_TRAIT_PORTS : 0);
	case RL_DIM_FLAGS:
		return is_tcp(p) ? p->flags : RL_FLAGS_NONE;
	case RL_DIM_ICMP_TYPE:
		return conf_packet_has_icmp(p) ? p->icmp_type : RL_ICMP_NONE;
	case RL_DIM_LENGTH:
		return p->bytes;
	case RL_DIM_IP_LENGTH:
		return p->bytes - conf_packet_ip(p);
	case RL_DIM_VLAN:
		return p->vlan;
	default:
		return 0;
	}
}

static bool in_ifaces(const struct conf_cond *cond, const char *name)
{
	for (size_t i = 0; i < cond->count; i++)
		if (!strcmp(cond->iface[i], name))
			return true;
	return false;
}

static bool in_prefixes(const struct conf_cond *cond, const union rl_addr *addr)
{
	for (size_t i = 0; i < cond->count; i++)
		if (addr_in(addr, &cond->prefix[i]))
			return true;
	return false;
}

/* Without `not`. */
static bool holds(const struct conf_cond *cond, const struct conf_packet *p)
{
	const struct cond_kind *kind = cond_kind(cond->kind);
	struct conf_range buf[COND_RANGES_MAX];

	if (kind->form == COND_IFACES)
		return in_ifaces(cond, p->iface);
	if (kind->form == COND_PREFIXES)
		return in_prefixes(cond, kind->dim == RL_DIM_SOURCE ? &p->source : &p->destination);
	return set_has(cond_values(cond, buf), value_of(p, kind->dim));
}

#define FLAG_FIN 1
#define FLAG_SYN 2
#define FLAG_RST 4
#define FLAG_ACK 16

/* Of all packets that an open connection can have. */
static enum cond_met met_while_open(const struct conf_cond *cond)
{
	bool some = false, all = true;

	for (__u32 value = 0; value < RL_FLAGS_NONE; value++) {
		bool meets = has_flags(cond, value) != cond->negated;

		if (!(value & FLAG_ACK) || value & (FLAG_SYN | FLAG_RST | FLAG_FIN))
			continue;
		some |= meets;
		all &= meets;
	}
	return all ? COND_YES : some ? COND_MAYBE : COND_NO;
}

enum cond_met cond_met(const struct conf_cond *cond, const struct conf_packet *p)
{
	const struct cond_kind *kind = cond_kind(cond->kind);

	if (cond->kind == CONF_COND_FLAGS && p->established)
		return met_while_open(cond);
	if (!(p->known & 1u << cond->kind))
		return COND_MAYBE;
	if (kind->implied.count && !set_has(kind->implied, value_of(p, kind->implied_dim)))
		return COND_NO;
	return holds(cond, p) != cond->negated ? COND_YES : COND_NO;
}
