// SPDX-License-Identifier: GPL-2.0-only
/* Which values packets have together: ports and SYN belong to some protocols, ICMP types to one of
 * each family, flags to TCP and to what SYN says of them, both addresses are of one family, and no
 * packet is shorter than its IP header. Only the two lengths, of frame and packet, are taken to
 * have nothing to do with each other. */
#include "conf/compile/possible.h"

/* Tags of protocols. */
enum kind { KIND_TCP, KIND_PORTS, KIND_ICMP, KIND_ICMPV6, KIND_OTHER };
_Static_assert(KIND_OTHER + 1 == POSSIBLE_PROTOS, "each kind of protocol is tried");

/* Tags of flags: none in reach, in a first fragment that ends before them, of the first packet of a
 * connection, of another one. */
enum flags { FLAGS_NONE, FLAGS_TINY, FLAGS_SYN, FLAGS_OTHER };
#define TCP_SYN 2
#define TCP_ACK 16

/* Tags of lengths. */
enum room { ROOM_NONE, ROOM_IPV4, ROOM_IPV6 };
#define IPV4_BYTES 20
#define IPV6_BYTES 40

static bool traits_possible(enum kind kind, unsigned traits)
{
	if (traits & RL_TRAIT_SYN)
		return kind == KIND_TCP && traits & RL_TRAIT_PORTS;
	return !(traits & RL_TRAIT_PORTS) || kind == KIND_TCP || kind == KIND_PORTS;
}

/* Whether a TCP packet of these traits has such flags: those that begin a connection, or may, are a
 * trait too. */
static bool flags_possible(const struct possible *p, enum flags flags)
{
	bool syn = flags == FLAGS_SYN || flags == FLAGS_TINY;

	if (flags != FLAGS_NONE && p->kind != KIND_TCP)
		return false;
	if (p->traits == POSSIBLE_TRAITS_ANY)
		return true;
	if (flags == FLAGS_TINY && !(p->traits & RL_TRAIT_FRAGMENT))
		return false;
	if (flags == FLAGS_SYN || flags == FLAGS_OTHER)
		return syn == !!(p->traits & RL_TRAIT_SYN) && p->traits & RL_TRAIT_PORTS;
	return syn == !!(p->traits & RL_TRAIT_SYN);
}

static bool set_family(struct possible *p, __u8 family)
{
	if (p->family && p->family != family)
		return false;
	p->family = family;
	return true;
}

/* A message whose type is in reach. */
static bool set_icmp(struct possible *p)
{
	return (p->kind == KIND_ICMP && set_family(p, 4)) ||
	       (p->kind == KIND_ICMPV6 && set_family(p, 6));
}

bool possible_with(struct possible *p, enum rl_dim dim, __u8 tag)
{
	switch (dim) {
	case RL_DIM_PROTO:
		p->kind = tag;
		return true;
	case RL_DIM_TRAITS:
		p->traits = tag;
		return traits_possible((enum kind)p->kind, tag);
	case RL_DIM_FLAGS:
		return flags_possible(p, (enum flags)tag);
	case RL_DIM_ICMP_TYPE: /* tag: no type */
		return tag || set_icmp(p);
	case RL_DIM_SOURCE:
	case RL_DIM_DESTINATION:
		return set_family(p, tag);
	case RL_DIM_LENGTH:
	case RL_DIM_IP_LENGTH:
		return tag >= (p->family == 6 ? ROOM_IPV6 : ROOM_IPV4);
	default:
		return true;
	}
}

static enum kind kind_of(unsigned proto)
{
	switch (proto) {
	case 6:
		return KIND_TCP;
	case 17:  /* UDP */
	case 33:  /* DCCP */
	case 132: /* SCTP */
	case 136: /* UDP-Lite */
		return KIND_PORTS;
	case 1:
		return KIND_ICMP;
	case 58:
		return KIND_ICMPV6;
	default:
		return KIND_OTHER;
	}
}

static enum flags flags_of(size_t value)
{
	if (value == RL_FLAGS_NONE || value == RL_FLAGS_ANY)
		return value == RL_FLAGS_NONE ? FLAGS_NONE : FLAGS_TINY;
	return (value & (TCP_SYN | TCP_ACK)) == TCP_SYN ? FLAGS_SYN : FLAGS_OTHER;
}

__u8 possible_tag(enum rl_dim dim, size_t value)
{
	if (dim == RL_DIM_FLAGS)
		return (__u8)flags_of(value);
	if (dim == RL_DIM_PROTO)
		return (__u8)kind_of((unsigned)value);
	if (dim == RL_DIM_TRAITS)
		return (__u8)value;
	if (dim == RL_DIM_LENGTH || dim == RL_DIM_IP_LENGTH)
		return value < IPV4_BYTES ? ROOM_NONE : value < IPV6_BYTES ? ROOM_IPV4 : ROOM_IPV6;
	return dim == RL_DIM_ICMP_TYPE && value == RL_ICMP_NONE;
}
