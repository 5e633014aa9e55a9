// SPDX-License-Identifier: GPL-2.0-only
/* All clients of the control socket: who is let in, and how many. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rl/proto.h"
#include "rld/control/client_internal.h"
#include "rld/loop/door.h"

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

static bool is_full(const struct clients *clients, enum access_level level, bool crowded)
{
	size_t readers = 0;

	for (const struct client *client = clients->first; client; client = client->next)
		readers += client->access.level < ACCESS_CHANGE;
	return clients->count >= (crowded ? 1 : CLIENTS_MAX) ||
	       (level < ACCESS_CHANGE && readers >= READERS_MAX);
}

/* The one that has been idle longest, of those that have this right. NULL: each waits for
 * something, as a follower of events does. */
static struct client *idlest(const struct clients *clients, enum access_level level)
{
	struct client *found = NULL;

	for (struct client *client = clients->first; client; client = client->next)
		if (!client->pending && client->access.level == level &&
		    (!found || client->idle_ns < found->idle_ns))
			found = client;
	return found;
}

static bool make_room(const struct clients *clients, enum access_level level, bool crowded)
{
	struct client *other;

	if (!is_full(clients, level, crowded))
		return true;
	other = idlest(clients, ACCESS_READ);
	if (!other && level >= ACCESS_CHANGE)
		other = idlest(clients, ACCESS_CHANGE);
	if (other)
		client_drop(other);
	return other;
}

static int admit(const struct clients *clients, int fd, bool crowded, struct access *ret,
		 struct diag *d)
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
	if (!make_room(clients, ret->level, crowded))
		return diag_set(d, DIAG_FAILED, "too many clients are connected to rld");
	return 0;
}

/* At no more cost than the answer's. Who does not take it at once misses it. */
static void refuse(int fd, const struct diag *d)
{
	json_auto_t *message = json_error(d);
	_cleanup_free_ char *line = json_line(message);

	if (line)
		send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void join(struct clients *clients, int fd, const struct access *access)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client) {
		*client = (struct client){
			.all = clients, .fd = fd, .access = *access, .idle_ns = time_mono_ns()};
		client->watch = loop_fd_add(clients->rld->loop, fd, EPOLLIN, client_handle, client);
	}
	if (!client || !client->watch) {
		close(fd);
		free(client);
		return;
	}
	client->next = clients->first;
	clients->first = client;
	clients->count++;
}

void clients_add(struct clients *clients, int fd, bool crowded)
{
	struct access access;
	struct diag d;

	if (admit(clients, fd, crowded, &access, &d))
		refuse(fd, &d);
	else
		join(clients, crowded ? door_lower(fd) : fd, &access);
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
