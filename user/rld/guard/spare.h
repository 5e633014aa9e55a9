/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps the program's list of whom no limit bans: the peers of protected ports.
 *
 *   1. While some limit bans, the list is renewed every SPARE_EVERY_NS, or more seldom where
 *      finding them out takes long: 1/200 of a CPU is spent at most.
 *   2. It is renewed before a rule set with such a limit is published, so that the first ban meets
 *      it filled.
 *   3. A thread of its own asks the kernel, which walks through all of its connections meanwhile.
 *      Where the list is renewed for a rule set that loop waits, as it does for the lock-out guard.
 */
#ifndef RLD_SPARE_H
#define RLD_SPARE_H

#include "rld/rld.h"

#define SPARE_EVERY_NS 5000000000ull

int spare_new(struct rld *rld, struct spare **ret);
void spare_free(struct spare *spare);
/* `cand` is to be published. */
void spare_renew(struct spare *spare, const struct conf *cand);

struct spare_view {
	size_t peers; /* in the list; 0 while no limit bans */
	bool more;    /* there are others, which found no room */
};
struct spare_view spare_view(const struct spare *spare);

#endif
