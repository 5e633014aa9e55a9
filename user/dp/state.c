// SPDX-License-Identifier: GPL-2.0-only
/* The state table from user space: walking, looking up, forgetting. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/state/key.h"
#include "bpf/state/presence.h"
#include "bpf/strategy/strategy.h"
#include "dp/internal.h"

struct dp_scan {
	struct dp *dp;
	bool old;   /* through the table that is moved out of ... */
	bool whole; /* ... and then through the other one; settled */
	bool holds; /* the front table is mapped for it */
	__u32 limit_id;
	__u32 slot; /* of that limit */
	bool started;
	bool ended;
	__u32 at; /* the kernel's bucket cursor */
	__u64 fingerprint[RL_SWEEP_MAX];
	struct rl_key key[RL_SWEEP_MAX];
	struct rl_state state[RL_SWEEP_MAX];
};

static int run_sweep(struct dp *dp)
{
	__u8 frame[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);

	return bpf_prog_test_run_opts(bpf_program__fd(dp->skel->progs.rld_sweep), &run);
}

int dp_gather(struct dp *dp)
{
	dp->work->op = RL_SWEEP_GATHER;
	dp->work->count = 0;
	return run_sweep(dp);
}

int dp_scan_table(struct dp *dp, bool old, struct dp_scan **ret)
{
	struct dp_scan *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->dp = dp;
	s->old = old;
	*ret = s;
	return 0;
}

int dp_scan_open(struct dp *dp, struct dp_scan **ret)
{
	int r = dp_gather(dp);

	if (!r)
		r = dp_scan_table(dp, dp->move.on, ret);
	if (r)
		return r;
	(*ret)->whole = true;
	return 0;
}

static int read_batch(struct dp_scan *s)
{
	const struct rl *skel = s->dp->skel;
	int fd = bpf_map__fd(s->old ? skel->maps.states_old : skel->maps.states), r;
	__u32 count = RL_SWEEP_MAX;

	r = bpf_map_lookup_batch(fd, s->started ? &s->at : NULL, &s->at, s->fingerprint, s->state,
				 &count, NULL);
	s->started = true;
	if (r && r != -ENOENT)
		return r;
	s->ended = r == -ENOENT;
	return count;
}

static int next_batch(struct dp_scan *s)
{
	int n = 0;

	while (!n && !s->ended) {
		n = read_batch(s);
		if (!s->ended || !s->old || !s->whole)
			continue;
		s->old = s->started = s->ended = false;
	}
	return n;
}

/* Below that a system call each is cheaper than the front table in the daemon's memory. */
#define HOLD_FROM 64

static void hold_if_worth(struct dp_scan *s, int n)
{
	int blocked = 0;

	for (int i = 0; !s->holds && i < n; i++)
		blocked += dp_may_be_in_front(&s->state[i]);
	if (blocked < HOLD_FROM)
		return;
	dp_front_hold(s->dp);
	s->holds = true;
}

/* Cache misses at once, rather than one after the other. */
static void settle(struct dp_scan *s, int n)
{
	hold_if_worth(s, n);
	for (int i = 0; s->holds && i < n; i++)
		dp_front_prefetch(s->dp, s->fingerprint[i]);
	for (int i = 0; i < n; i++) {
		if (s->limit_id != s->key[i].limit_id) {
			s->limit_id = s->key[i].limit_id;
			s->slot = dp_slot_of(s->dp, s->limit_id);
		}
		dp_settle(s->dp, s->slot, &s->state[i]);
	}
}

int dp_scan_next(struct dp_scan *scan, const struct rl_key **ret_keys,
		 const struct rl_state **ret_states)
{
	int n = next_batch(scan);

	for (int i = 0; i < n; i++)
		scan->key[i] = scan->state[i].key;
	if (scan->whole)
		settle(scan, n);
	*ret_keys = scan->key;
	*ret_states = scan->state;
	return n;
}

void dp_scan_close(struct dp_scan *scan)
{
	if (scan && scan->holds)
		dp_front_release(scan->dp);
	free(scan);
}

static int read_from(const struct bpf_map *map, __u64 fingerprint, struct rl_state *ret)
{
	struct rl_state st;

	if (bpf_map_lookup_elem_flags(bpf_map__fd(map), &fingerprint, &st, BPF_F_LOCK))
		return -errno;
	*ret = st;
	return 0;
}

