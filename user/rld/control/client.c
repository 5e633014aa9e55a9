// SPDX-License-Identifier: GPL-2.0-only
/* One client of the control socket: its buffers, its order of answers, its caps. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "rl/proto.h"
#include "rld/control/client_internal.h"
#include "rld/control/command.h"

#define READ_CHUNK 16384
#define UNREAD_PAUSE (256 * 1024) /* unread bytes beyond which no further request is served */
#define WAITING_MAX 4096	  /* statements of one client in the queue */
#define SERVE_MAX 256		  /* requests of one client before it is the others' turn */

void client_drop(struct client *client)
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

/* Of a request without its end. */
static size_t line_max(const struct client *client)
{
	return client->access.level >= ACCESS_CHANGE ? RL_CHECK_MAX : RL_REQUEST_MAX;
}

/* Two lines' worth of input wait in memory, the rest in the kernel; or one line, if it is long. */
static bool wants_more(const struct client *client)
{
	size_t len = buffer_len(&client->in);

	if (client->eof)
		return false;
	return len < 2 * RL_REQUEST_MAX || (client->scanned == len && len <= line_max(client));
}

static void watch(struct client *client)
{
	__u32 events = 0;

	if (client->fd < 0)
		return;
	if (buffer_len(&client->out))
		events |= EPOLLOUT;
	if (wants_more(client))
		events |= EPOLLIN;
	loop_fd_set(client->watch, events);
}

/* Takes one line off the input. False: none is complete. */
static bool next_line(struct client *client, char **ret, size_t *ret_len)
{
	struct buffer *in = &client->in;
	char *start = in->data + in->start;
	size_t len = buffer_len(in);
	char *end = len > client->scanned
			    ? memchr(start + client->scanned, '\n', len - client->scanned)
			    : NULL;

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
	struct pending *pending = client_expect(client);

	if (!pending) {
		request_done(request);
		client_drop(client);
		return;
	}
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
		client_refuse(client, &d);
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

void client_serve(struct client *client)
{
	struct diag d;
	int left = SERVE_MAX;

	client->serving = true;
	while (client->fd >= 0 && buffer_len(&client->out) < UNREAD_PAUSE && left &&
	       serve_line(client))
		left--;
	if (!left)
		loop_timer_set(client->all->again, 0);
	if (client->fd >= 0 && !client->waiting && client->scanned > line_max(client)) {
		diag_set(&d, DIAG_USAGE, "a request is longer than %zu bytes", line_max(client));
		client_refuse(client, &d);
		client->eof = true;
		buffer_take(&client->in, buffer_len(&client->in));
	}
	client->serving = false;
	client_flush(client);
	if (client->fd >= 0 && client->eof && !client->waiting && !buffer_len(&client->out) &&
	    !buffer_len(&client->in))
		client_drop(client);
	watch(client);
}

static void receive(struct client *client)
{
	struct buffer *in = &client->in;
	ssize_t len;

	if (buffer_reserve(in, READ_CHUNK)) {
		client_drop(client);
		return;
	}
	len = recv(client->fd, in->data + in->end, READ_CHUNK, 0);
	if (len > 0)
		in->end += (size_t)len;
	else if (!len)
		client->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		client_drop(client);
}

void client_handle(void *ctx, __u32 events)
{
	struct client *client = ctx;

	if (events & (EPOLLHUP | EPOLLERR)) {
		client_drop(client);
		return;
	}
	if (events & EPOLLOUT)
		client_flush(client);
	if (client->fd >= 0 && (events & EPOLLIN))
		receive(client);
	if (client->fd >= 0)
		client_serve(client);
}
