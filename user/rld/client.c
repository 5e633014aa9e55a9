// SPDX-License-Identifier: GPL-2.0-only
/* One client of the control socket: its buffers, its order of answers, its caps. */
#include "rld/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rl/proto.h"
#include "rld/buffer.h"
#include "rld/command.h"

#define CLIENTS_MAX 128
#define READERS_MAX 64 /* of them that may only read: they must not lock administrators out */
#define READ_CHUNK 16384
#define UNREAD_PAUSE (256 * 1024) /* unread bytes beyond which no further request is served */
#define STREAM_MAX (1024 * 1024) /* ... and beyond which the reader of a stream is dropped */
#define WAITING_MAX 4096 /* statements of one client in the pump */

struct pending {
	struct answer answer;
	struct client *client;
	struct pending *next;
};

struct client {
	struct clients *all;
	struct client *next;
	struct pending *pending;
	struct loop_fd *watch;
	struct access access;
	struct buffer in;
	struct buffer out;
	size_t waiting; /* requests without an answer */
	size_t scanned; /* bytes of `in` known to hold no end of line */
	int fd;
	bool exclusive; /* the one waiting is no statement */
	bool serving; /* in serve(): answers must not start it again */
	bool eof;
};

static void serve(struct client *client);

static void drop(struct client *client)
{
	struct client **at = &client->all->first;

	if (client->fd < 0)
		return;
	loop_fd_del(client->watch);
	close(client->fd);
	client->fd = -1;
	for (struct pending *pending = client->pending; pending; pending = pending->next) {
		pending->answer.gone = true;
		pending->client = NULL;
	}
	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->next = client->all->dead;
	client->all->dead = client;
	client->all->count--;
	loop_timer_set(client->all->reaper, 0);
}

static void watch(struct client *client)
{
	__u32 events = 0;

	if (client->fd < 0)
		return;
	if (buffer_len(&client->out))
		events |= EPOLLOUT;
	/* Two lines' worth of input wait in memory, the rest in the kernel. */
	if (!client->eof && buffer_len(&client->in) < 2 * RL_REQUEST_MAX)
		events |= EPOLLIN;
	loop_fd_set(client->watch, events);
}

static void flush(struct client *client)
{
	struct buffer *out = &client->out;

	while (client->fd >= 0 && buffer_len(out)) {
		ssize_t done = send(client->fd, out->data + out->start, buffer_len(out), MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			if (errno != EAGAIN)
				drop(client);
			return;
		}
		buffer_take(out, (size_t)done);
	}
}

static void put(struct client *client, const json_t *message)
{
	char *line = json_line(message);
	bool idle = !buffer_len(&client->out);

	if (client->fd < 0 || !line || buffer_append(&client->out, line, strlen(line)))
		drop(client);
	else if (idle && !client->serving)
		flush(client);
	free(line);
}

static void forget(struct client *client, struct pending *pending)
{
	struct pending **at = &client->pending;

	while (*at != pending)
		at = &(*at)->next;
	*at = pending->next;
	client->waiting--;
	if (!client->waiting)
		client->exclusive = false;
}

static void send_answer(struct answer *answer, json_t *message, bool last)
{
	struct pending *pending = (struct pending *)answer;
	struct client *client = pending->client;

	if (client) {
		put(client, message);
		if (!last && buffer_len(&client->out) > STREAM_MAX)
			drop(client);
	}
	json_decref(message);
	if (last) {
		if (pending->client)
			forget(client, pending);
		free(pending);
	}
	if (client && !client->serving)
		serve(client);
}

static void refuse(struct client *client, const struct diag *d)
{
	json_t *message = json_error(d);

	put(client, message);
	json_decref(message);
}

