/* SPDX-License-Identifier: GPL-2.0-only */
/* HTTP: /metrics to everybody, the views on loopback addresses to those who may read the token
 * (token.h). http*.c are the only users of libmicrohttpd. */
#ifndef RLD_HTTP_H
#define RLD_HTTP_H

#include "rld/rld.h"

/* Listens on rld->options.listen; "none": `*ret` is NULL. */
int http_open(struct rld *rld, struct http **ret, struct diag *d);
/* When the start has succeeded, so that one beside another daemon's socket that fails leaves that
 * one's token alone: writes the token. Limits stand without it: a failure is logged, and each view
 * is refused. `http` may be NULL. */
void http_open_views(struct http *http);
void http_close(struct http *http);

#endif