/* As rl_find_state(). */
int dp_state_read(const struct dp *dp, __u64 fingerprint, struct rl_state *ret)
{
	int r = read_from(dp->skel->maps.states, fingerprint, ret);
	struct rl_state old;

	if (!dp->move.on || (!r && ret->fingerprint != RL_DEAD))
		return r;
	if (read_from(dp->skel->maps.states_old, fingerprint, &old) || old.fingerprint == RL_DEAD)
		return read_from(dp->skel->maps.states, fingerprint, ret);
	*ret = old;
	return 0;
}

int dp_lookup(struct dp *dp, const struct rl_key *key, struct rl_state *ret)
{
	int r = dp_gather(dp);

	if (!r)
		r = dp_state_read(dp, rl_fingerprint(key, dp->control->secret), ret);
	if (!r)
		dp_settle(dp, dp_slot_of(dp, key->limit_id), ret);
	return r;
}

struct bpf_map *dp_log_map(const struct rl *skel, unsigned class)
{
	struct bpf_map *map[RL_LOG_CLASSES] = {skel->maps.logs16, skel->maps.logs64,
					       skel->maps.logs256, skel->maps.logs1024};

	return map[class];
}

int dp_log_inside(struct dp *dp, const struct rl_key *key, const struct rl_state *st,
		  const struct rl_limit *limit, unsigned window, __u64 now_ns, __u64 *ret_inside,
		  __u64 *ret_leaves_ns)
{
	__u64 amount = limit->window[window].amount, period = limit->window[window].period_ns;
	unsigned class = RL_LOG_CLASS(amount);
	__u64 total = st->window[window].a, inside = 0, leaves = 0;
	__u64 owner = rl_log_owner(rl_fingerprint(key, dp->control->secret), window);
	struct rl_log1024 log;

	if (bpf_map_lookup_elem(bpf_map__fd(dp_log_map(dp->skel, class)), &owner, &log))
		return -errno;
	/* From the newest back: times never decrease. */
	while (inside < total && inside < amount) {
		__u64 time = rl_logged(&st->window[window], total - 1 - inside, log.time,
				       RL_LOG_SIZE(class) - 1);

		if (time + period < now_ns)
			break;
		leaves = time + period;
		inside++;
	}
	*ret_inside = inside;
	*ret_leaves_ns = leaves;
	return 0;
}

__u32 dp_sources_max(const struct dp *dp)
{
	return bpf_map__max_entries(dp->skel->maps.states);
}

int dp_sweep(struct dp *dp, enum rl_sweep_op op, const struct rl_key *keys, size_t count,
	     __u64 cutoff_ns, size_t *ret_deleted)
{
	int r;

	if (count > RL_SWEEP_MAX)
		return -EINVAL;
	dp->work->op = op;
	dp->work->count = count;
	dp->work->cutoff = cutoff_ns;
	for (size_t i = 0; i < count; i++) {
		dp->work->item[i].key = keys[i];
		dp->work->item[i].slot = dp_slot_of(dp, keys[i].limit_id);
	}
	r = run_sweep(dp);
	if (!r)
		*ret_deleted = dp->work->deleted;
	return r;
}

int dp_states_put(struct dp *dp, __u64 *presence, __u64 fingerprint, const struct rl_state *st)
{
	__u64 *word = &presence[rl_present_word(fingerprint) &
				dp->skel->rodata_settings->rl_presence_mask];

	if (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.states), &fingerprint, st, BPF_NOEXIST))
		return -errno;
	__atomic_fetch_add(word, rl_present_one(*word, fingerprint), __ATOMIC_RELAXED);
	return 0;
}

int dp_states_count(struct dp *dp, __u64 ret[static RL_SLOTS_MAX])
{
	struct dp_scan *s;
	int n = dp_scan_table(dp, dp->move.on, &s);

	memset(ret, 0, RL_SLOTS_MAX * sizeof(*ret));
	if (n)
		return n;
	s->whole = true;
	while ((n = next_batch(s)) > 0) {
		for (int i = 0; i < n; i++) {
			__u32 slot = dp_slot_of(dp, s->state[i].key.limit_id);

			if (slot < RL_SLOTS_MAX && s->state[i].fingerprint != RL_DEAD)
				ret[slot]++;
		}
	}
	free(s);
	return n;
}
