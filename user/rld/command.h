/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: from a line of JSON to the handler of its command. One row of a table a command. */
#ifndef RLD_COMMAND_H
#define RLD_COMMAND_H

#include "rld/access.h"
#include "rld/answer.h"
#include "rld/peers.h"
#include "rld/rld.h"

#define REQUEST_WORDS_MAX 512

struct request {
	char **word; /* owned, NULL-terminated */
	size_t words;
	char *config; /* owned; NULL: not given */
	bool yes;
	struct peer session; /* by which the client came, as it says; port 0: none */
	struct access access;
	struct answer *answer;
};

/* Reads {"command":[…],"yes":…,"session":{…},"config":…}. */
int request_parse(const char *line, size_t len, struct request *ret, struct diag *d);
void request_done(struct request *request);
/* The words as a person would type them, cut to fit. */
const char *request_text(const struct request *request, char *buf, size_t size);

/* True if it changes the configuration and so goes through the pump, where neighbours are applied
 * together. */
bool command_is_statement(const struct request *request);
/* Carries it out, or sees to it that it will be; answers in any case. Takes the words over. */
void command_run(struct rld *rld, struct request *request);

#endif
