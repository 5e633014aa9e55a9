/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole daemon in a thread, on a data path in memory (fake_dp.h), in a directory of its own,
 * and what a client says to it over its socket. */
#ifndef UNIT_DAEMON_H
#define UNIT_DAEMON_H

#include "fake_dp.h"
#include "base/json.h"
#include "unit.h"

/* Nobody is connected but daemon_peer, this machine has no gateway, and sshd is configured nowhere. */
struct peer;
struct peers;
struct ports;
int __wrap_peers_sessions(struct peers *into, const struct ports *ports);
int __wrap_peers_visit(const struct ports *ports, int (*take)(void *ctx, const struct peer *peer),
		       void *ctx);
int __wrap_peers_gateways(struct peers *into);
int __wrap_peers_resolvers(struct peers *into);
int __wrap_peers_own(struct peers *into);
int __wrap_sshd_ports(const char *root, struct ports *ret);

extern const char *daemon_peer; /* an address, whose session is to port 22; NULL: nobody is */

extern char daemon_dir[64]; /* holds rld.conf, state and the socket */

/* Makes the directory, or takes it away; `set_up` of a group or of each test. */
int daemon_set_up(void **state);
int daemon_tear_down(void **state); /* stops the daemon, too */

const char *daemon_path(const char *name); /* in the directory; holds until the next call */
void daemon_write_config(const char *text);
/* Starts it with rld.conf as it is, and waits until it answers. */
void daemon_start(void);
int daemon_stop(void);		  /* by SIGTERM; its exit status */
int daemon_join(void);		  /* of one that is told to stop: its exit status */
void daemon_crash(void);	  /* as if it had been killed: it does not say that it stopped */
int daemon_run_here(void);	  /* of one that must not come up: its exit status */
extern const char *daemon_listen; /* NULL: no HTTP */

/* The answer to a command, of which the words are as in a file; to be freed. */
json_t *daemon_ask(const char *line);
json_t *daemon_ask_yes(const char *line); /* ... with "yes" */
/* The data of an answer that must be none of an error; to be freed. */
json_t *daemon_data(const char *line);
/* Says it and frees the answer, which must be none of an error, or must be of this one. */
void daemon_good(const char *line);
void daemon_bad(const char *line, const char *code, const char *message);
/* Says all of them, separated by ";", before any is answered: the codes of their errors, or "ok".
 * Holds until the next call. */
const char *daemon_together(const char *lines);
/* The member of the answer at a path such as "interfaces.0.name", as text: JSON but for strings.
 * Holds until the next call. */
const char *daemon_at(const char *line, const char *path);
const char *json_at(const json_t *json, const char *path);

#endif
