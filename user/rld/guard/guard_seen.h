/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was connected a moment ago.
 *
 * To find that out the kernel walks through its whole table, some milliseconds. So that changes one
 * after the other do not take as long each, a tenth of the time is spent on it at most: who has come
 * since the last look, less than ten times what that took ago, is not seen. Who asks for a change
 * is known in any case.
 */
#ifndef RLD_GUARD_SEEN_H
#define RLD_GUARD_SEEN_H

#include "rld/guard/peers.h"

struct guard_seen;

struct guard_seen *guard_seen_new(void); /* NULL: no memory */
void guard_seen_free(struct guard_seen *seen);
/* Adds the sessions to these ports. `seen` NULL: looks anew. */
int guard_seen_add(struct guard_seen *seen, const struct ports *ports, struct peers *into);

#endif
