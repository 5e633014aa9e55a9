/* SPDX-License-Identifier: GPL-2.0-only */
/* HTTP: /metrics everywhere, the JSON API on loopback addresses. http*.c are the only users of
 * libmicrohttpd. */
#ifndef RLD_HTTP_H
#define RLD_HTTP_H

#include "rld/rld.h"

/* Listens on rld->options.listen; "none": `*ret` is NULL. */
int http_open(struct rld *rld, struct http **ret, struct diag *d);
void http_close(struct http *http);

#endif
