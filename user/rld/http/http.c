// SPDX-License-Identifier: GPL-2.0-only
/* The HTTP server, run by the daemon's loop: its epoll descriptor nests in ours. Connections are
 * accepted here, since libmicrohttpd stops listening while it has as many as it may, and nothing
 * wakes it up to go on. */
#include "rld/http/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "rld/http/http_internal.h"
#include "rld/loop/log.h"

/* Beside those that are visitors, some that are gone and not given back. */
#define CONNECTIONS_MAX (2 * VISITORS_MAX)

static enum MHD_Result respond(struct exchange *exchange)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!exchange->body)
		return MHD_NO;
	response = MHD_create_response_from_buffer(exchange->size, exchange->body,
						   MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	exchange->body = NULL;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (exchange->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (exchange->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	result = MHD_queue_response(exchange->connection, exchange->status, response);
	MHD_destroy_response(response);
	return result;
}

static struct visitor *visitor_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

static void set_state(struct http *http, struct MHD_Connection *connection,
		      enum visitor_state state)
{
	visitor_set(&http->visitors, visitor_of(connection), state);
}

/* The connection wakes up and is asked again. */
static void send_line_as(struct exchange *exchange, unsigned status, char *line)
{
	if (exchange->answer.gone) {
		free(line);
		free(exchange);
		return;
	}
	http_set_line(exchange, status, line);
	exchange->waiting = false;
	set_state(exchange->http, exchange->connection, VISITOR_ANSWER);
	MHD_resume_connection(exchange->connection);
	loop_timer_set(exchange->http->timer, 0);
}

/* What a scan found. */
static void send_answer(struct answer *answer, json_t *message, bool last)
{
	bool failed = json_object_get(message, "error");

	send_line_as((struct exchange *)answer,
		     failed ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_OK, json_line(message));
	json_decref(message);
}

static void send_line(struct answer *answer, char *line)
{
	send_line_as((struct exchange *)answer, MHD_HTTP_OK, line);
}

static struct exchange *new_exchange(struct http *http, struct MHD_Connection *connection)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	exchange->answer.send = send_answer;
	exchange->answer.send_line = send_line;
	exchange->http = http;
	exchange->connection = connection;
	return exchange;
}

/* Called first with the head only, then, maybe more than once, with the body and at its end. */
static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	struct exchange *exchange = *state;

	if (!exchange) {
		set_state(ctx, connection, VISITOR_ANSWER);
		*state = new_exchange(ctx, connection);
		return *state ? MHD_YES : MHD_NO;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (exchange->waiting)
		return MHD_YES;
	if (!exchange->status)
		http_route(exchange, method, url);
	if (!exchange->waiting)
		return respond(exchange);
	set_state(ctx, connection, VISITOR_WALK);
	return MHD_YES;
}

static void completed(void *ctx, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *state;

	*state = NULL;
	set_state(ctx, connection, VISITOR_IDLE);
	if (!exchange)
		return;
	if (exchange->waiting) {
		exchange->answer.gone = true;
		return;
	}
	free(exchange->body);
	free(exchange);
}

/* A connection was made known to the server, or is given back by it. */
static void connected(void *ctx, struct MHD_Connection *connection, void **visitor,
		      enum MHD_ConnectionNotificationCode code)
{
	struct http *http = ctx;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*visitor = http->newcomer;
		http->newcomer = NULL;
	} else {
		visitor_remove(&http->visitors, *visitor);
	}
}

static void run(void *ctx)
{
	struct http *http = ctx;
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	__u64 next_ns;

	MHD_run(http->server);
	next_ns = visitors_expire(&http->visitors); /* those who go wake the server up */
	if (MHD_get_timeout(http->server, &timeout_ms) == MHD_YES &&
	    (!next_ns || timeout_ms * 1000000ULL < next_ns))
		loop_timer_set(http->timer, timeout_ms * 1000000ULL);
	else if (next_ns)
		loop_timer_set(http->timer, next_ns);
	else
		loop_timer_stop(http->timer);
}

static void take_visitor(void *ctx, int fd, const struct sockaddr *from, bool crowded)
{
	struct http *http = ctx;
	socklen_t size = from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						     : sizeof(struct sockaddr_in);

	http->newcomer = visitors_add(&http->visitors, fd, from, crowded);
	if (!http->newcomer) {
		close(fd);
		return;
	}
	if (crowded) {
		MHD_run(http->server); /* closes the descriptor of who had to go */
		fd = http->newcomer->fd = door_lower(fd);
	}
	MHD_add_connection(http->server, fd, from, size); /* closes it if it fails */
	if (http->newcomer)
		visitor_remove(&http->visitors, http->newcomer);
	http->newcomer = NULL;
	loop_timer_set(http->timer, 0);
}

static void on_event(void *ctx, __u32 events)
{
	run(ctx);
}

static int start(struct http *http)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET;
	struct loop *loop = http->rld->loop;
	const union MHD_DaemonInfo *info;
	int err = listen_open(&http->addr, &http->fd);

	if (err)
		return err;
	errno = 0;
	http->server =
		MHD_start_daemon(flags, 0, NULL, NULL, handle, http, MHD_OPTION_CONNECTION_LIMIT,
				 CONNECTIONS_MAX, MHD_OPTION_NOTIFY_COMPLETED, completed, http,
				 MHD_OPTION_NOTIFY_CONNECTION, connected, http, MHD_OPTION_END);
	if (!http->server)
		return errno ? -errno : -ENOMEM;
	info = MHD_get_daemon_info(http->server, MHD_DAEMON_INFO_EPOLL_FD);
	http->timer = loop_timer_add(loop, run, http);
	http->watch = loop_fd_add(loop, info->epoll_fd, EPOLLIN, on_event, http);
	http->door = door_open(loop, http->fd, "HTTP", take_visitor, http);
	return http->timer && http->watch && http->door ? 0 : -ENOMEM;
}

int http_open(struct rld *rld, struct http **ret, struct diag *d)
{
	const char *listen = rld->options.listen;
	union listen_addr addr;
	struct http *http;
	int err;

	*ret = NULL;
	if (!strcmp(listen, "none"))
		return 0;
	if (listen_parse(listen, &addr)) {
		return diag_set(d, DIAG_USAGE,
				"--listen takes ADDR:PORT, [ADDR]:PORT or none, not \"%s\"",
				listen);
	}
	http = calloc(1, sizeof(*http));
	if (!http)
		return diag_errno(d, ENOMEM, "cannot listen on %s", listen);
	http->rld = rld;
	http->fd = -1;
	http->addr = addr;
	http->metrics_only = !listen_is_loopback(&addr);
	err = start(http);
	if (err) {
		diag_errno(d, -err, "cannot listen on %s for HTTP", listen);
		diag_hint(d, "another program may hold the port: choose another with --listen "
			     "ADDR:PORT, or --listen none");
		http_close(http);
		return err;
	}
	*ret = http;
	return 0;
}

void http_open_views(struct http *http)
{
	struct diag d;

	if (!http || http->metrics_only || !token_make(http->rld->options.socket, &http->token, &d))
		return;
	diag_hint(&d, "there are no views by HTTP");
	log_diag(&d);
}

/* After the scans were stopped, so that no connection is suspended. */
void http_close(struct http *http)
{
	if (!http)
		return;
	door_close(http->door);
	loop_fd_del(http->watch);
	if (http->timer)
		loop_timer_stop(http->timer);
	if (http->server)
		MHD_stop_daemon(http->server);
	if (http->fd >= 0)
		close(http->fd);
	token_remove(&http->token);
	free(http);
}
