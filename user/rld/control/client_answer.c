// SPDX-License-Identifier: GPL-2.0-only
/* Answers to a client of the control socket, on their way out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/time.h"
#include "rld/control/client_internal.h"

#define STREAM_MAX (1024 * 1024) /* unread bytes beyond which the reader of a stream is dropped */

void client_flush(struct client *client)
{
	struct buffer *out = &client->out;

	while (client->fd >= 0 && buffer_len(out)) {
		ssize_t done =
			send(client->fd, out->data + out->start, buffer_len(out), MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			if (errno != EAGAIN)
				client_drop(client);
			return;
		}
		buffer_take(out, (size_t)done);
	}
}

/* Takes `line` over; NULL: there was no memory for it. */
static void put_line(struct client *client, char *line)
{
	bool idle = !buffer_len(&client->out);

	if (client->fd < 0) {
		free(line);
		return;
	}
	if (!line || buffer_adopt(&client->out, line, strlen(line)))
		client_drop(client);
	else if (idle && !client->serving)
		client_flush(client);
}

static void put(struct client *client, const json_t *message)
{
	put_line(client, json_line(message));
}

static void forget(struct client *client, struct pending *pending)
{
	struct pending **at = &client->pending;

	while (*at != pending)
		at = &(*at)->next;
	*at = pending->next;
	client->waiting--;
	client->idle_ns = time_mono_ns();
	if (!client->waiting)
		client->exclusive = false;
}

static void end(struct pending *pending)
{
	if (pending->client)
		forget(pending->client, pending);
	free(pending);
}

static void serve_on(struct client *client)
{
	if (client && !client->serving)
		client_serve(client);
}

static void send_answer(struct answer *answer, json_t *message, bool last)
{
	struct pending *pending = (struct pending *)answer;
	struct client *client = pending->client;

	if (client) {
		put(client, message);
		if (!last && buffer_len(&client->out) > STREAM_MAX)
			client_drop(client);
	}
	json_decref(message);
	if (last)
		end(pending);
	serve_on(client);
}

static void send_line(struct answer *answer, char *line)
{
	struct pending *pending = (struct pending *)answer;
	struct client *client = pending->client;

	if (client)
		put_line(client, line);
	else
		free(line);
	end(pending);
	serve_on(client);
}

void client_refuse(struct client *client, const struct diag *d)
{
	json_auto_t *message = json_error(d);

	put(client, message);
}

struct pending *client_expect(struct client *client)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	*pending = (struct pending){
		.answer = {.send = send_answer, .send_line = send_line},
		.client = client,
		.next = client->pending,
	};
	client->pending = pending;
	client->waiting++;
	return pending;
}
