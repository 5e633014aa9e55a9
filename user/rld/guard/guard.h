/* SPDX-License-Identifier: GPL-2.0-only */
/* The lock-out guard: what a change would newly refuse of those it must not refuse unasked, and
 * whether it would switch the protection off.
 *
 * Not to be refused are the established TCP peers of protected ports, by protect.h, the default
 * gateways, the resolvers in use and the machine's own addresses; these by the lists alone. What
 * would become of a session the program is asked itself, by a trial: guard_trial.h says what is
 * tried of it. What refused a peer before the change excuses itself, and nothing else: the deny
 * list, or a limit of the same name that let no more of the same packets pass. On an interface that
 * comes with the change nothing was refused.
 *
 * Who has come in the last moment is not seen, as guard_seen.h has it, but for who asks.
 *
 * Not tried are sessions beyond the first TRIAL_PEERS_MAX, of which those who ask come first, what
 * TRIAL_NS do not suffice for, and kinds of packets beyond those of trial_shapes.h. These are judged
 * by what limits say of themselves, as guard_limit.h has it, which sees less. Where the program
 * cannot be asked at all that is an objection, too.
 *
 * A deny list that covers a whole family, an allow list that covers half of one, and another mode
 * of an attached interface, which takes a moment without enforcement, are objections whoever is
 * connected.
 */
#ifndef RLD_GUARD_H
#define RLD_GUARD_H

#include "base/json.h"
#include "rld/guard/peers.h"
#include "rld/rld.h"

struct guard_change {
	const struct conf *old; /* NULL: nothing was refused */
	const struct conf *new;
	const struct peers *clients; /* sessions that ask for it, as they say; NULL: nobody does */
};

/* A look at a change, in three parts, of which the one that takes long is a thread's. There is one
 * look at a time: what it asks, and who was seen last, are there once. */
struct look;

/* Takes down what it has to know of rld. The two configurations stay the caller's, and as they are
 * until the look is over. NULL: no memory. */
struct look *guard_begin(const struct rld *rld, const struct guard_change *change);
/* Whether there is something to look at that takes long. */
bool guard_is_long(const struct look *look);
/* From any thread. */
void guard_run(struct look *look);
/* -EPERM, with the first objection in `d` and the number of all others, if there are any. All of
 * them, up to 64, become *ret_objections, if that is asked for: [{code, text}]. Frees the look. */
int guard_end(struct look *look, json_t **ret_objections, struct diag *d);
/* Frees it; nobody asks any more what it came to. NULL: nothing. */
void guard_drop(struct look *look);

/* All three, where nobody else has to be served meanwhile. */
int guard_check(const struct rld *rld, const struct guard_change *change, json_t **ret_objections,
		struct diag *d);

/* Begins to load the program that is asked, in a thread. */
int guard_open(struct rld *rld);
void guard_close(struct rld *rld); /* at the end of rld */

#endif
