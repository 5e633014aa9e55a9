// SPDX-License-Identifier: GPL-2.0-only
/* The lock-out guard. */
#include "rld/guard.h"

#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "base/time.h"
#include "rld/lists.h"
#include "rld/peers.h"

#define TCP_PROTO 6
#define WAY_OUT                                                                                    \
	"repeat it with --yes if it is meant; `rld --detach` on the machine's console undoes "     \
	"everything"

static bool in_ranges(const struct conf_cond *cond, __u32 value)
{
	for (size_t i = 0; i < cond->count; i++)
		if (value >= cond->range[i].first && value <= cond->range[i].last)
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

/* Whether a packet of the session can meet the condition. What the session's address and port do
 * not tell (length, source port, interface, destination, VLAN) may be met. */
static bool cond_met(const struct conf_cond *cond, const struct peer *peer)
{
	switch (cond->kind) {
	case CONF_COND_PROTO:
		return in_ranges(cond, TCP_PROTO) != cond->negated;
	case CONF_COND_DPORT:
		return in_ranges(cond, peer->port) != cond->negated;
	case CONF_COND_SRC:
		return in_prefixes(cond, &peer->addr) != cond->negated;
	case CONF_COND_SYN:
	case CONF_COND_ICMP_TYPE:
	case CONF_COND_FRAGMENT:
		return cond->negated;
	default:
		return true;
	}
}

/* `by_source` false: conditions on the address may be met. */
static bool judges(const struct conf_limit *limit, const struct peer *peer, bool by_source)
{
	if (limit->abi.unit == RL_UNIT_CONNECTIONS || !limit->enabled ||
	    (limit->abi.flags & RL_LIMIT_MONITOR))
		return false;
	for (size_t i = 0; i < limit->conds; i++)
		if ((by_source || limit->cond[i].kind != CONF_COND_SRC) &&
		    !cond_met(&limit->cond[i], peer))
			return false;
	return true;
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

static const struct conf_limit *limit_refusing(const struct conf *conf, const struct peer *peer)
{
	for (size_t i = 0; i < conf->limits; i++)
		if (too_small(&conf->limit[i]->abi) && judges(conf->limit[i], peer, true))
			return conf->limit[i];
	return NULL;
}

struct refusal {
	const struct conf_entry *entry;
	const struct conf_limit *limit;
};

static bool refuses(const struct conf *conf, const struct peer *peer, struct refusal *ret)
{
	__s64 now_s = time_wall_ns() / (__s64)TIME_NS;

	*ret = (struct refusal){0};
	if (conf->mode != RL_MODE_ENFORCE || conf_list_match(&conf->allow, &peer->addr, now_s))
		return false;
	ret->entry = conf_list_match(&conf->deny, &peer->addr, now_s);
	if (!ret->entry && peer->kind == PEER_SESSION)
		ret->limit = limit_refusing(conf, peer);
	return ret->entry || ret->limit;
}

/* What refused a session before excuses itself only: another limit may never meet a packet of it.
 */
static bool same_cause(const struct refusal *a, const struct refusal *b)
{
	if (a->entry || b->entry)
		return a->entry && b->entry;
	return !strcmp(a->limit->abi.name, b->limit->abi.name) &&
	       !memcmp(a->limit->abi.window, b->limit->abi.window, sizeof(a->limit->abi.window));
}

static const char *describe(const struct peer *peer, char *buf, size_t size)
{
	static const char *const whats[] = {
		[PEER_SESSION] = "the established session from %s to port %u",
		[PEER_GATEWAY] = "the default gateway %s",
		[PEER_RESOLVER] = "the resolver %s",
		[PEER_OWN] = "this machine's own address %s",
	};
	char addr[ADDR_TEXT];

	snprintf(buf, size, whats[peer->kind], addr_format(&peer->addr, addr), peer->port);
	return buf;
}

static int report(const struct peer *peer, const struct refusal *refusal, struct diag *d)
{
	char whom[128];
	char prefix[ADDR_TEXT];

	describe(peer, whom, sizeof(whom));
	if (refusal->entry)
		diag_set(d, DIAG_REFUSED, "this would cut off %s: the deny list has %s", whom,
			 addr_format_prefix(&refusal->entry->prefix, prefix));
	else
		diag_set(d, DIAG_REFUSED,
			 "this would cut off %s: limit %s admits too few of its packets", whom,
			 refusal->limit->abi.name);
	diag_hint(d, WAY_OUT);
	return -EPERM;
}

/* A deny of everything of a family is refused whoever is connected. */
static int check_whole_family(const struct conf *old, const struct conf *new, struct diag *d)
{
	for (size_t i = 0; i < new->deny.count; i++) {
		const struct addr_prefix *prefix = &new->deny.entry[i].prefix;
		char text[ADDR_TEXT];
		bool whole = !prefix->len || (prefix->len == 96 && addr_is_ipv4(&prefix->addr));

		if (!whole || conf_list_find(&old->deny, prefix) >= 0)
			continue;
		diag_set(d, DIAG_REFUSED, "this would refuse every packet: deny of %s",
			 addr_format_prefix(prefix, text));
		diag_hint(d, WAY_OUT);
		return -EPERM;
	}
	return 0;
}

/* Whether a limit could cut a session at all, from whatever address: most sets have none that does,
 * and then nobody needs to be asked who is connected. */
static bool limits_may_cut(const struct conf *conf)
{
	struct peer anyone = {.kind = PEER_SESSION};

	for (size_t i = 0; i < conf->limits; i++) {
		if (!too_small(&conf->limit[i]->abi))
			continue;
		for (size_t p = 0; p < conf->options.protect_ports; p++) {
			anyone.port = conf->options.protect_port[p];
			if (judges(conf->limit[i], &anyone, false))
				return true;
		}
	}
	return false;
}

static bool lists_may_cut(const struct conf *old, const struct conf *new)
{
	if (!new->deny.count)
		return false;
	return old->mode != new->mode || !lists_equal(&old->deny, &new->deny) ||
	       !lists_equal(&old->allow, &new->allow);
}

/* What cannot be found out is left out: the guard must not stand in the way of a machine without
 * /proc or netlink. */
static void collect(const struct conf *conf, struct peers *ret)
{
	peers_sessions(ret, conf->options.protect_port, conf->options.protect_ports);
	if (!conf->deny.count)
		return;
	peers_gateways(ret);
	peers_resolvers(ret);
	peers_own(ret);
}

int guard_check(const struct conf *old, const struct conf *new, struct diag *d)
{
	_cleanup_(peers_done) struct peers peers = {0};
	struct refusal refusal;
	struct refusal before;
	int err = check_whole_family(old, new, d);

	if (err)
		return err;
	if (new->mode != RL_MODE_ENFORCE || (!lists_may_cut(old, new) && !limits_may_cut(new)))
		return 0;
	collect(new, &peers);
	for (size_t i = 0; i < peers.count; i++)
		if (refuses(new, &peers.v[i], &refusal) &&
		    !(refuses(old, &peers.v[i], &before) && same_cause(&before, &refusal)))
			return report(&peers.v[i], &refusal, d);
	return 0;
}
