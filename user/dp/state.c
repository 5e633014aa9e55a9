/* SPDX-License-Identifier: GPL-2.0-only */
/* The state table from user space: walking, looking up, forgetting. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/key.h"
#include "bpf/presence.h"
#include "dp/internal.h"

struct dp_scan {
	const struct dp *dp;
	int fd;
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

int dp_scan_open(struct dp *dp, struct dp_scan **ret)
{
	struct dp_scan *s = calloc(1, sizeof(*s));
	int r = s ? dp_gather(dp) : -ENOMEM;

	if (r) {
		free(s);
		return r;
	}
	s->dp = dp;
	s->fd = bpf_map__fd(dp->skel->maps.states);
	*ret = s;
	return 0;
}

static int next_batch(struct dp_scan *s)
{
	__u32 count = RL_SWEEP_MAX;
	int r;

	if (s->ended)
		return 0;
	r = bpf_map_lookup_batch(s->fd, s->started ? &s->at : NULL, &s->at, s->fingerprint,
				 s->state, &count, NULL);
	s->started = true;
	if (r && r != -ENOENT)
		return r;
	s->ended = r == -ENOENT;
	return count;
}

int dp_scan_next(struct dp_scan *scan, const struct rl_key **ret_keys,
		 const struct rl_state **ret_states)
{
	int n = next_batch(scan);

	/* Cache misses at once, rather than one after the other when the caller adds what is there.
	 */
	for (int i = 0; i < n; i++) {
		scan->key[i] = scan->state[i].key;
		dp_front_prefetch(scan->dp, scan->fingerprint[i]);
	}
	*ret_keys = scan->key;
	*ret_states = scan->state;
	return n;
}

void dp_scan_close(struct dp_scan *scan)
{
	free(scan);
}

int dp_lookup(struct dp *dp, const struct rl_key *key, struct rl_state *ret)
{
	__u64 fingerprint = rl_fingerprint(key, dp->control->secret);
	struct rl_state st;
	int r = dp_gather(dp);

	if (r)
		return r;
	if (bpf_map_lookup_elem_flags(bpf_map__fd(dp->skel->maps.states), &fingerprint, &st,
				      BPF_F_LOCK))
		return -errno;
	*ret = st;
	return 0;
}

static int log_fd(struct dp *dp, unsigned class)
{
	const struct bpf_map *map[RL_LOG_CLASSES] = {dp->skel->maps.logs16, dp->skel->maps.logs64,
						     dp->skel->maps.logs256,
						     dp->skel->maps.logs1024};

	return bpf_map__fd(map[class]);
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

	if (bpf_map_lookup_elem(log_fd(dp, class), &owner, &log))
		return -errno;
	/* From the newest back: times never decrease. */
	while (inside < total && inside < amount) {
		__u64 time = log.time[(total - 1 - inside) & (RL_LOG_SIZE(class) - 1)];

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

/* How many sources there are is the difference of two counters. */
static void count_lost(struct dp *dp, const __u64 lost[static RL_SLOTS_MAX])
{
	int fd = bpf_map__fd(dp->skel->maps.limit_counters);
	struct rl_limit_counters *counters = calloc((size_t)dp->cpus, sizeof(*counters));

	for (__u32 s = 0; counters && s < RL_SLOTS_MAX; s++) {
		if (!lost[s] || bpf_map_lookup_elem(fd, &s, counters))
			continue;
		counters[0].expired += lost[s];
		bpf_map_update_elem(fd, &s, counters, 0);
	}
	free(counters);
}

/* Entries of another state table into the one at work, with its presence filter mapped. */
static int copy_states(struct dp *dp, struct dp_scan *from, __u64 *presence, struct dp_moved *ret)
{
	__u64 lost[RL_SLOTS_MAX + 1] = {0}; /* the last: of limits that are gone */
	int n;

	while ((n = next_batch(from)) > 0) {
		for (int i = 0; i < n; i++) {
			const struct rl_state *st = &from->state[i];

			if (!dp_states_put(dp, presence, from->fingerprint[i], st)) {
				ret->kept++;
			} else {
				ret->lost++;
				lost[dp_slot_of(dp, st->key.limit_id)]++;
			}
		}
	}
	count_lost(dp, lost);
	return n;
}

int dp_states_copy(struct dp *dp, int from_fd, struct dp_moved *ret)
{
	struct bpf_map *map = dp->skel->maps.presence;
	__u64 *presence = dp_memory_map(map, 0, bpf_map__max_entries(map));
	struct dp_scan *from = calloc(1, sizeof(*from));
	int r = -ENOMEM;

	*ret = (struct dp_moved){0};
	if (from && presence) {
		from->fd = from_fd;
		r = copy_states(dp, from, presence, ret);
	}
	dp_memory_unmap(map, presence, bpf_map__max_entries(map));
	free(from);
	return r;
}

int dp_states_count(struct dp *dp, __u64 ret[static RL_SLOTS_MAX])
{
	struct dp_scan *s = calloc(1, sizeof(*s));
	int n = s ? 0 : -ENOMEM;

	memset(ret, 0, RL_SLOTS_MAX * sizeof(*ret));
	if (s)
		s->fd = bpf_map__fd(dp->skel->maps.states);
	while (s && (n = next_batch(s)) > 0) {
		for (int i = 0; i < n; i++) {
			__u32 slot = dp_slot_of(dp, s->state[i].key.limit_id);

			if (slot < RL_SLOTS_MAX)
				ret[slot]++;
		}
	}
	free(s);
	return n;
}
