/* SPDX-License-Identifier: GPL-2.0-only */
/* What http.c (connections) and http_routes.c (what stands where) share. */
#ifndef RLD_HTTP_INTERNAL_H
#define RLD_HTTP_INTERNAL_H

#include "rld/http/listen.h"
#include "rld/http/token.h"
#include "rld/http/visitors.h"
#include "rld/loop/door.h"
#include "rld/request/answer.h"
#include "rld/rld.h"

struct MHD_Connection;
struct MHD_Daemon;

struct http {
	struct rld *rld;
	struct MHD_Daemon *server;
	struct loop_fd *watch;
	struct loop_timer *timer;
	struct door *door;
	struct visitors visitors;
	struct visitor *newcomer; /* while it is made known to the server */
	int fd;			  /* that listens ... */
	union listen_addr addr;	  /* ... here */
	bool metrics_only;
	struct token token; /* unless it is metrics only */
};

/* One request; as an answer it outlives its connection while a scan runs for it. */
struct exchange {
	struct answer answer;
	struct http *http;
	struct MHD_Connection *connection;
	char *body; /* of the answer */
	size_t size;
	const char *type;
	unsigned status;
	bool waiting; /* the connection is suspended until the answer is there */
};

/* Makes the answer, or sees to it that it comes by exchange->answer. */
void http_route(struct exchange *exchange, const char *method, const char *path);
void http_set_error(struct exchange *exchange, unsigned status, const struct diag *d);
/* False: this one may not have the view at that path, and the answer says so. */
bool http_admit(struct exchange *exchange, const char *path);
void http_set_line(struct exchange *exchange, unsigned status, char *line);	 /* takes it */
void http_set_json(struct exchange *exchange, unsigned status, json_t *message); /* takes it over */

#endif
