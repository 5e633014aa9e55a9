// SPDX-License-Identifier: GPL-2.0-only
/* Sums of the counters that the program keeps. */
#include "rld/sources/totals.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void add(struct rl_counter *to, const struct rl_counter *from)
{
	to->packets += from->packets;
	to->bytes += from->bytes;
}

static void add_counters(struct rl_iface_counters *to, const struct rl_iface_counters *from)
{
	for (int reason = 0; reason < RL_REASON_COUNT; reason++)
		for (int verdict = 0; verdict < RL_VERDICT_COUNT; verdict++)
			add(&to->reason[reason][verdict], &from->reason[reason][verdict]);
}

void totals_by_verdict(const struct rl_iface_counters *of,
		       struct rl_counter ret[static RL_VERDICT_COUNT])
{
	memset(ret, 0, RL_VERDICT_COUNT * sizeof(*ret));
	for (int reason = 0; reason < RL_REASON_COUNT; reason++)
		for (int verdict = 0; verdict < RL_VERDICT_COUNT; verdict++)
			add(&ret[verdict], &of->reason[reason][verdict]);
}

__u64 totals_of_reason(const struct rl_iface_counters *of, unsigned reason)
{
	__u64 packets = 0;

	for (int verdict = 0; verdict < RL_VERDICT_COUNT; verdict++)
		packets += of->reason[reason][verdict].packets;
	return packets;
}

void totals_of_ifaces(struct rld *rld, struct rl_iface_counters *ret)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);
	struct rl_iface_counters one;

	memset(ret, 0, sizeof(*ret));
	if (!dp_iface_counters(rld->dp, 0, &one))
		add_counters(ret, &one);
	for (size_t i = 0; i < count; i++)
		if (!dp_iface_counters(rld->dp, v[i].slot, &one))
			add_counters(ret, &one);
}

__u64 totals_sources_of(const struct rl_limit_counters *counters)
{
	return counters->created > counters->expired ? counters->created - counters->expired : 0;
}

struct rl_limit_counters *totals_of_limits(struct rld *rld)
{
	struct rl_limit_counters *v = calloc(RL_SLOTS_MAX, sizeof(*v));

	if (v && dp_limit_counters(rld->dp, v)) {
		free(v);
		return NULL;
	}
	return v;
}

__u64 totals_tracked(struct rld *rld, __u64 *ret_created)
{
	_cleanup_free_ struct rl_limit_counters *v = totals_of_limits(rld);
	struct rl_losses losses = {0};
	__u64 sum = 0;
	__u64 created = 0;

	for (size_t i = 0; v && i < rld->conf->limits; i++) {
		const struct rl_limit_counters *one =
			&v[rld->conf->limit[i]->abi.slot % RL_SLOTS_MAX];

		sum += totals_sources_of(one);
		created += one->created;
	}
	/* What packets forgot while there was no daemon is counted for all limits together. */
	dp_losses(rld->dp, &losses);
	if (ret_created)
		*ret_created = created;
	return sum > losses.swept ? sum - losses.swept : 0;
}
