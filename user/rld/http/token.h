/* SPDX-License-Identifier: GPL-2.0-only */
/* The secret that the views ask for: who may read its file may read them. On loopback the kernel
 * does not say who is at the other end, as it does on the control socket.
 *
 *   1. Drawn anew at each start, 32 random bytes in hex with a line's end, in the file http-token
 *      beside the control socket. The file comes there whole, by a rename.
 *   2. Mode 0640 and of the group that may look at the control socket, if there is one. A daemon
 *      that may not give it to that group logs so, and only its own user and group can read it.
 *   3. Removed when the daemon stops, unless another daemon has put its own there meanwhile.
 */
#ifndef RLD_TOKEN_H
#define RLD_TOKEN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

#define TOKEN_BYTES 32
#define TOKEN_CHARS (2 * TOKEN_BYTES)

struct token {
	char text[TOKEN_CHARS + 1];
	char path[PATH_MAX];
	dev_t dev;
	ino_t ino; /* of the file; 0: there is none */
};

/* `socket` is the path of the control socket. On failure nothing is left there, and no value of
 * the header is the token. */
int token_make(const char *socket, struct token *ret, struct diag *d);
void token_remove(struct token *token);
/* Whether the value of a header "Authorization" (NULL: there was none) is "Bearer TOKEN". How long
 * that takes says nothing of the token. */
bool token_is(const struct token *token, const char *authorization);

#endif
