/* SPDX-License-Identifier: GPL-2.0-only */
/* The data path in memory: counters, sources, bans and events. */
#include "fake_dp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define PIECE 8 /* sources that a scan gives at once, few so that it takes turns */

struct dp_scan {
	size_t at;
	struct rl_key key[PIECE];
	struct rl_state state[PIECE];
};

void fake_dp_table(void)
{
}

struct fake_source *fake_dp_source(const char *limit, const char *addr)
{
	struct fake_dp *fake = fake_dp();
	struct fake_source *source = &fake->source[fake->sources];

	*source = (struct fake_source){.state = {.fingerprint = fake->sources + 1}};
	for (__u32 i = 0; i < fake->rules.limits; i++)
		if (!strcmp(fake->rules.limit[i].name, limit))
			source->key.limit_id = fake->rules.limit[i].id;
	if (!source->key.limit_id || addr_parse(addr, strlen(addr), &source->key.source))
		abort();
	source->state.key = source->key;
	source->state.first_seen = source->state.last_seen = time_mono_ns();
	fake->sources++;
	return source;
}

int dp_iface_counters(struct dp *dp, __u32 slot, struct rl_iface_counters *ret)
{
	*ret = fake_dp()->iface_counters[slot];
	return 0;
}

int dp_limit_counters(struct dp *dp, struct rl_limit_counters ret[static RL_SLOTS_MAX])
{
	memcpy(ret, fake_dp()->limit_counters, sizeof(fake_dp()->limit_counters));
	return 0;
}

int dp_losses(struct dp *dp, struct rl_losses *ret)
{
	*ret = fake_dp()->losses;
	return 0;
}

int dp_scan_open(struct dp *dp, struct dp_scan **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

int dp_scan_next(struct dp_scan *scan, const struct rl_key **ret_keys,
		 const struct rl_state **ret_states)
{
	int count = 0;

	for (; count < PIECE && scan->at < fake_dp()->sources; count++, scan->at++) {
		scan->key[count] = fake_dp()->source[scan->at].key;
		scan->state[count] = fake_dp()->source[scan->at].state;
	}
	*ret_keys = scan->key;
	*ret_states = scan->state;
	return count;
}

void dp_scan_close(struct dp_scan *scan)
{
	free(scan);
}

static struct fake_source *find(const struct rl_key *key)
{
	for (size_t i = 0; i < fake_dp()->sources; i++)
		if (fake_dp()->source[i].state.fingerprint != RL_DEAD &&
		    !memcmp(&fake_dp()->source[i].key, key, sizeof(*key)))
			return &fake_dp()->source[i];
	return NULL;
}

int dp_lookup(struct dp *dp, const struct rl_key *key, struct rl_state *ret)
{
	const struct fake_source *source = find(key);

	if (!source)
		return -ENOENT;
	*ret = source->state;
	return 0;
}

/* The program is not here: whoever asks is told that there is no such limit. */
int dp_hit(struct dp *dp, struct rl_hit *hits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hits[i].answer = RL_NO_ANSWER;
	return 0;
}

int dp_sweep(struct dp *dp, enum rl_sweep_op op, const struct rl_key *keys, size_t count,
	     __u64 cutoff_ns, size_t *ret_deleted)
{
	size_t deleted = 0;

	for (size_t i = 0; i < count; i++) {
		struct fake_source *source = find(&keys[i]);

		if (!source || (op == RL_SWEEP_EXPIRE && source->state.last_seen >= cutoff_ns))
			continue;
		source->state.fingerprint = RL_DEAD; /* scans go on beside it */
		deleted++;
	}
	*ret_deleted = deleted;
	return 0;
}

int dp_log_inside(struct dp *dp, const struct rl_key *key, const struct rl_state *st,
		  const struct rl_limit *limit, unsigned window, __u64 now_ns, __u64 *ret_inside,
		  __u64 *ret_leaves_ns)
{
	return -ENOENT;
}

static void lift(dp_lift_fn fn, void *ctx)
{
	struct fake_dp *fake = fake_dp();

	for (size_t i = 0; i < fake->bans; i++)
		if (fn(ctx, &fake->ban[i].key, &fake->ban[i].ban))
			fake->ban[i--] = fake->ban[--fake->bans];
	fake->control.bans = (__u32)fake->bans;
}

void dp_bans_lift_some(struct dp *dp, dp_lift_fn fn, void *ctx)
{
	lift(fn, ctx);
}

int dp_bans_lift_piece(struct dp *dp, struct dp_bans_at *at, dp_lift_fn fn, void *ctx)
{
	lift(fn, ctx);
	return 0;
}

int dp_bans_look(struct dp *dp, struct dp_bans_at *at, dp_ban_fn look, void *ctx)
{
	for (size_t i = 0; i < fake_dp()->bans; i++)
		look(ctx, &fake_dp()->ban[i].key, &fake_dp()->ban[i].ban);
	return 0;
}

int dp_put_open(struct dp *dp, struct dp_put **ret)
{
	*ret = NULL;
	return 0;
}

int dp_put_state(struct dp_put *put, const struct rl_limit *limit, const struct rl_state *state)
{
	struct fake_dp *fake = fake_dp();
	struct fake_source *source = &fake->source[fake->sources];

	if (fake->sources == FAKE_SOURCES)
		return -E2BIG;
	*source = (struct fake_source){.key = state->key, .state = *state};
	source->key.limit_id = source->state.key.limit_id = limit->id;
	source->state.fingerprint = ++fake->sources;
	return 0;
}

int dp_put_ban(struct dp_put *put, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	struct fake_dp *fake = fake_dp();

	if (fake->bans == FAKE_BANS)
		return -E2BIG;
	fake->ban[fake->bans++] = (struct fake_ban){*key, *ban};
	fake->control.bans = (__u32)fake->bans;
	return 0;
}

void dp_put_close(struct dp_put *put)
{
}

int dp_events(struct dp *dp, void (*handle)(void *ctx, const struct rl_event *event), void *ctx)
{
	struct fake_dp *fake = fake_dp();
	int count = (int)fake->events;

	for (size_t i = 0; i < fake->events; i++)
		handle(ctx, &fake->event[i]);
	fake->events = 0;
	return count;
}

int dp_run(struct dp *dp, const void *frame, size_t len, __u64 now_ns)
{
	return -ENOSYS;
}

int dp_run_iface(struct dp *dp, __u32 slot, enum rl_link link)
{
	return -ENOSYS;
}

int dp_explain(struct dp *dp, const void *frame, size_t len, __u32 slot, struct dp_explained *ret,
	       struct diag *d)
{
	*ret = fake_dp()->explained;
	return 0;
}

bool dp_moving(const struct dp *dp)
{
	return false;
}

int dp_move_some(struct dp *dp, struct dp_moved *ret, struct diag *d)
{
	return 0;
}
