// SPDX-License-Identifier: GPL-2.0-only
/* Bans from everything: the program makes them, here they are taken out again. */
#include <errno.h>

#include "dp/internal.h"

int dp_bans_lift(struct dp *dp, dp_lift_fn lift, void *ctx)
{
	int fd = bpf_map__fd(dp->skel->maps.bans);
	struct rl_ban_key key, next;
	struct rl_ban ban;
	int more, lifted = 0;

	if (!__atomic_load_n(&dp->control->bans, __ATOMIC_RELAXED))
		return 0;
	more = !bpf_map_get_next_key(fd, NULL, &next);
	/* A key is asked for its successor before it goes: that of a missing key is the first. */
	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (bpf_map_lookup_elem(fd, &key, &ban) || !lift(ctx, &key, &ban))
			continue;
		if (bpf_map_delete_elem(fd, &key))
			continue;
		__atomic_sub_fetch(&dp->control->bans, 1, __ATOMIC_RELAXED);
		lifted++;
	}
	return lifted;
}
