// SPDX-License-Identifier: GPL-2.0-only
/* Publishing rule sets: write a free generation, flip `active`, and let the former one rest for a
 * grace period.
 *
 *   1. Generations in `waiting` or `dying` are never written.
 *   2. `dying` ones were unpublished before the grace period began that the thread waits for.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf/state/key.h"
#include "dp/fill.h"

/* Mapped beside the active one: for changes in a row the one that waits, and the next. */
#define MAPPED_OTHERS 2

/* To map one takes longer than to fill it, so a mapped one comes first. */
static __u32 generation_free(const struct dp *dp)
{
	__u32 taken = dp->waiting | dp->dying | 1u << dp->control->active;
	__u32 ret = RL_GENERATIONS;

	for (__u32 g = 0; g < RL_GENERATIONS; g++) {
		if (!(taken & 1u << g) && (ret == RL_GENERATIONS || dp->rules[g]))
			ret = g;
	}
	return ret;
}

bool dp_can_publish(const struct dp *dp)
{
	return generation_free(dp) < RL_GENERATIONS;
}

void dp_rules_copy(struct rl_rules *to, const struct rl_rules *from, __u32 rows)
{
	memcpy(to, from, offsetof(struct rl_rules, row_proto));
#define X(dim, field, values)                                                                      \
	if (from->dims & 1u << RL_DIM_##dim)                                                       \
		memcpy(to->field, from->field, sizeof(to->field));
	RL_MAPS(X)
#undef X
	memcpy(to->row, from->row, rows * sizeof(to->row[0]));
	memcpy(to->limit, from->limit, from->limits * sizeof(to->limit[0]));
}

static __u32 *set_id(struct rl_rules *r, enum dp_set set)
{
	__u32 *id[DP_SET_COUNT] = {&r->allow_set, &r->deny_set, &r->source_set,
				   &r->destination_set};

	return id[set];
}

static void kick(struct dp *dp)
{
	if (dp->dying || !dp->waiting)
		return;
	dp->dying = dp->waiting;
	dp->waiting = 0;
	for (__u32 s = 0; s < RL_SLOTS_MAX; s++) {
		if (dp->slot_state[s] == 1)
			dp->slot_state[s] = 2;
	}
	pthread_mutex_lock(&dp->grace.lock);
	dp->grace.wanted = true;
	dp->grace.sweep = dp->sets_dead;
	dp->sets_dead = false;
	dp->grace.dead.below = dp->identity->next_set_id;
	for (int s = 0; s < DP_SET_COUNT; s++)
		dp->grace.dead.live[s] = *set_id(dp->rules[dp->control->active], s);
	for (int s = 0; s < DP_LISTS; s++)
		dp->grace.dead.live[DP_SET_COUNT + s] = dp->fill ? dp->fill->id[s] : 0;
	pthread_cond_signal(&dp->grace.wake);
	pthread_mutex_unlock(&dp->grace.lock);
}

/* Writes a rule set into a generation that no packet reads. */
static int fill(struct dp *dp, struct rl_rules *new, const struct dp_ruleset *set, struct diag *d)
{
	struct rl_rules *old = dp->rules[dp->control->active];
	int r;

	dp_rules_copy(new, set->rules, set->rows_used);
	dp_identity_note(dp, set->rules);
	for (__u32 i = 0; i < new->limits; i++)
		rl_seal(&new->limit[i], dp->control->secret);
	dp_spread_divide(dp, new);
	r = dp_filter_fill(dp, set, new, d);
	for (int s = 0; s < DP_LISTS; s++) {
		*set_id(new, s) = dp_fill_id(set->lists, s, *set_id(old, s));
		dp->sets_dead |= *set_id(new, s) != *set_id(old, s);
	}
	for (int s = DP_LISTS; s < DP_SET_COUNT && !r; s++) {
		*set_id(new, s) = *set_id(old, s);
		if (!dp_sets_same(dp, s, set->set[s]))
			r = dp_sets_fill(dp, set->set[s], set_id(new, s), d);
		dp->sets_dead |= r || *set_id(new, s) != *set_id(old, s);
	}
	if (new->allow_set || new->deny_set || new->ban_prefixes)
		new->flags |= RL_RULES_SOURCES;
	new->generation = old->generation + 1;
	if (!r)
		new->front_mark = dp_front_mark(dp, old, new);
	return r;
}

/* All but the active one and so many others. */
static void unmap_generations(struct dp *dp, unsigned others)
{
	for (__u32 i = 0; i < RL_GENERATIONS; i++) {
		if (!dp->rules[i] || i == dp->control->active)
			continue;
		if (others) {
			others--;
			continue;
		}
		dp_memory_unmap(dp->skel->maps.rules, dp->rules[i], 1);
		dp->rules[i] = NULL;
	}
}

static struct rl_rules *map_generation(struct dp *dp, __u32 g)
{
	if (dp->rules[g])
		return dp->rules[g];
	unmap_generations(dp, MAPPED_OTHERS - 1);
	return dp->rules[g] = dp_memory_map(dp->skel->maps.rules, g, 1);
}

static void activate(struct dp *dp, __u32 g)
{
	dp->filter_of[g] = dp->rules[g]->filter;
	dp->identity->front_mark = dp->rules[g]->front_mark;
	__atomic_store_n(&dp->control->active, g, __ATOMIC_RELEASE);
}

/* The rules come before the program that reads them: its maps may be new ones without any. */
static int take_over(struct dp *dp, __u32 g, struct diag *d)
{
	__u32 old = dp->control->active;
	int r;

	activate(dp, g);
	r = dp_links_switch(dp, d);
	if (r)
		activate(dp, old);
	dp->waiting |= 1u << (r ? g : old);
	kick(dp);
	return r;
}

int dp_publish(struct dp *dp, const struct dp_ruleset *set, struct diag *d)
{
	__u32 g = generation_free(dp);
	struct rl_rules *new;
	int r;

	if (g == RL_GENERATIONS) {
		return diag_errno(d, EAGAIN, "all rule sets wait for a grace period");
	}
	new = map_generation(dp, g);
	if (!new)
		return dp_fail(d, errno, "cannot map a rule set");
	r = fill(dp, new, set, d);
	if (!r)
		r = take_over(dp, g, d);
	if (r)
		return r;
	for (int s = DP_LISTS; s < DP_SET_COUNT; s++)
		dp_sets_remember(dp, s, set->set[s]);
	if (set->lists)
		set->lists->published = true;
	dp_move_begin(dp);
	return 0;
}

int dp_grace_fd(const struct dp *dp)
{
	return dp->grace.done_fd;
}

void dp_grace_done(struct dp *dp)
{
	__u64 n;

	if (read(dp->grace.done_fd, &n, sizeof(n)) != sizeof(n))
		return;
	dp->dying = 0;
	for (__u32 s = 0; s < RL_SLOTS_MAX; s++) {
		if (dp->slot_state[s] == 2) {
			dp->slot_state[s] = 0;
			dp->slot_id[s] = 0;
		}
	}
	kick(dp);
	if (!dp->dying) /* at rest one is enough for the next change */
		unmap_generations(dp, 1);
}
