/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the front table holds a source. The rest: front.h. */
#ifndef RL_FRONT_BPF_H
#define RL_FRONT_BPF_H

#include "bpf/quick/front.h"
#include "bpf/state/maps.bpf.h"

/* Buckets of the table, less one. Frozen at load. */
rl_setting __u32 rl_front_mask = 0;

static __always_inline struct rl_front_bucket *rl_front_bucket(__u64 fingerprint)
{
	__u32 place = fingerprint & rl_front_mask;

	return bpf_map_lookup_elem(&front, &place);
}

#endif
