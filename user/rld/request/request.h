/* SPDX-License-Identifier: GPL-2.0-only */
/* A request of a client: one line of JSON. */
#ifndef RLD_REQUEST_H
#define RLD_REQUEST_H

#include "base/diag.h"
#include "rld/request/access.h"
#include "rld/request/answer.h"

#define REQUEST_WORDS_MAX 512

struct request {
	char **word; /* owned, NULL-terminated */
	size_t words;
	char *config; /* owned; NULL: not given */
	bool yes;
	struct session session;
	struct access access;
	struct answer *answer;
};

/* Reads {"command":[…],"yes":…,"session":{…},"config":…}. */
int request_parse(const char *line, size_t len, struct request *ret, struct diag *d);
void request_done(struct request *request);

#endif
