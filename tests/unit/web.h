/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon with HTTP on loopback, or everywhere, on a port that was free a moment ago, and what
 * somebody asks it there. */
#ifndef UNIT_WEB_H
#define UNIT_WEB_H

#include <netinet/in.h>

#include "daemon.h"

extern struct sockaddr_in web_at; /* where to connect */
extern char web_headers[256]; /* of each request; set_up: Host and Authorization, to be admitted */

int web_set_up(void **state);
int web_set_up_everywhere(void **state);
const char *web_token(void);	 /* as its file has it, or "" */
void web_admit(const char *say); /* Authorization is this and the token */

/* All of the answer, head and body. Holds until the next call. */
const char *web_ask(const char *method, const char *path);
void web_assert_status(const char *method, const char *path, const char *expected);
json_t *web_body(const char *path); /* to be freed */

#endif
