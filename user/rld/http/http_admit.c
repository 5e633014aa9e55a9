// SPDX-License-Identifier: GPL-2.0-only
/* Who may have the views: whoever says the token, to a name of this machine. */
#include <microhttpd.h>

#include "rl/proto.h"
#include "rld/http/host.h"
#include "rld/http/http_internal.h"

/* Asked before the token, so that such a page is not told where that lies. 421 is for requests that
 * were meant for another server; 403 would read as if another token helped. */
static bool is_misdirected(struct exchange *exchange, struct diag *d)
{
	const struct http *http = exchange->http;
	const char *host = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
						       MHD_HTTP_HEADER_HOST);

	if (host_is_here(host, &http->addr))
		return false;
	diag_set(d, DIAG_REFUSED, "the views are not served to the host \"%.200s\"",
		 host ? host : "");
	diag_hint(d, "ask localhost or the address that rld listens on");
	return true;
}

bool http_admit(struct exchange *exchange, const char *path)
{
	const struct http *http = exchange->http;
	struct diag d;

	if (is_misdirected(exchange, &d)) {
		http_set_error(exchange, MHD_HTTP_MISDIRECTED_REQUEST, &d);
		return false;
	}
	if (token_is(&http->token,
		     MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
						 MHD_HTTP_HEADER_AUTHORIZATION)))
		return true;
	diag_set(&d, DIAG_PERMISSION, "%.200s needs the token of this rld", path);
	diag_hint(&d,
		  "send \"Authorization: Bearer TOKEN\": %s has it, which the group %s may read",
		  http->token.path, RL_GROUP_READ);
	http_set_error(exchange, MHD_HTTP_UNAUTHORIZED, &d);
	return false;
}
