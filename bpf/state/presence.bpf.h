/* SPDX-License-Identifier: GPL-2.0-only */
/* The presence filter at work. */
#ifndef RL_PRESENCE_BPF_H
#define RL_PRESENCE_BPF_H

#include "bpf/state/maps.bpf.h"
#include "bpf/state/presence.h"

/* Words of the filter, less one. Frozen at load. */
rl_setting __u32 rl_presence_mask = 0;

static __always_inline __u64 *rl_presence_word(__u64 fingerprint)
{
	__u32 place = rl_present_word(fingerprint) & rl_presence_mask;

	return bpf_map_lookup_elem(&presence, &place);
}

/* False only if the source has no state. It does not count what is still in the old table. */
static __always_inline int rl_may_be_present(__u64 fingerprint)
{
	__u64 *word = rl_presence_word(fingerprint);

	return rl_moves || !word || rl_present_count(*(volatile __u64 *)word, fingerprint);
}

static __always_inline void rl_present(__u64 fingerprint)
{
	__u64 *word = rl_presence_word(fingerprint);

	if (word)
		__sync_fetch_and_add(word, rl_present_one(*word, fingerprint));
}

static __always_inline void rl_absent(__u64 fingerprint)
{
	__u64 *word = rl_presence_word(fingerprint);

	if (word)
		__sync_fetch_and_add(word, -rl_present_one(*word, fingerprint));
}

#endif
