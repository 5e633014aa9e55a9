/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources without room for a state, of a limit named "a" that matches UDP. */
#ifndef TESTS_STRANGERS_H
#define TESTS_STRANGERS_H

#include "source.h"

/* Takes all places of a table of at most 512, under keys that no fingerprint is; gives them back. */
void strangers_take_room(struct harness *h);
void strangers_make_room(struct harness *h);

/* The next address, other than all before, whose overflow bucket is that of `like`, or is not. */
#define STRANGER_TEXT 32
void strangers_next(struct harness *h, const char *like, bool same, char ret[static STRANGER_TEXT]);
/* How many of `count` packets of the source pass. */
unsigned strangers_passed(struct harness *h, const char *src, unsigned count);
/* Whether it has a state; which is copied to `st`, unless that is NULL. */
bool strangers_tracked(struct harness *h, const char *src, struct rl_state *st);
const struct rl_limit *strangers_limit(struct harness *h);

#endif