/* Takes one line off the input. False: none is complete. */
static bool next_line(struct client *client, char **ret, size_t *ret_len)
{
	struct buffer *in = &client->in;
	char *start = in->data + in->start;
	size_t len = buffer_len(in);
	char *end = len > client->scanned ?
			    memchr(start + client->scanned, '\n', len - client->scanned) :
			    NULL;

	client->scanned = len;
	if (!end && !(client->eof && len))
		return false;
	*ret = start;
	*ret_len = end ? (size_t)(end - start) : len;
	return true;
}

static bool may_start(const struct client *client, const struct request *request)
{
	if (command_is_statement(request))
		return !client->exclusive && client->waiting < WAITING_MAX;
	return !client->waiting;
}

static void start(struct client *client, struct request *request)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending) {
		request_done(request);
		drop(client);
		return;
	}
	pending->answer.send = send_answer;
	pending->client = client;
	pending->next = client->pending;
	client->pending = pending;
	client->waiting++;
	client->exclusive = !command_is_statement(request);
	request->access = client->access;
	request->answer = &pending->answer;
	command_run(client->all->rld, request);
}

static void consume(struct client *client, size_t len)
{
	size_t all = buffer_len(&client->in);

	buffer_take(&client->in, len < all ? len + 1 : all);
	client->scanned = 0;
}

/* Serves the next line. False: it has to wait, or there is none. */
static bool serve_line(struct client *client)
{
	struct request request;
	struct diag d;
	size_t len;
	char *line;

	if (client->exclusive || !next_line(client, &line, &len))
		return false;
	if (!len) {
		consume(client, 0);
		return true;
	}
	if (request_parse(line, len, &request, &d)) {
		if (client->waiting) {
			client->scanned = 0;
			return false;
		}
		consume(client, len);
		refuse(client, &d);
		return true;
	}
	if (!may_start(client, &request)) {
		request_done(&request);
		client->scanned = 0;
		return false;
	}
	consume(client, len);
	start(client, &request);
	return true;
}

static void serve(struct client *client)
{
	struct diag d;

	client->serving = true;
	while (client->fd >= 0 && buffer_len(&client->out) < UNREAD_PAUSE && serve_line(client))
		;
	if (client->fd >= 0 && !client->waiting && client->scanned > RL_REQUEST_MAX) {
		diag_set(&d, DIAG_USAGE, "a request is longer than %d bytes", RL_REQUEST_MAX);
		refuse(client, &d);
		client->eof = true;
		buffer_take(&client->in, buffer_len(&client->in));
	}
	client->serving = false;
	flush(client);
	if (client->fd >= 0 && client->eof && !client->waiting && !buffer_len(&client->out) &&
	    !buffer_len(&client->in))
		drop(client);
	watch(client);
}

static void receive(struct client *client)
{
	struct buffer *in = &client->in;
	ssize_t len;

	if (buffer_reserve(in, READ_CHUNK)) {
		drop(client);
		return;
	}
	len = recv(client->fd, in->data + in->end, READ_CHUNK, 0);
	if (len > 0)
		in->end += (size_t)len;
	else if (!len)
		client->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		drop(client);
}

static void handle(void *ctx, __u32 events)
{
	struct client *client = ctx;

	if (events & (EPOLLHUP | EPOLLERR)) {
		drop(client);
		return;
	}
	if (events & EPOLLOUT)
		flush(client);
	if (client->fd >= 0 && (events & EPOLLIN))
		receive(client);
	if (client->fd >= 0)
		serve(client);
}

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
	client->watch = loop_fd_add(clients->rld->loop, fd, client->eof ? 0 : EPOLLIN, handle, client);
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
	refuse(client, &d);
	drop(client);
}

int clients_init(struct clients *clients, struct rld *rld)
{
	*clients = (struct clients){.rld = rld};
	clients->reaper = loop_timer_add(rld->loop, reap, clients);
	return clients->reaper ? 0 : -ENOMEM;
}

void clients_done(struct clients *clients)
{
	while (clients->first)
		drop(clients->first);
	reap(clients);
	loop_timer_stop(clients->reaper);
}
