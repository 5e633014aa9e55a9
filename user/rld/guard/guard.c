// SPDX-License-Identifier: GPL-2.0-only
/* The lock-out guard. */
#include "rld/guard/guard.h"

#include <stdarg.h>
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "rld/guard/guard_cover.h"
#include "rld/guard/guard_limit.h"
#include "rld/guard/protect.h"
#include "rld/links/ifaces.h"

#define WAY_OUT                                                                                    \
	"repeat it with --yes if it is meant; `rld --detach` on the machine's console undoes "     \
	"everything"
#define OBJECTIONS_MAX 64 /* that are told in full */

/* One look at a change. */
struct look {
	const struct conf *old;
	const struct conf *before; /* what refuses already; NULL: nothing */
	const struct conf *new;
	__s64 now_s;
	json_t *list;	   /* NULL: not asked for */
	struct diag first; /* if count */
	size_t count;
};

__attribute__((format(printf, 3, 4))) static void object(struct look *look, const char *code,
							 const char *format, ...)
{
	char text[sizeof(look->first.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!look->count++)
		diag_set(&look->first, DIAG_REFUSED, "%s", text);
	if (look->list && look->count <= OBJECTIONS_MAX)
		json_array_append_new(look->list,
				      json_pack("{s:s, s:s}", "code", code, "text", text));
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

/* The entry that refuses the peer, if it is one. */
static const struct conf_entry *denied(const struct look *look, const struct conf *conf,
				       const struct peer *peer)
{
	if (!conf || conf->mode != RL_MODE_ENFORCE ||
	    conf_list_match(&conf->allow, &peer->addr, look->now_s))
		return NULL;
	return conf_list_match(&conf->deny, &peer->addr, look->now_s);
}

static void look_at_lists(struct look *look, const struct peer *peer)
{
	const struct conf_entry *entry = denied(look, look->new, peer);
	char whom[128];
	char prefix[ADDR_TEXT];

	if (!entry || denied(look, look->before, peer))
		return;
	object(look, "lock-out", "this would cut off %s: the deny list has %s",
	       describe(peer, whom, sizeof(whom)), addr_format_prefix(&entry->prefix, prefix));
}

static bool can_cut(const struct look *look, const struct conf *conf, const struct peer *peer)
{
	return conf && conf->mode == RL_MODE_ENFORCE &&
	       !conf_list_match(&conf->allow, &peer->addr, look->now_s);
}

static bool cut_before(const struct look *look, const struct rl_limit *limit,
		       const struct peer *peer)
{
	const struct conf *before = look->before;

	for (size_t i = 0; can_cut(look, before, peer) && i < before->limits; i++) {
		const struct rl_limit *old = &before->limit[i]->abi;

		if (!strcmp(old->name, limit->name))
			return old->unit == limit->unit &&
			       !memcmp(old->window, limit->window, sizeof(old->window)) &&
			       guard_limit_cuts(before, i, peer);
	}
	return false;
}

static void look_at_limits(struct look *look, const struct peer *peer)
{
	char whom[128];

	for (size_t i = 0; can_cut(look, look->new, peer) && i < look->new->limits; i++) {
		const struct rl_limit *limit = &look->new->limit[i]->abi;

		if (!guard_limit_cuts(look->new, i, peer) || cut_before(look, limit, peer))
			continue;
		object(look, "lock-out",
		       "this would cut off %s: limit %s admits too few of its packets",
		       describe(peer, whom, sizeof(whom)), limit->name);
	}
}

static __u64 cover(const struct conf_list *list, bool ipv4, __s64 now_s)
{
	return list ? guard_cover(list, ipv4, now_s) : 0;
}

static void look_at_family(struct look *look, bool ipv4)
{
	const struct conf *old = look->old;
	__u64 was = cover(look->before ? &look->before->deny : NULL, ipv4, look->now_s);
	__u64 is = guard_cover(&look->new->deny, ipv4, look->now_s);
	const char *family = ipv4 ? "IPv4" : "global IPv6";

	if (is >= GUARD_COVER_ALL && was < GUARD_COVER_ALL) {
		object(look, "lock-out",
		       "this would refuse every %s packet: the deny list covers all of them",
		       family);
	}
	was = cover(old ? &old->allow : NULL, ipv4, look->now_s);
	is = guard_cover(&look->new->allow, ipv4, look->now_s);
	if (is < GUARD_COVER_ALL / 2 || (was >= GUARD_COVER_ALL / 2 && is < GUARD_COVER_ALL) ||
	    was >= GUARD_COVER_ALL)
		return;
	object(look, "lock-out",
	       "this would switch the protection off: the allow list covers %s %s addresses, "
	       "which no limit and no ban would refuse any more",
	       is < GUARD_COVER_ALL ? "half or more of all" : "all", family);
}

/* A link cannot change its mode, and the kernel has none of both kinds on one interface. */
static void look_at_modes(struct look *look, const struct rld *rld)
{
	struct dp_iface iface;

	for (size_t i = 0; i < look->new->attaches; i++) {
		if (!ifaces_has_other_mode(rld, &look->new->attach[i], &iface))
			continue;
		object(look, "unprotected",
		       "another mode of %s lets its packets pass unjudged while the program "
		       "is taken off and put on again, some milliseconds as a rule",
		       iface.name);
	}
}

/* What is at work refuses nothing on an interface that comes with the change. */
static bool attaches(const struct look *look)
{
	for (size_t i = 0; i < look->new->attaches; i++)
		if (!conf_find_attach(look->old, look->new->attach[i].iface))
			return true;
	return false;
}

static bool lists_changed(const struct look *look)
{
	const struct conf *old = look->before;

	return !old || old->mode != look->new->mode ||
	       !conf_list_equal(&old->deny, &look->new->deny) ||
	       !conf_list_equal(&old->allow, &look->new->allow);
}

static void add_clients(struct peers *peers, const struct peers *clients, const struct ports *ports)
{
	for (size_t i = 0; clients && i < clients->count; i++)
		if (ports_has(ports, clients->v[i].port))
			peers_add(peers, &clients->v[i]);
}

/* What cannot be found out is left out: the guard must not stand in the way of a machine without
 * /proc or netlink. */
static void look_at_peers(struct look *look, const struct peers *clients, const struct ports *ports)
{
	_cleanup_(peers_done) struct peers peers = {0};

	peers_sessions(&peers, ports);
	add_clients(&peers, clients, ports);
	if (look->new->deny.count) {
		peers_gateways(&peers);
		peers_resolvers(&peers);
		peers_own(&peers);
	}
	peers_sort(&peers);
	for (size_t i = 0; i < peers.count; i++) {
		look_at_lists(look, &peers.v[i]);
		if (peers.v[i].kind == PEER_SESSION)
			look_at_limits(look, &peers.v[i]);
	}
}

static void find_ports(const struct rld *rld, const struct guard_change *change, struct ports *ret)
{
	protect_ports(rld, &change->new->options, ret);
	for (size_t i = 0; change->clients && i < change->clients->count; i++)
		if (change->new->options.protect_auto)
			ports_add(ret, change->clients->v[i].port);
}

static void run(const struct rld *rld, const struct guard_change *change, struct look *look)
{
	bool lists;
	struct ports ports;

	look->old = change->old;
	look->new = change->new;
	look->before = look->old && !attaches(look) ? look->old : NULL;
	look->now_s = clock_now_s(&rld->clock);
	look_at_modes(look, rld);
	lists = lists_changed(look);
	if (lists) {
		look_at_family(look, true);
		look_at_family(look, false);
	}
	lists &= look->new->deny.count > 0;
	/* Most sets have no limit that cuts any session: then nobody needs to be asked who is
	 * connected. */
	if (look->new->mode != RL_MODE_ENFORCE || (!lists && !guard_limits_small(look->new)))
		return;
	find_ports(rld, change, &ports);
	if (lists || guard_limits_may_cut(look->new, &ports))
		look_at_peers(look, change->clients, &ports);
}

int guard_check(const struct rld *rld, const struct guard_change *change, struct diag *d)
{
	struct look look = {0};
	size_t len;

	run(rld, change, &look);
	if (!look.count)
		return 0;
	*d = look.first;
	len = strlen(d->message);
	if (look.count > 1)
		snprintf(d->message + len, sizeof(d->message) - len, " (and %zu more)",
			 look.count - 1);
	diag_hint(d, WAY_OUT);
	return -EPERM;
}

json_t *guard_objections(const struct rld *rld, const struct guard_change *change)
{
	struct look look = {.list = json_array()};

	run(rld, change, &look);
	return look.list;
}
