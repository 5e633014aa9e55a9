/* SPDX-License-Identifier: GPL-2.0-only */
/* The guard among peers that a test gives it, instead of the machine that the test runs on. */
#ifndef UNIT_GUARD_WORLD_H
#define UNIT_GUARD_WORLD_H

#include "dp/trial.h"
#include "rld/guard/guard.h"
#include "rld/guard/guard_trial.h"

int __wrap_peers_sessions(struct peers *into, const struct ports *ports);
int __wrap_peers_gateways(struct peers *into);
int __wrap_peers_resolvers(struct peers *into);
int __wrap_peers_own(struct peers *into);
int __wrap_sshd_ports(const char *root, struct ports *ret);

/* Set-up and tear-down: 192.0.2.7 is connected to port 22, and 192.0.2.8 to 443, which is not
 * protected. sshd listens on 2222. */
int guard_world_open(void **state);
int guard_world_close(void **state);
void guard_world_clear(void);	   /* nobody is connected */
extern unsigned guard_world_asked; /* how often somebody wanted to know who is connected */
extern struct dp_trial *guard_world_trial;

struct peer peer_at(int kind, const char *addr, __u16 port);
void there_is(int kind, const char *addr, __u16 port);
struct conf *conf_of(const char *lines); /* separated by ";"; NULL: none */

/* Texts of the objections to a change from the one to the other, a line each; to be freed. */
char *objections(const char *old, const char *new, const struct peers *clients);
void objects(const char *old, const char *new, const char *expected);

#define SESSION "lock-out: this would cut off the established session from 192.0.2.7 to port "

#endif
