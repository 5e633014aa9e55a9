// SPDX-License-Identifier: GPL-2.0-only
/* Values of dimensions, as the rows of a rule set tell them apart. */
#include "rld/guard/trial_axes.h"

#include <netinet/in.h>
#include <string.h>

#define TCP_BYTES 20
#define SPORT 40000
#define FIN_SYN_RST 7
#define ACK 16
#define OTHERS 3
#define DESTINATIONS 128 /* prefixes of conditions that are looked at */

static bool uses(const struct rl_rules *rules, enum rl_dim dim)
{
	return rules->dims & 1u << dim;
}

static void and_row(struct trial_limits *set, const struct rl_rules *rules, __u32 row)
{
	const __u64 *word = &rules->row[row * RL_ROW_STRIDE(rules->words) + 1];

	for (unsigned w = 0; w < rules->words; w++)
		set->word[w] &= word[w];
}

static void offer(struct trial_axis *axis, __u32 value, const struct trial_limits *limits)
{
	for (size_t i = 0; i < axis->count; i++)
		if (!memcmp(&axis->v[i].limits, limits, sizeof(*limits)))
			return;
	if (axis->count == TRIAL_AXIS_MAX) {
		axis->more = true;
		return;
	}
	axis->v[axis->count].value = value;
	axis->v[axis->count++].limits = *limits;
}

/* The row of the longest prefix that covers the address. */
static __u32 row_of(const struct conf_prefixes *prefixes, const union rl_addr *addr)
{
	const struct conf_prefix *best = NULL;

	for (size_t i = 0; i < prefixes->count; i++) {
		const struct conf_prefix *p = &prefixes->v[i];

		if ((!best || p->prefix.len > best->prefix.len) && addr_in(addr, &p->prefix))
			best = p;
	}
	return best ? best->row : prefixes->none;
}

static void find_known(struct trial_axes *s)
{
	const struct rl_rules *r = s->rules;

	memcpy(s->known.word, r->live, sizeof(s->known.word));
	if (r->default_limit < RL_LIMITS_MAX)
		s->known.word[r->default_limit / 64] |= 1ull << r->default_limit % 64;
	if (uses(r, RL_DIM_PROTO))
		and_row(&s->known, r, r->row_proto[IPPROTO_TCP]);
	if (uses(r, RL_DIM_TRAITS))
		and_row(&s->known, r, r->row_traits[RL_TRAIT_PORTS]);
	if (uses(r, RL_DIM_ICMP_TYPE))
		and_row(&s->known, r, r->row_icmp[RL_ICMP_NONE]);
	if (uses(r, RL_DIM_DPORT))
		and_row(&s->known, r, r->row_dport[s->peer->port]);
	if (uses(r, RL_DIM_SOURCE))
		and_row(&s->known, r, row_of(&s->image->source, &s->peer->addr));
}

static void offer_row(const struct trial_axes *s, struct trial_axis *axis, __u32 value, __u32 row)
{
	struct trial_limits limits = s->known;

	and_row(&limits, s->rules, row);
	offer(axis, value, &limits);
}

static void find_places(struct trial_axes *s, const struct trial_places *places)
{
	const struct rl_rules *r = s->rules;

	if (!uses(r, RL_DIM_IFACE) || !places->count) {
		offer(&s->place, places->count ? places->v[0].slot : 0, &s->known);
		return;
	}
	for (size_t i = 0; i < places->count; i++)
		offer_row(s, &s->place, places->v[i].slot, r->row_iface[places->v[i].slot]);
}

static void find_vlans(struct trial_axes *s)
{
	const struct rl_rules *r = s->rules;

	offer(&s->vlan, RL_VLAN_NONE, &s->known);
	if (!uses(r, RL_DIM_VLAN))
		return;
	s->vlan.count = 0;
	offer_row(s, &s->vlan, RL_VLAN_NONE, r->row_vlan[RL_VLAN_NONE]);
	for (__u32 vlan = 1; vlan < RL_VLAN_NONE - 1; vlan++)
		if (vlan == 1 || r->row_vlan[vlan] != r->row_vlan[vlan - 1])
			offer_row(s, &s->vlan, vlan, r->row_vlan[vlan]);
}

static void find_sports(struct trial_axes *s)
{
	const struct rl_rules *r = s->rules;

	if (!uses(r, RL_DIM_SPORT)) {
		offer(&s->sport, SPORT, &s->known);
		return;
	}
	for (__u32 i = 0; i < RL_PORTS; i++) {
		__u32 port = (SPORT + i) % RL_PORTS;

		if (!i || r->row_sport[port] != r->row_sport[(port + RL_PORTS - 1) % RL_PORTS])
			offer_row(s, &s->sport, port, r->row_sport[port]);
	}
}

