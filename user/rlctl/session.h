/* SPDX-License-Identifier: GPL-2.0-only */
/* The conversation with rld over its control socket. */
#ifndef RLCTL_SESSION_H
#define RLCTL_SESSION_H

#include "base/diag.h"
#include "base/json.h"

struct session {
	int fd;
	char *data; /* read and not yet taken */
	size_t len;
	size_t size;
	unsigned timeout_s; /* 0: no end */
	const char *path;   /* kept by the caller */
};

/* A timeout for changes that may take long: an answer is waited for while rld answers others, of
 * which it is asked every SESSION_SILENCE_S. */
#define SESSION_PATIENT (~0U)
#define SESSION_SILENCE_S 10

int session_open(const char *path, unsigned timeout_s, struct session *ret, struct diag *d);
int session_send(struct session *session, const json_t *request, struct diag *d);
/* The next answer; `*ret` is NULL when rld has closed the connection after at least one. */
int session_receive(struct session *session, json_t **ret, struct diag *d);
/* One request and the data of its answer; what rld refuses is an error here. */
int session_ask(const char *path, unsigned timeout_s, const json_t *request, json_t **ret,
		struct diag *d);
void session_close(struct session *session);

#endif
