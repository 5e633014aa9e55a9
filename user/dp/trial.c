// SPDX-License-Identifier: GPL-2.0-only
/* An instance of the object with rules of its own: loading it, and its rule sets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bpf/quick/front.h"
#include "bpf/state/key.h"
#include "dp/trial_internal.h"

/* Filters are large, and those at work are shared: no rule set names any, it is out of the map, so
 * each address is looked up. */
#define NO_FILTER RL_FILTERS

static int set_up(struct rl *skel, const struct rl *live)
{
	skel->rodata_settings->rl_test_clock = 1;
	dry_make_small(skel);
	bpf_program__set_autoload(skel->progs.rld_sweep, false);
	bpf_program__set_autoload(skel->progs.rld_hit, false);
	bpf_map__set_autocreate(skel->maps.sweep, false);
	bpf_map__set_autocreate(skel->maps.identity, false);
	bpf_map__set_max_entries(skel->maps.rules, DP_TRIAL_SETS);
	bpf_map__set_max_entries(skel->maps.filters, 1);
	return live ? bpf_map__reuse_fd(skel->maps.filters, bpf_map__fd(live->maps.filters)) : 0;
}

static int begin_to_load(struct dp_trial *trial)
{
	struct rl *skel;
	int r;

	dp_capture_messages();
	skel = dp_object_open();
	if (!skel)
		return -ENOMEM;
	r = set_up(skel, trial->live);
	if (!r)
		return dp_loader_start(&trial->loader, skel);
	rl__destroy(skel);
	return r;
}

int dp_trial_open(struct dp *dp, struct dp_trial **ret, struct diag *d)
{
	struct dp_trial *trial = calloc(1, sizeof(*trial));
	int r;

	if (!trial)
		return diag_errno(d, ENOMEM, "out of memory");
	trial->live = dp ? dp->skel : NULL;
	trial->own.cpus = libbpf_num_possible_cpus();
	trial->own.identity = calloc(1, sizeof(*trial->own.identity));
	trial->zeros = calloc(trial->own.cpus, sizeof(struct rl_call));
	trial->calls = calloc(trial->own.cpus, sizeof(struct rl_call));
	r = trial->own.identity && trial->zeros && trial->calls ? begin_to_load(trial) : -ENOMEM;
	if (r) {
		dp_trial_close(trial);
		return dp_fail(d, r, "cannot load the BPF program to try rules");
	}
	trial->own.identity->next_set_id = 1;
	*ret = trial;
	return 0;
}

void dp_trial_rest(struct dp_trial *trial)
{
	struct rl *skel = trial->own.skel;

	if (!skel)
		return;
	dp_memory_unmap(skel->maps.control, trial->own.control, 1);
	for (unsigned nth = 0; nth < DP_TRIAL_SETS; nth++) {
		dp_memory_unmap(skel->maps.rules, trial->rules[nth], 1);
		trial->rules[nth] = NULL;
	}
	dp_memory_unmap(skel->maps.front, trial->front, DRY_BUCKETS);
	dp_memory_unmap(skel->maps.peers, trial->peers, 1);
	trial->own.control = NULL;
	trial->front = NULL;
	trial->peers = NULL;
}

static void unload(struct dp_trial *trial)
{
	dp_trial_rest(trial);
	rl__destroy(trial->own.skel);
	trial->own.skel = NULL;
}

void dp_trial_close(struct dp_trial *trial)
{
	if (!trial)
		return;
	dp_loader_drop(&trial->loader);
	unload(trial);
	free(trial->own.identity);
	free(trial->zeros);
	free(trial->calls);
	free(trial);
}

bool dp_trial_ready(struct dp_trial *trial)
{
	return !trial || dp_loader_done(&trial->loader);
}

void dp_trial_leave(struct dp_trial *trial)
{
	if (dp_trial_ready(trial))
		dp_trial_close(trial);
}

