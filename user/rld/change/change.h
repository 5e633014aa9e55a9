/* SPDX-License-Identifier: GPL-2.0-only */
/* A change of what the kernel enforces, whoever wants it: a client, a signal, an interface that
 * came. */
#ifndef RLD_CHANGE_H
#define RLD_CHANGE_H

#include "base/diag.h"
#include "base/json.h"
#include "conf/grammar/grammar.h"
#include "conf/model/conf.h"
#include "rld/request/access.h"
#include "rld/request/answer.h"

enum change_kind {
	CHANGE_STATEMENT,
	CHANGE_RELOAD,	/* to what the files say */
	CHANGE_REFRESH, /* compile and publish what is at work again: an interface came or went */
	CHANGE_CHECK,	/* to what `config` says, if it were made; nothing is changed */
	CHANGE_LOOK,	/* to what is at work, as if nothing had been before; likewise */
};

struct change {
	struct change *next;
	enum change_kind kind;

	/* What is wanted, and who wants it. */
	char **word; /* owned, NULL-terminated; of a statement, or "reload" */
	size_t words;
	char *config; /* owned; of a check */
	bool yes;     /* although the guard objects */
	struct session session;
	struct access access;  /* of whoever waits for the answer */
	struct answer *answer; /* NULL: nobody asked, and nobody is told */

	/* What came of it. */
	struct conf_change what;
	struct diag d;
	int err;
	json_t *report; /* owned: the answer of a reload or a check; of an error, what more there is to say */
	bool answers_later; /* what it began does */
};

void change_free(struct change *change);

#endif
