// SPDX-License-Identifier: GPL-2.0-only
/* All clients of the control socket: who is let in, and how many. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "rl/proto.h"
#include "rld/control/client_internal.h"

#define CLIENTS_MAX 128
#define READERS_MAX 64 /* of them that may only read: they must not lock administrators out */

static void reap(void *ctx)
{
	struct clients *clients = ctx;
	struct client *client;

	while ((client = clients->dead)) {
		clients->dead = client->next;
		buffer_done(&client->in);
		buffer_done(&client->out);
		free(client);
	}
}

/* Also counts those that may only read. */
static bool room_for(const struct clients *clients, enum access_level level)
{
	size_t readers = 0;

	for (const struct client *client = clients->first; client; client = client->next)
		readers += client->access.level < ACCESS_CHANGE;
	return clients->count < CLIENTS_MAX && (level >= ACCESS_CHANGE || readers < READERS_MAX);
}

static int admit(const struct clients *clients, int fd, struct access *ret, struct diag *d)
{
	int err = access_of(fd, ret);

	if (err)
		return diag_errno(d, -err, "cannot tell who is asking");
	if (ret->level == ACCESS_NONE) {
		diag_set(d, DIAG_PERMISSION, "user %u may not talk to rld", ret->uid);
		diag_hint(d, "root and group %s may change things, group %s may read",
			  RL_GROUP_ADMIN, RL_GROUP_READ);
		return -EPERM;
	}
	if (!room_for(clients, ret->level))
		return diag_set(d, DIAG_FAILED, "too many clients are connected to rld");
	return 0;
}

void clients_add(struct clients *clients, int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	struct diag d;

	if (!client) {
		close(fd);
		return;
	}
	*client = (struct client){.all = clients, .fd = fd};
	client->eof = admit(clients, fd, &client->access, &d) != 0;
	client->watch = loop_fd_add(clients->rld->loop, fd, client->eof ? 0 : EPOLLIN,
				    client_handle, client);
	if (!client->watch) {
		close(fd);
		free(client);
		return;
	}
	client->next = clients->first;
	clients->first = client;
	clients->count++;
	if (!client->eof)
		return;
	client_refuse(client, &d);
	client_drop(client);
}

/* Those that were stopped for the others' sake go on. */
static void serve_rest(void *ctx)
{
	struct clients *clients = ctx;
	struct client *next;

	for (struct client *client = clients->first; client; client = next) {
		next = client->next;
		if (buffer_len(&client->in))
			client_serve(client);
	}
}

int clients_init(struct clients *clients, struct rld *rld)
{
	*clients = (struct clients){.rld = rld};
	clients->reaper = loop_timer_add(rld->loop, reap, clients);
	clients->again = loop_timer_add(rld->loop, serve_rest, clients);
	return clients->reaper && clients->again ? 0 : -ENOMEM;
}

void clients_done(struct clients *clients)
{
	while (clients->first)
		client_drop(clients->first);
	reap(clients);
	loop_timer_stop(clients->reaper);
	loop_timer_stop(clients->again);
}
