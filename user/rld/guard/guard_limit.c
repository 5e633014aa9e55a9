// SPDX-License-Identifier: GPL-2.0-only
/* Limits against sessions, by the limits' conditions and windows. */
#include "rld/guard/guard_limit.h"

#include <netinet/in.h>

#include "conf/model/cond.h"

#define KNOWN(kind) (1u << CONF_COND_##kind)

/* A packet of the session that is not its first: the rest of it can be anything. */
static struct conf_packet packet_of(const struct peer *peer)
{
	return (struct conf_packet){
		.source = peer->addr,
		.dport = peer->port,
		.proto = IPPROTO_TCP,
		.vlan = RL_VLAN_NONE,
		.established = true,
		.known = KNOWN(PROTO) | KNOWN(DPORT) | KNOWN(SRC) | KNOWN(SYN) | KNOWN(ICMP_TYPE) |
			 KNOWN(FRAGMENT),
	};
}

static bool at_work(const struct conf_limit *limit)
{
	return limit->enabled && !conf_limit_is_app(limit) &&
	       !(limit->abi.flags & RL_LIMIT_MONITOR) && limit->abi.unit != RL_UNIT_CONNECTIONS;
}

/* What the conditions of a limit say of a session's packets. */
static enum cond_met fits(const struct conf_limit *limit, const struct peer *peer)
{
	const struct conf_packet packet = packet_of(peer);
	enum cond_met met = at_work(limit) ? COND_YES : COND_NO;

	for (size_t i = 0; i < limit->conds; i++) {
		enum cond_met one = cond_met(&limit->cond[i], &packet);

		met = one < met ? one : met;
	}
	return met;
}

static bool is_default(const struct conf_limit *limit)
{
	return !limit->conds && !limit->any && !conf_limit_is_app(limit);
}

/* The default limit is not asked about a packet that another one judges. */
static bool shielded(const struct conf *conf, const struct peer *peer)
{
	for (size_t i = 0; i < conf->limits; i++)
		if (!is_default(conf->limit[i]) && fits(conf->limit[i], peer) == COND_YES)
			return true;
	return false;
}

static bool too_small(const struct rl_limit *limit)
{
	__u64 cost = limit->unit == RL_UNIT_BYTES ? GUARD_PACKET_BYTES : 1;

	for (int i = 0; i < limit->windows; i++) {
		double amount = (double)limit->window[i].amount / (double)cost;
		double per_s = amount * 1e9 / (double)limit->window[i].period_ns;

		/* A long window may admit few a second on average and still let a session work for
		 * hours. */
		if (amount < GUARD_BURST || (i == 0 && per_s < GUARD_PER_S))
			return true;
	}
	return false;
}

bool guard_limit_cuts(const struct conf *conf, size_t i, const struct peer *peer)
{
	const struct conf_limit *limit = conf->limit[i];

	return too_small(&limit->abi) && fits(limit, peer) != COND_NO &&
	       !(is_default(limit) && shielded(conf, peer));
}
