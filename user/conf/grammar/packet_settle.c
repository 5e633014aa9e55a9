// SPDX-License-Identifier: GPL-2.0-only
/* One packet in the words of match conditions: what follows from what was said, and whether it goes
 * together. */
#include <netinet/in.h>
#include <string.h>

#include "conf/grammar/packet_internal.h"
#include "conf/model/cond.h"

#define FLAG_SYN 2
#define FLAG_ACK 16

/* Of IPv6, where another header follows: Mobility, HIP and Shim6 have no names in
 * <netinet/in.h>. */
static bool is_extension(const struct conf_packet *p)
{
	static const __u8 kinds[] = {IPPROTO_HOPOPTS,
				     IPPROTO_ROUTING,
				     IPPROTO_FRAGMENT,
				     IPPROTO_AH,
				     IPPROTO_DSTOPTS,
				     135,
				     139,
				     140};

	return !addr_is_ipv4(&p->source) && memchr(kinds, p->proto, sizeof(kinds));
}

/* The protocol that what was said asks for. */
static __u32 choose_proto(const struct taking *t)
{
	if (packet_has_said(t, CONF_COND_PROTO))
		return t->number[CONF_COND_PROTO];
	if (packet_has_said(t, CONF_COND_ICMP_TYPE))
		return addr_is_ipv4(&t->p->source) ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	return IPPROTO_TCP;
}

static int check_proto(struct taking *t)
{
	bool ipv4 = addr_is_ipv4(&t->p->source);

	if (t->p->proto == (ipv4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return packet_refuse(t, CONF_COND_PROTO,
				     ipv4 ? "icmpv6 is of IPv6" : "icmp is of IPv4",
				     ipv4 ? "icmp" : "icmpv6");
	if (is_extension(t->p))
		return packet_refuse(t, CONF_COND_PROTO, "that is an extension header of IPv6",
				     "the protocol behind it");
	for (int k = CONF_COND_DPORT; k <= CONF_COND_SPORT; k++)
		if (packet_has_said(t, (enum conf_cond_kind)k) && !conf_packet_has_ports(t->p))
			return packet_refuse(t, (enum conf_cond_kind)k, "the protocol has no ports",
					     "tcp or udp, or no port");
	if (packet_has_said(t, CONF_COND_SYN) && t->p->proto != IPPROTO_TCP)
		return packet_refuse(t, CONF_COND_SYN, "only TCP packets are syn",
				     "tcp, or no syn");
	if (packet_has_said(t, CONF_COND_FLAGS) && t->p->proto != IPPROTO_TCP)
		return packet_refuse(t, CONF_COND_FLAGS, "only TCP packets have flags",
				     "tcp, or no flags");
	if (packet_has_said(t, CONF_COND_SYN) && !t->p->syn)
		return packet_refuse(t, CONF_COND_FLAGS, "syn is SYN without ACK",
				     "flags syn, or no syn");
	if (packet_has_said(t, CONF_COND_ICMP_TYPE) && !conf_packet_has_icmp(t->p))
		return packet_refuse(t, CONF_COND_ICMP_TYPE, "the protocol is not ICMP",
				     ipv4 ? "icmp, or no type" : "icmpv6, or no type");
	return 0;
}

static int check_bytes(struct taking *t)
{
	__u32 least = conf_packet_headers(t->p);
	char expected[64];

	t->p->bytes = packet_has_said(t, CONF_COND_LENGTH) ? t->number[CONF_COND_LENGTH] : least;
	if (t->p->bytes >= least)
		return 0;
	snprintf(expected, sizeof(expected), "at least %u", least);
	return packet_refuse(t, CONF_COND_LENGTH, "that does not hold the headers", expected);
}

/* Ports, a type, flags or syn say what the protocol is, and who says that speaks of one packet: it
 * is no first of a connection if that is not said. */
static __u32 what_was_said(const struct taking *t)
{
	__u32 said = 0;

	for (unsigned k = 0; k < CONF_COND_KIND_COUNT; k++) {
		if (!packet_has_said(t, (enum conf_cond_kind)k))
			continue;
		said |= 1u << k;
		if (cond_kind((enum conf_cond_kind)k)->only_of)
			said |= 1u << CONF_COND_PROTO;
	}
	return said;
}

/* A packet is whole and untagged if not said otherwise, and has no ports, no type and no flags if
 * its protocol has none. */
static __u32 what_is_known(const struct conf_packet *p)
{
	__u32 known = p->said;

	for (unsigned k = 0; k < CONF_COND_KIND_COUNT; k++) {
		const struct cond_kind *kind = cond_kind((enum conf_cond_kind)k);

		if (kind->settled ||
		    (kind->only_of && p->said & 1u << CONF_COND_PROTO && !kind->only_of(p)))
			known |= 1u << k;
	}
	if (known & 1u << CONF_COND_LENGTH)
		known |= 1u << CONF_COND_IP_LENGTH;
	if (known & 1u << CONF_COND_FLAGS)
		known |= 1u << CONF_COND_SYN;
	if (p->iface[0])
		known |= 1u << CONF_COND_IFACE;
	return known;
}

static int settle_link(struct taking *t)
{
	int link = t->link_of(t->ctx, t->p->iface);

	t->p->link = link < 0 ? RL_LINK_ETHERNET : (__u8)link;
	if (t->p->link != RL_LINK_IP || !packet_has_said(t, CONF_COND_VLAN))
		return 0;
	return packet_refuse(t, CONF_COND_VLAN,
			     "packets of that interface have no Ethernet header, and no tag",
			     "no vlan");
}

/* The first of a connection has SYN, any other one ACK, if not said otherwise. */
static void settle_flags(struct taking *t)
{
	__u32 flags = packet_has_said(t, CONF_COND_SYN) ? FLAG_SYN : FLAG_ACK;

	if (packet_has_said(t, CONF_COND_FLAGS))
		flags = t->number[CONF_COND_FLAGS];
	t->p->flags = (__u16)flags;
	t->p->syn = (flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

int packet_settle(struct taking *t)
{
	struct conf_packet *p = t->p;
	int err;

	p->said = what_was_said(t);
	p->proto = (__u8)choose_proto(t);
	p->dport = (__u16)t->number[CONF_COND_DPORT];
	p->sport = (__u16)t->number[CONF_COND_SPORT];
	p->icmp_type = (__u8)t->number[CONF_COND_ICMP_TYPE];
	settle_flags(t);
	p->vlan = packet_has_said(t, CONF_COND_VLAN) ? (__u16)t->number[CONF_COND_VLAN]
						     : RL_VLAN_NONE;
	err = settle_link(t);
	if (!err)
		err = check_proto(t);
	if (!err)
		err = check_bytes(t);
	p->known = what_is_known(p);
	return err;
}
