/* SPDX-License-Identifier: GPL-2.0-only */
/* What client.c (one client), client_answer.c (what it is told) and clients.c (all of them) share. */
#ifndef RLD_CLIENT_INTERNAL_H
#define RLD_CLIENT_INTERNAL_H

#include "rld/control/client.h"
#include "rld/loop/buffer.h"
#include "rld/request/access.h"
#include "rld/request/answer.h"

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
	__u64 idle_ns;	/* since when it has no request without an answer, if it has none */
	int fd;
	bool exclusive; /* the one waiting is no statement */
	bool serving;	/* in serve(): answers must not start it again */
	bool eof;
};

void client_serve(struct client *client); /* as many of its requests as is fair */
void client_drop(struct client *client);
struct pending *client_expect(struct client *client); /* an answer to come; NULL: no memory */
void client_flush(struct client *client);	      /* as much as it takes */
void client_refuse(struct client *client, const struct diag *d); /* an answer to no request */
void client_handle(void *ctx, __u32 events);

#endif
