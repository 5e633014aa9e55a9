// SPDX-License-Identifier: GPL-2.0-only
/* Limits against sessions, by the limits' conditions and windows. */
#include "rld/guard/guard_limit.h"

#include <string.h>

#define TCP_PROTO 6

/* What the conditions of a limit say of a session's packets. */
enum fit { FIT_NEVER, FIT_PERHAPS, FIT_ALWAYS };

static enum fit fit_of(bool met)
{
	return met ? FIT_ALWAYS : FIT_NEVER;
}

static enum fit cond_fits(const struct conf_cond *cond, const struct peer *peer)
{
	switch (cond->kind) {
	case CONF_COND_PROTO:
		return fit_of(conf_cond_has_value(cond, TCP_PROTO) != cond->negated);
	case CONF_COND_DPORT:
		return fit_of(conf_cond_has_value(cond, peer->port) != cond->negated);
	case CONF_COND_SRC:
		return fit_of(conf_cond_has_addr(cond, &peer->addr) != cond->negated);
	case CONF_COND_SYN:
	case CONF_COND_ICMP_TYPE:
	case CONF_COND_FRAGMENT:
		return fit_of(cond->negated);
	default:
		return FIT_PERHAPS;
	}
}

static bool at_work(const struct conf_limit *limit)
{
	return limit->enabled && !(limit->abi.flags & RL_LIMIT_MONITOR) &&
	       limit->abi.unit != RL_UNIT_CONNECTIONS;
}

static enum fit fits(const struct conf_limit *limit, const struct peer *peer)
{
	enum fit fit = at_work(limit) ? FIT_ALWAYS : FIT_NEVER;

	for (size_t i = 0; i < limit->conds; i++) {
		enum fit one = cond_fits(&limit->cond[i], peer);

		fit = one < fit ? one : fit;
	}
	return fit;
}

static bool is_default(const struct conf_limit *limit)
{
	return !limit->conds && !limit->any;
}

/* The default limit is not asked about a packet that another one judges. */
static bool shielded(const struct conf *conf, const struct peer *peer)
{
	for (size_t i = 0; i < conf->limits; i++)
		if (!is_default(conf->limit[i]) && fits(conf->limit[i], peer) == FIT_ALWAYS)
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

	return too_small(&limit->abi) && fits(limit, peer) != FIT_NEVER &&
	       !(is_default(limit) && shielded(conf, peer));
}

bool guard_limits_small(const struct conf *conf)
{
	for (size_t i = 0; i < conf->limits; i++)
		if (at_work(conf->limit[i]) && too_small(&conf->limit[i]->abi))
			return true;
	return false;
}

/* Conditions on the address are taken as met. */
static bool may_judge(const struct conf_limit *limit, __u16 port)
{
	struct peer peer = {.kind = PEER_SESSION, .port = port};

	if (!at_work(limit))
		return false;
	for (size_t i = 0; i < limit->conds; i++)
		if (limit->cond[i].kind != CONF_COND_SRC &&
		    cond_fits(&limit->cond[i], &peer) == FIT_NEVER)
			return false;
	return true;
}

bool guard_limits_may_cut(const struct conf *conf, const struct ports *ports)
{
	for (size_t i = 0; i < conf->limits; i++) {
		if (!too_small(&conf->limit[i]->abi))
			continue;
		for (size_t p = 0; p < ports->count; p++)
			if (may_judge(conf->limit[i], ports->v[p]))
				return true;
	}
	return false;
}
