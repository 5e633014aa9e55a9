// SPDX-License-Identifier: GPL-2.0-only
/* Bans from everything: the program makes them, here they are taken out again. */
#include <errno.h>

#include "dp/internal.h"

/* A round of pieces is done after so many. */
#define ROUND 128
#define PIECE_MIN 64

static __u32 bans(const struct dp *dp)
{
	return __atomic_load_n(&dp->control->bans, __ATOMIC_RELAXED);
}

static bool after(int fd, const struct rl_ban_key *key, struct rl_ban_key *next)
{
	return !bpf_map_get_next_key(fd, key, next);
}

/* Looks at `most` bans from *at on, which is where to go on if this returns true. */
static bool walk(struct dp *dp, struct rl_ban_key *at, __u32 most, dp_lift_fn lift, void *ctx)
{
	int fd = bpf_map__fd(dp->skel->maps.bans);
	bool more = true;

	for (__u32 i = 0; more && i < most; i++) {
		struct rl_ban_key key = *at;
		struct rl_ban ban;

		/* A key is asked for its successor before it goes: that of a missing key is the
		 * first. */
		more = after(fd, &key, at);
		if (bpf_map_lookup_elem(fd, &key, &ban) || !lift(ctx, &key, &ban) ||
		    bpf_map_delete_elem(fd, &key))
			continue;
		__atomic_sub_fetch(&dp->control->bans, 1, __ATOMIC_RELAXED);
	}
	return more;
}

/* A bucket of the kernel's table at least: they come as a whole. */
int dp_bans_look(struct dp *dp, struct dp_bans_at *at, dp_ban_fn look, void *ctx)
{
	struct rl_ban_key key[DP_BANS_PIECE];
	struct rl_ban ban[DP_BANS_PIECE];
	__u32 count = DP_BANS_PIECE;
	int r = bpf_map_lookup_batch(bpf_map__fd(dp->skel->maps.bans),
				     at->begun ? &at->bucket : NULL, &at->bucket, key, ban, &count,
				     NULL);

	at->begun = true;
	if (r && r != -ENOENT)
		return r;
	for (__u32 i = 0; i < count; i++)
		look(ctx, &key[i], &ban[i]);
	return r ? 0 : 1;
}

/* What the program adds meanwhile may be counted twice, and never not at all: one too many costs
 * packets a look, one too few would hide a ban. */
void dp_bans_recount(struct dp *dp)
{
	int fd = bpf_map__fd(dp->skel->maps.bans);
	__u32 before = bans(dp), count = 0;
	struct rl_ban_key key, next;

	for (bool more = after(fd, NULL, &next); more; more = after(fd, &key, &next)) {
		key = next;
		count++;
	}
	__atomic_add_fetch(&dp->control->bans, count - before, __ATOMIC_RELAXED);
}

struct lifting {
	struct dp *dp;
	dp_lift_fn lift;
	void *ctx;
};

/* As it is now: the program may have made it longer since the piece was read. */
static void lift_one(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	const struct lifting *l = ctx;
	struct rl_ban_key at = *key;

	if (l->lift(l->ctx, key, ban))
		walk(l->dp, &at, 1, l->lift, l->ctx);
}

int dp_bans_lift_piece(struct dp *dp, struct dp_bans_at *at, dp_lift_fn lift, void *ctx)
{
	struct lifting lifting = {dp, lift, ctx};

	return bans(dp) ? dp_bans_look(dp, at, lift_one, &lifting) : 0;
}

void dp_bans_lift_some(struct dp *dp, dp_lift_fn lift, void *ctx)
{
	__u32 most = bans(dp) / ROUND;

	if (!bans(dp))
		return;
	if (!dp->bans_walk)
		dp->bans_walk = after(bpf_map__fd(dp->skel->maps.bans), NULL, &dp->bans_at);
	if (dp->bans_walk)
		dp->bans_walk =
			walk(dp, &dp->bans_at, most < PIECE_MIN ? PIECE_MIN : most, lift, ctx);
}