static int map(struct dp_trial *trial)
{
	struct rl *skel = trial->own.skel;

	if (trial->own.control)
		return 0;
	trial->own.control = dp_memory_map(skel->maps.control, 0, 1);
	trial->front = dp_memory_map(skel->maps.front, 0, DRY_BUCKETS);
	trial->peers = dp_memory_map(skel->maps.peers, 0, 1);
	return trial->own.control && trial->front && trial->peers ? 0 : -ENOMEM;
}

static int take_loaded(struct dp_trial *trial)
{
	int r = trial->loader.skel ? 0 : begin_to_load(trial);

	if (!r)
		r = dp_loader_take(&trial->loader, &trial->own.skel);
	if (!r)
		r = map(trial);
	if (!r && getrandom(trial->own.control->secret, sizeof(trial->own.control->secret), 0) < 0)
		r = -errno;
	return r ? r : dry_fill_presence(trial->own.skel);
}

/* What has failed is tried once more when it is asked for again. */
static int be_loaded(struct dp_trial *trial, struct diag *d)
{
	int r = trial->own.skel ? map(trial) : take_loaded(trial);

	if (!r)
		return 0;
	unload(trial);
	return dp_fail(d, r, "cannot load the BPF program to try rules");
}

static bool is_named(const struct dp_trial *trial, __u32 id)
{
	for (unsigned nth = 0; nth < DP_TRIAL_SETS; nth++)
		for (int s = 0; s < DP_SET_COUNT; s++)
			if (trial->set[nth][s] == id)
				return true;
	return false;
}

/* A key is asked for its successor before it goes. */
static void sweep_sets(const struct dp_trial *trial)
{
	int fd = bpf_map__fd(trial->own.skel->maps.prefixes);
	struct rl_prefix at, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &at);

	while (more) {
		more = !bpf_map_get_next_key(fd, &at, &next);
		if (!is_named(trial, at.set))
			bpf_map_delete_elem(fd, &at);
		at = next;
	}
}

static int fill_sets(struct dp_trial *trial, unsigned nth, const struct dp_ruleset *set,
		     struct diag *d)
{
	int r = 0;

	memset(trial->set[nth], 0, sizeof(trial->set[nth]));
	sweep_sets(trial);
	for (int s = 0; s < DP_SET_COUNT && !r; s++)
		r = dp_sets_fill(&trial->own, set->set[s], &trial->set[nth][s], d);
	return r;
}

static void make_identities(struct dp_trial *trial, struct rl_rules *rules)
{
	for (__u32 i = 0; i < rules->limits; i++) {
		struct rl_limit *limit = &rules->limit[i];

		limit->id = i + 1;
		limit->slot = (__u16)i;
		limit->spread_first = limit->spread_mask = 0;
		rl_seal(limit, trial->own.control->secret);
	}
}

int dp_trial_rules(struct dp_trial *trial, unsigned nth, const struct dp_ruleset *set,
		   struct diag *d)
{
	struct rl_rules *rules;
	int r = be_loaded(trial, d);

	if (!r)
		r = fill_sets(trial, nth, set, d);
	if (r)
		return r;
	if (!trial->rules[nth])
		trial->rules[nth] = dp_memory_map(trial->own.skel->maps.rules, nth, 1);
	rules = trial->rules[nth];
	if (!rules)
		return dp_fail(d, errno, "cannot map a rule set");
	dp_rules_copy(rules, set->rules, set->rows_used);
	make_identities(trial, rules);
	rules->allow_set = trial->set[nth][DP_SET_ALLOW];
	rules->source_set = trial->set[nth][DP_SET_SOURCE];
	rules->destination_set = trial->set[nth][DP_SET_DESTINATION];
	rules->filter = NO_FILTER;
	rules->flags |= RL_RULES_SOURCES;
	rules->generation = 1;
	rules->front_mark = (__u64)(nth + 1) << RL_FRONT_MARK_SHIFT;
	return 0;
}
