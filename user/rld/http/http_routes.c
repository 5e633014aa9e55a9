// SPDX-License-Identifier: GPL-2.0-only
/* What HTTP serves: /metrics to everybody, and the views of the control socket below /v1. */
#include <microhttpd.h>
#include <string.h>

#include "rld/http/http_internal.h"
#include "rld/report/metrics.h"
#include "rld/report/view.h"
#include "rld/request/query.h"
#include "rld/sources/sources.h"

#define TEXT_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define TEXT_JSON "application/json"

void http_set_line(struct exchange *exchange, unsigned status, char *line)
{
	exchange->body = line;
	exchange->size = line ? strlen(line) : 0;
	exchange->status = status;
	exchange->type = TEXT_JSON;
}

void http_set_json(struct exchange *exchange, unsigned status, json_t *message)
{
	http_set_line(exchange, status, json_line(message));
	json_decref(message);
}

void http_set_error(struct exchange *exchange, unsigned status, const struct diag *d)
{
	http_set_json(exchange, status, json_error(d));
}

static void get_metrics(struct exchange *exchange)
{
	FILE *out = open_memstream(&exchange->body, &exchange->size);

	if (!out)
		return;
	metrics_write(exchange->http->rld, out);
	fclose(out);
	exchange->status = MHD_HTTP_OK;
	exchange->type = TEXT_METRICS;
}

static void get_status(struct exchange *exchange)
{
	http_set_json(exchange, MHD_HTTP_OK, json_answer(view_status(exchange->http->rld)));
}

static void get_stats(struct exchange *exchange)
{
	struct diag d;

	http_set_json(exchange, MHD_HTTP_OK,
		      json_answer(view_stats(exchange->http->rld, NULL, &d)));
}

static void get_limits(struct exchange *exchange)
{
	http_set_json(exchange, MHD_HTTP_OK, json_answer(view_limits(exchange->http->rld)));
}

struct parameters {
	struct query query;
	struct diag d;
	int err;
};

static enum MHD_Result take_parameter(void *ctx, enum MHD_ValueKind kind, const char *name,
				      const char *value)
{
	struct parameters *parameters = ctx;

	parameters->err = query_set(&parameters->query, name, value ? value : "", &parameters->d);
	return parameters->err ? MHD_NO : MHD_YES;
}

static void get_sources(struct exchange *exchange)
{
	struct parameters parameters = {.query = {.top = QUERY_TOP}};
	int err;

	MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, take_parameter,
				  &parameters);
	err = parameters.err;
	if (!err)
		err = sources_query(exchange->http->rld, &parameters.query, &exchange->answer,
				    &parameters.d);
	if (err) {
		http_set_error(exchange, MHD_HTTP_BAD_REQUEST, &parameters.d);
		return;
	}
	exchange->waiting = true;
	MHD_suspend_connection(exchange->connection);
}

static const struct route {
	const char *path;
	bool open; /* to anybody, on any address; else on loopback, to whom http_admit() admits */
	bool configured; /* nothing to say while rules are held */
	void (*get)(struct exchange *exchange);
} routes[] = {
	{"/metrics", true, false, get_metrics},	   {"/v1/status", false, false, get_status},
	{"/v1/stats", false, false, get_stats},	   {"/v1/limits", false, true, get_limits},
	{"/v1/sources", false, true, get_sources},
};

static const struct route *find_route(const struct http *http, const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (!strcmp(routes[i].path, path) && (routes[i].open || !http->metrics_only))
			return &routes[i];
	return NULL;
}

void http_route(struct exchange *exchange, const char *method, const char *path)
{
	const struct route *found = find_route(exchange->http, path);
	struct diag d;

	if (!found) {
		diag_set(&d, DIAG_USAGE, "there is nothing at %.200s", path);
		http_set_error(exchange, MHD_HTTP_NOT_FOUND, &d);
	} else if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
		diag_set(&d, DIAG_USAGE, "%s takes GET only", path);
		http_set_error(exchange, MHD_HTTP_METHOD_NOT_ALLOWED, &d);
	} else if (!found->open && !http_admit(exchange, path)) {
		return;
	} else if (found->configured && exchange->http->rld->held) {
		diag_set(&d, DIAG_REFUSED, "nothing at %.200s while rules are held: see /v1/status",
			 path);
		http_set_error(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, &d);
	} else {
		found->get(exchange);
	}
}