static void find_flags(struct trial_axes *s)
{
	const struct rl_rules *r = s->rules;

	for (__u32 flags = ACK; flags < RL_FLAGS_NONE; flags++) {
		if (!(flags & ACK) || flags & FIN_SYN_RST)
			continue;
		if (uses(r, RL_DIM_FLAGS))
			offer_row(s, &s->flags, flags, r->row_flags[flags]);
		else
			offer(&s->flags, flags, &s->known);
	}
}

/* `link`: bytes before the IP header. */
static void offer_length(const struct trial_axes *s, struct trial_axis *axis, __u32 bytes,
			 __u32 link)
{
	const struct rl_rules *r = s->rules;
	struct trial_limits limits = s->known;

	if (uses(r, RL_DIM_LENGTH))
		and_row(&limits, r, r->row_length[bytes]);
	if (uses(r, RL_DIM_IP_LENGTH))
		and_row(&limits, r, r->row_ip_length[bytes - link]);
	offer(axis, bytes, &limits);
}

static bool differs(const struct rl_rules *r, __u32 bytes, __u32 from, __u32 link)
{
	return r->row_length[bytes] != r->row_length[from] ||
	       r->row_ip_length[bytes - link] != r->row_ip_length[from - link];
}

/* What is nearest to 1500 stands for its like. */
void trial_lengths(struct trial_axes *s, __u32 link)
{
	__u32 least = link + (addr_is_ipv4(&s->peer->addr) ? 20 : 40) + TCP_BYTES;

	s->length.count = 0;
	offer_length(s, &s->length, TRIAL_BYTES, link);
	if (!uses(s->rules, RL_DIM_LENGTH) && !uses(s->rules, RL_DIM_IP_LENGTH))
		return;
	for (__u32 bytes = TRIAL_BYTES - 1; bytes >= least; bytes--)
		if (differs(s->rules, bytes, bytes + 1, link))
			offer_length(s, &s->length, bytes, link);
	for (__u32 bytes = TRIAL_BYTES + 1; bytes < RL_PORTS; bytes++)
		if (differs(s->rules, bytes, bytes - 1, link))
			offer_length(s, &s->length, bytes, link);
}

static union rl_addr last_of(const struct addr_prefix *prefix)
{
	union rl_addr addr = prefix->addr;

	for (unsigned bit = prefix->len; bit < 128; bit++)
		addr.byte[bit / 8] |= (__u8)(0x80 >> bit % 8);
	return addr;
}

/* Addresses of this machine can be any. Those that no condition names first, then both ends of what
 * they name. */
union rl_addr trial_destination(const struct trial_axes *s, __u32 nth)
{
	static const union rl_addr others[2][OTHERS] = {
		{{.byte = {0x20, 1, 0xd, 0xb8, 0xff, [15] = 1}},
		 {.byte = {0xfd, 0x77, 0x77, [15] = 0x77}},
		 {.byte = {0xfe, 0x80, [8] = 0x77, [15] = 0x77}}},
		{{.byte = {[10] = 0xff, [11] = 0xff, 198, 51, 100, 254}},
		 {.byte = {[10] = 0xff, [11] = 0xff, 10, 254, 253, 252}},
		 {.byte = {[10] = 0xff, [11] = 0xff, 240, 0, 0, 1}}},
	};
	const struct addr_prefix *prefix;

	if (nth < OTHERS)
		return others[addr_is_ipv4(&s->peer->addr)][nth];
	prefix = &s->image->destination.v[(nth - OTHERS) / 2].prefix;
	return (nth - OTHERS) % 2 ? last_of(prefix) : prefix->addr;
}

static void find_destinations(struct trial_axes *s)
{
	const struct conf_prefixes *prefixes = &s->image->destination;
	size_t count = prefixes->count < DESTINATIONS ? prefixes->count : DESTINATIONS;

	if (!uses(s->rules, RL_DIM_DESTINATION)) {
		offer(&s->destination, 0, &s->known);
		return;
	}
	s->destination.more = count < prefixes->count;
	for (__u32 nth = 0; nth < OTHERS + 2 * count; nth++) {
		union rl_addr addr = trial_destination(s, nth);

		if (addr_is_ipv4(&addr) == addr_is_ipv4(&s->peer->addr))
			offer_row(s, &s->destination, nth, row_of(prefixes, &addr));
	}
}

void trial_axes(const struct conf_image *image, const struct trial_places *places,
		const struct peer *peer, struct trial_axes *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->rules = image->rules;
	ret->image = image;
	ret->peer = peer;
	find_known(ret);
	find_places(ret, places);
	find_vlans(ret);
	find_sports(ret);
	find_flags(ret);
	find_destinations(ret);
}
