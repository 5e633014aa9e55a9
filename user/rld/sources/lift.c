// SPDX-License-Identifier: GPL-2.0-only
/* Bans from everything that are over: a few at a time; all of them, turn by turn, when a limit may
 * have gone. */
#include "rld/sources/lift.h"

#include "base/time.h"
#include "rld/sources/scan.h"

/* One that ended may be made anew at this moment: it is left alone for a second. */
static bool is_over(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	const struct lift *lift = ctx;

	return ban->until + TIME_NS < time_mono_ns() || !rld_limit_by_id(lift->rld, ban->limit_id);
}

/* Limits that went meanwhile are for the next walk. */
static void on_walked(void *ctx, int err)
{
	struct lift *lift = ctx;

	lift->walking = false;
	if (!err)
		lift->version = lift->walk_version;
}

void lift_tick(struct lift *lift)
{
	struct rld *rld = lift->rld;

	if (lift->walking)
		return;
	if (lift->version == rld->version) {
		dp_bans_lift_some(rld->dp, is_over, lift);
		return;
	}
	lift->walk_version = rld->version;
	lift->walking = !scan_lift_bans(rld->scans, is_over, on_walked, lift);
}
