/* SPDX-License-Identifier: GPL-2.0-only */
/* What a change would refuse of established sessions, asked of the program itself by a trial.
 *
 *   1. Each session sends TRIAL_BURST packets of 1500 bytes at once and, from a second later on,
 *      TRIAL_PER_S a second for TRIAL_S seconds. It is cut off if one of the first is refused, one
 *      of ten of the others, or all of the last second; or, by the lists, its first packet.
 *   2. Nobody else sends, and no limit has counted anything before.
 *   3. It does so once for each kind of packet that it may send (trial_shapes.h), from now on and
 *      from the end of each entry of the lists on that covers it.
 *   4. Sessions that the same limits judge are the same, and run once.
 *
 * The engine logs nothing, keeps nothing between two calls, and may be run by any thread.
 */
#ifndef RLD_GUARD_TRIAL_H
#define RLD_GUARD_TRIAL_H

#include "conf/model/conf.h"
#include "dp/trial.h"
#include "rld/guard/peers.h"

#define TRIAL_PEERS_MAX 64
#define TRIAL_NS 100000000ull /* in all, without the loading */

struct guard_trial {
	struct dp_trial *dp;
	const struct conf *before; /* what it refuses is no news; NULL: it refuses nothing */
	const struct conf *new;
	const struct dp_iface *iface; /* attached now */
	size_t ifaces;
	__s64 now_s;
	bool spared; /* no limit bans them (spare.h) */
};

/* A session that is cut off, by a limit of `new` or, NULL, by the deny list; since when. */
typedef void (*guard_cut_fn)(void *ctx, const struct peer *peer, const char *limit, __s64 at_s);

/* `v`: sessions, TRIAL_PEERS_MAX at most. ret_open[i]: not all was tried of the ith; it is not known
 * to be cut off. -ECANCELED: the limits go not together (conf_compile()), which is for others to
 * refuse. */
int guard_trial_run(const struct guard_trial *trial, const struct peer *const *v, size_t count,
		    bool ret_open[static TRIAL_PEERS_MAX], guard_cut_fn cut, void *ctx,
		    struct diag *d);

#endif
