/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that this machine depends on right now, from the kernel and from resolv.conf. */
#ifndef RLD_PEERS_H
#define RLD_PEERS_H

#include <stddef.h>

#include "base/ports.h"
#include "rl/names.h"
#include "rld/request/access.h"

struct peer {
	enum { PEER_SESSION, PEER_GATEWAY, PEER_RESOLVER, PEER_OWN } kind;
	union rl_addr addr;
	__u16 port; /* the local one of a session */
};

static inline struct peer peer_of_session(const struct session *session)
{
	return (struct peer){PEER_SESSION, session->addr, session->port};
}

struct peers {
	struct peer *v; /* owned */
	size_t count;
	size_t size;
};

union rl_addr peers_addr(int family, const void *bytes); /* of AF_INET or AF_INET6 */
int peers_add(struct peers *peers, const struct peer *peer);
void peers_sort(struct peers *peers); /* by kind; what is there twice stays once */

/* Established TCP sessions to the given local ports: `take` is handed each, and ends the visit with
 * what it returns if that is not 0. */
typedef int (*peers_fn)(void *ctx, const struct peer *peer);
int peers_visit(const struct ports *ports, peers_fn take, void *ctx);
int peers_sessions(struct peers *peers, const struct ports *ports);
int peers_gateways(struct peers *peers); /* gateways.c */
int peers_resolvers(struct peers *peers);
int peers_own(struct peers *peers);
void peers_done(struct peers *peers);

#endif
