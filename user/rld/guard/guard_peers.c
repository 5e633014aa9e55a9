// SPDX-License-Identifier: GPL-2.0-only
/* Peers under a change. Sessions are tried; those for whom there is no trial are judged by what
 * limits and lists say of themselves, and so is who has no session. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "rld/guard/guard_ends.h"
#include "rld/guard/guard_limit.h"
#include "rld/guard/guard_look.h"
#include "rld/guard/guard_seen.h"
#include "rld/guard/guard_trial.h"

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

static void object_list(struct look *look, const struct peer *peer, __s64 at_s)
{
	const struct conf_entry *entry = conf_list_match(conf_deny(look->new), &peer->addr, at_s);
	char whom[128];
	char prefix[ADDR_TEXT];

	look_object(look, "lock-out", "this would cut off %s: the deny list has %s",
		    describe(peer, whom, sizeof(whom)),
		    entry ? addr_format_prefix(&entry->prefix, prefix) : "it");
}

static void object_limit(struct look *look, const struct peer *peer, const char *limit)
{
	char whom[128];

	look_object(look, "lock-out",
		    "this would cut off %s: limit %s admits too few of its packets",
		    describe(peer, whom, sizeof(whom)), limit);
}

/* --- by what limits and lists say of themselves --- */

static bool denied(const struct conf *conf, const struct peer *peer, __s64 at_s)
{
	return conf && conf->mode == RL_MODE_ENFORCE &&
	       !conf_list_match(conf_allow(conf), &peer->addr, at_s) &&
	       conf_list_match(conf_deny(conf), &peer->addr, at_s);
}

static void read_lists(struct look *look, const struct peer *peer)
{
	__s64 moment[GUARD_MOMENTS_MAX];
	size_t moments = guard_moments(look->new, &peer->addr, look->now_s, moment);

	for (size_t i = 0; i < moments; i++) {
		if (!denied(look->new, peer, moment[i]) || denied(look->before, peer, moment[i]))
			continue;
		object_list(look, peer, moment[i]);
		return;
	}
}

static bool can_cut(const struct look *look, const struct conf *conf, const struct peer *peer)
{
	return conf && conf->mode == RL_MODE_ENFORCE &&
	       !conf_list_match(conf_allow(conf), &peer->addr, look->now_s);
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

static void read_limits(struct look *look, const struct peer *peer)
{
	for (size_t i = 0; can_cut(look, look->new, peer) && i < look->new->limits; i++) {
		const struct rl_limit *limit = &look->new->limit[i]->abi;

		if (guard_limit_cuts(look->new, i, peer) && !cut_before(look, limit, peer))
			object_limit(look, peer, limit->name);
	}
}

/* --- by a trial --- */

struct sessions {
	struct look *look;
	size_t all; /* that there are */
	size_t count;
	const struct peer *v[TRIAL_PEERS_MAX];
	bool open[TRIAL_PEERS_MAX];
	bool cut[TRIAL_PEERS_MAX];
};

static void on_cut(void *ctx, const struct peer *peer, const char *limit, __s64 at_s)
{
	struct sessions *sessions = ctx;

	for (size_t i = 0; i < sessions->count; i++)
		sessions->cut[i] |= sessions->v[i] == peer;
	if (limit)
		object_limit(sessions->look, peer, limit);
	else
		object_list(sessions->look, peer, at_s);
}

static void try_sessions(struct sessions *sessions)
{
	struct look *look = sessions->look;
	const struct guard_trial trial = {
		.dp = look->trial,
		.before = look->before,
		.new = look->new,
		.iface = look->iface,
		.ifaces = look->ifaces,
		.now_s = look->now_s,
		.spared = sessions->all <= RL_PEERS_MAX,
	};
	struct diag d;
	int err = guard_trial_run(&trial, sessions->v, sessions->count, sessions->open, on_cut,
				  sessions, &d);

	if (err == -ECANCELED)
		return;
	if (err)
		look_object(look, "lock-out", "this cannot be tried on those who are connected: %s",
			    d.message);
	for (size_t i = 0; i < sessions->count; i++) {
		if (sessions->cut[i] || (!err && !sessions->open[i]))
			continue;
		read_lists(look, sessions->v[i]);
		read_limits(look, sessions->v[i]);
	}
}

static bool is_client(const struct peers *clients, const struct peer *peer)
{
	for (size_t i = 0; i < clients->count; i++)
		if (!memcmp(&clients->v[i].addr, &peer->addr, sizeof(peer->addr)))
			return true;
	return false;
}

/* A copy of a configuration shares the limits that it does not change. */
bool look_limits_changed(const struct look *look)
{
	const struct conf *old = look->before, *new = look->new;

	if (!old || old->mode != new->mode || old->limits != new->limits)
		return true;
	if (!new->limits)
		return false;
	return memcmp(old->limit, new->limit, new->limits * sizeof(*new->limit)) != 0;
}

/* Who asks comes first. */
static void look_at_sessions(struct look *look, const struct peers *peers)
{
	struct sessions sessions = {.look = look};
	bool all = look_limits_changed(look);

	for (size_t i = 0; i < 2 * peers->count; i++) {
		const struct peer *peer = &peers->v[i % peers->count];

		if (peer->kind != PEER_SESSION ||
		    is_client(&look->clients, peer) != (i < peers->count))
			continue;
		sessions.all++;
		if (!all && guard_same_cover(look->before, look->new, &peer->addr, look->now_s))
			continue;
		if (sessions.count < TRIAL_PEERS_MAX) {
			sessions.v[sessions.count++] = peer;
			continue;
		}
		read_lists(look, peer);
		read_limits(look, peer);
	}
	if (sessions.count)
		try_sessions(&sessions);
}

/* --- who they are --- */

/* What cannot be found out is left out: the guard must not stand in the way of a machine without
 * /proc or netlink. */
static void find_peers(const struct look *look, struct peers *ret)
{
	const struct peers *clients = &look->clients;

	guard_seen_add(look->seen, &look->ports, ret);
	for (size_t i = 0; i < clients->count; i++)
		if (ports_has(&look->ports, clients->v[i].port))
			peers_add(ret, &clients->v[i]);
	if (conf_deny(look->new)->count) {
		peers_gateways(ret);
		peers_resolvers(ret);
		peers_own(ret);
	}
	peers_sort(ret);
}

void look_at_peers(struct look *look)
{
	_cleanup_(peers_done) struct peers peers = {0};

	find_peers(look, &peers);
	look_at_sessions(look, &peers);
	for (size_t i = 0; i < peers.count; i++)
		if (peers.v[i].kind != PEER_SESSION)
			read_lists(look, &peers.v[i]);
}
