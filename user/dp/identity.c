// SPDX-License-Identifier: GPL-2.0-only
/* Limits' identities: ids that are never used again, and slots that are. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dp/internal.h"

void dp_identity_init(struct rl_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	identity->next_limit_id = 1;
	identity->next_set_id = 1;
	while (getrandom(identity->secret, sizeof(identity->secret), 0) != sizeof(identity->secret))
		;
}

static void note(struct rl_identity_limit *to, const struct rl_limit *limit)
{
	if (to->id == limit->id)
		return;
	__atomic_store_n(&to->id, 0, __ATOMIC_RELEASE);
	RL_COPY_SHAPE(to, limit);
	to->logs = limit->logs;
	for (int i = 0; i < RL_WINDOWS_MAX; i++)
		to->period_ns[i] = limit->window[i].period_ns;
	memcpy(to->name, limit->name, sizeof(to->name));
	__atomic_store_n(&to->id, limit->id, __ATOMIC_RELEASE);
}

void dp_identity_note(struct dp *dp, const struct rl_rules *rules)
{
	for (__u32 i = 0; i < rules->limits; i++)
		note(&dp->identity->limit[rules->limit[i].slot % RL_SLOTS_MAX], &rules->limit[i]);
}

bool dp_limit_of_slot(const struct dp *dp, __u32 slot, struct rl_limit *ret)
{
	const struct rl_identity_limit *from = &dp->identity->limit[slot];

	if (slot >= RL_SLOTS_MAX || !from->id)
		return false;
	*ret = (struct rl_limit){
		.id = from->id,
		.slot = slot,
		.logs = from->logs,
	};
	RL_COPY_SHAPE(ret, from);
	ret->windows %= RL_WINDOWS_MAX + 1;
	for (int i = 0; i < RL_WINDOWS_MAX; i++) {
		unsigned log = from->logs >> 4 * i & 15;

		ret->window[i].period_ns = from->period_ns[i];
		ret->window[i].amount = log ? RL_LOG_SIZE(log - 1) : 0;
	}
	memcpy(ret->name, from->name, sizeof(ret->name) - 1);
	return true;
}

/* What the rule set at work does not have was on its way in or out when its daemon ended. */
static bool is_at_work(const struct rl_rules *rules, __u32 id)
{
	for (__u32 i = 0; i < rules->limits && i < RL_LIMITS_MAX; i++)
		if (rules->limit[i].id == id)
			return true;
	return false;
}

/* Of two with one name the later is the one that was at work, or about to be. */
static bool has_successor(const struct rl_identity *identity, const struct rl_identity_limit *limit)
{
	for (__u32 s = 0; s < RL_SLOTS_MAX; s++)
		if (identity->limit[s].id > limit->id &&
		    !memcmp(identity->limit[s].name, limit->name, sizeof(limit->name)))
			return true;
	return false;
}

void dp_slots_adopt(struct dp *dp)
{
	const struct rl_rules *rules = dp_rules(dp);

	for (__u32 s = 0; s < RL_SLOTS_MAX; s++) {
		struct rl_identity_limit *limit = &dp->identity->limit[s];
		bool at_work =
			limit->id && (rules->generation ? is_at_work(rules, limit->id)
							: !has_successor(dp->identity, limit));

		if (!at_work)
			limit->id = 0;
		dp->slot_id[s] = limit->id;
	}
}

__u32 dp_slot_of(const struct dp *dp, __u32 limit_id)
{
	for (__u32 s = 0; s < RL_SLOTS_MAX; s++) {
		if (dp->slot_id[s] == limit_id)
			return s;
	}
	return RL_SLOTS_MAX;
}

static int slot_zero(struct dp *dp, __u32 slot)
{
	_cleanup_free_ struct rl_limit_counters *counters = calloc(dp->cpus, sizeof(*counters));
	struct rl_limit_budget budget = {};
	int r = counters ? 0 : -ENOMEM;

	if (!r &&
	    (bpf_map_update_elem(bpf_map__fd(dp->skel->maps.limit_counters), &slot, counters, 0) ||
	     bpf_map_update_elem(bpf_map__fd(dp->skel->maps.limit_budgets), &slot, &budget, 0)))
		r = -errno;
	return r;
}

int dp_limit_new(struct dp *dp, __u32 *ret_id, __u16 *ret_slot, struct diag *d)
{
	__u32 slot = dp_slot_of(dp, 0);
	int r;

	if (slot == RL_SLOTS_MAX) {
		return diag_errno(d, EAGAIN, "all counter slots wait for a grace period");
	}
	r = slot_zero(dp, slot);
	if (r)
		return dp_fail(d, r, "cannot reset a limit's counters");
	dp->slot_id[slot] = dp->identity->next_limit_id++;
	*ret_id = dp->slot_id[slot];
	*ret_slot = slot;
	return 0;
}

void dp_limit_retire(struct dp *dp, __u32 id, __u16 slot)
{
	if (slot >= RL_SLOTS_MAX || dp->slot_id[slot] != id)
		return;
	dp->slot_state[slot] = 1;
	dp->identity->limit[slot].id = 0;
	/* Its generation is waiting or dying already; another grace period is none too many. */
	if (!dp->waiting)
		dp->waiting = dp->dying;
}
