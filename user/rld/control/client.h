/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients of the control socket: lines in, answers out, nothing that one of them does blocks or
 * starves the others.
 *
 *   1. Answers leave in the order of the requests. Statements may wait in the queue together; any
 *      other command starts when everything before it was answered, and nothing starts while it
 *      runs.
 *   2. A client whose unread answers exceed a cap is not served until it reads; a stream's reader
 *      is dropped.
 *   3. Where there is no room for one more, who has asked for nothing for the longest goes: of
 *      those that may only read, or, for one that may change things, of the others if need be.
 *   4. A client is freed only between turns; answers that outlive it are marked gone.
 */
#ifndef RLD_CLIENT_H
#define RLD_CLIENT_H

#include "rld/rld.h"

struct clients {
	struct rld *rld;
	struct client *first;
	struct client *dead;
	struct loop_timer *reaper;
	struct loop_timer *again;
	size_t count;
};

int clients_init(struct clients *clients, struct rld *rld);
void clients_done(struct clients *clients);
/* Takes the descriptor over. Peers without any right, or without room, get an answer that says so.
 * `crowded` as for a door (door.h). */
void clients_add(struct clients *clients, int fd, bool crowded);

#endif
