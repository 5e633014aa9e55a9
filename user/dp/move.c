// SPDX-License-Identifier: GPL-2.0-only
/* Moving the sources of a former table into one of another size, under traffic: when its phases
 * begin, the walk, and the program without the former table that takes over at the end. */
#include <errno.h>
#include <string.h>

#include "dp/internal.h"

bool dp_moving(const struct dp *dp)
{
	return dp->move.on;
}

static void set_phase(struct dp *dp, __u32 phase)
{
	__atomic_store_n(&dp->move.at->phase, phase, __ATOMIC_SEQ_CST);
	dp_grace_wait(dp);
}

void dp_move_begin(struct dp *dp)
{
	if (!dp->move.on || dp->move.at->phase >= RL_MOVE_NEW)
		return;
	/* The former program has ended; or one in the phase that an earlier daemon came to. */
	dp_grace_wait(dp);
	set_phase(dp, RL_MOVE_BOTH);
	set_phase(dp, RL_MOVE_NEW);
}

static int move_piece(struct dp *dp, const struct rl_key *keys, const struct rl_state *states,
		      int n)
{
	struct dp_move *m = &dp->move;
	struct rl_key due[RL_SWEEP_MAX];
	size_t count = 0, moved;
	int r;

	for (int i = 0; i < n; i++)
		if (states[i].fingerprint != RL_DEAD)
			due[count++] = keys[i];
	if (!count)
		return 0;
	r = dp_sweep(dp, m->again ? RL_SWEEP_DROP : RL_SWEEP_MOVE, due, count, 0, &moved);
	if (r)
		return r;
	m->moved.kept += moved;
	m->left += dp->work->recovered;
	return 0;
}

/* 1: there is more. */
static int walk_on(struct dp *dp)
{
	struct dp_move *m = &dp->move;
	const struct rl_state *states;
	const struct rl_key *keys;
	int n = m->scan ? 0 : dp_scan_table(dp, true, &m->scan);

	if (n)
		return n;
	n = dp_scan_next(m->scan, &keys, &states);
	if (n > 0)
		n = move_piece(dp, keys, states, n);
	else if (!n)
		n = -ENOENT;
	return n ? n : 1;
}

/* At the end of a walk; 1: another one is to come, since what found no room may find some now. */
static int walk_again(struct dp *dp)
{
	struct dp_move *m = &dp->move;
	bool again = m->left && !m->again;

	dp_scan_close(m->scan);
	m->scan = NULL;
	m->moved.lost = m->left;
	m->again = again;
	m->left = 0;
	return again;
}

static int reuse_maps(const struct rl *from, struct rl *to)
{
	struct bpf_map *map;
	int r = 0;

	bpf_object__for_each_map(map, to->obj)
	{
		const char *name = bpf_map__name(map);

		if (r || strchr(name, '.') || map == to->maps.calls || map == to->maps.states_old ||
		    map == to->maps.front_old)
			continue;
		r = bpf_map__reuse_fd(map,
				      bpf_map__fd(bpf_object__find_map_by_name(from->obj, name)));
	}
	return r;
}

/* Begins to load the program without the former table, which takes as long as the walk. */
static int load_without(struct dp *dp)
{
	const struct rl *from = dp->skel;
	struct rl *skel = dp_object_open();
	int r;

	if (!skel)
		return -errno;
	memcpy(skel->rodata_settings, from->rodata_settings, sizeof(*skel->rodata_settings));
	skel->rodata_settings->rl_moves = 0;
	skel->rodata_settings->rl_front_old_mask = 0;
	r = reuse_maps(from, skel);
	if (!r)
		return dp_loader_start(&dp->move.without, skel);
	rl__destroy(skel);
	return r;
}

/* The same program with one table. Its maps are the same, but for what it was moved out of, whose
 * memory goes with the former one. */
static int take_over(struct dp *dp, struct diag *d)
{
	struct rl *before = dp->skel, *skel;
	int r = dp_loader_take(&dp->move.without, &skel);

	if (r)
		return dp_fail(d, r, "cannot load the program without the former table");
	dp_dry_close(dp);
	dp->skel = skel;
	dp->links_stale = true;
	r = dp_links_switch(dp, d);
	if (r) { /* interfaces run the one or the other, which do the same by now */
		dp->skel = before;
		before = skel;
	}
	rl__destroy(before);
	return r;
}

static int end(struct dp *dp, struct dp_moved *ret, struct diag *d)
{
	int r = take_over(dp, d);

	*ret = dp->move.moved;
	dp->move.on = false;
	if (dp->bpffs[0])
		dp_move_unpin(dp);
	return r;
}

/* -ENOENT: no more. */
static int move_on(struct dp *dp)
{
	struct dp_move *m = &dp->move;
	int r;

	if (m->walked)
		return -ENOENT;
	if (!m->loading) { /* if that cannot begin, the end says so */
		m->loading = true;
		load_without(dp);
	}
	r = walk_on(dp);
	if (r != -ENOENT || walk_again(dp))
		return r == -ENOENT ? 1 : r;
	m->walked = true;
	return -ENOENT;
}

int dp_move_some(struct dp *dp, struct dp_moved *ret, struct diag *d)
{
	int r;

	if (!dp->move.on)
		return 0;
	if (dp->move.at->phase < RL_MOVE_NEW)
		return 1;
	r = move_on(dp);
	if (r == -ENOENT)
		return dp_loader_done(&dp->move.without) ? end(dp, ret, d) : 2;
	return r < 0 ? diag_errno(d, -r, "cannot move the sources of the former table") : r;
}

/* The program that is attached goes on as it is, and finds nothing in the former table. */
int dp_move_finish(struct dp *dp, struct diag *d)
{
	int r = 1;

	while (dp->move.on && r == 1) {
		r = walk_on(dp);
		if (r == -ENOENT)
			r = walk_again(dp);
	}
	if (r < 0)
		return diag_errno(d, -r, "cannot move the sources of the former table");
	dp_move_unpin(dp);
	return 0;
}
