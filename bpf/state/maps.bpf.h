/* SPDX-License-Identifier: GPL-2.0-only */
/* Every map of the object. All are pinned by name, so that the next daemon finds them. */
#ifndef RL_MAPS_BPF_H
#define RL_MAPS_BPF_H

#include <bpf/bpf_helpers.h>

#include "rl/abi.h"

/* What the daemon sets before it loads. Apart from the tables, of which each clang makes others, so
 * that the places are the same whichever compiled it. */
#define rl_setting const volatile SEC(".rodata.settings")

/* The states of another table are being moved into this one (states.bpf.h). */
rl_setting __u32 rl_moves = 0;

#define RL_ARRAY(map, type_, value_, entries_, flags_)                                             \
	struct {                                                                                   \
		__uint(type, type_);                                                               \
		__uint(map_flags, flags_);                                                         \
		__uint(max_entries, entries_);                                                     \
		__type(key, __u32);                                                                \
		__type(value, value_);                                                             \
	} map SEC(".maps")

RL_ARRAY(control, BPF_MAP_TYPE_ARRAY, struct rl_control, 1, BPF_F_MMAPABLE);
RL_ARRAY(identity, BPF_MAP_TYPE_ARRAY, struct rl_identity, 1, BPF_F_MMAPABLE);
RL_ARRAY(rules, BPF_MAP_TYPE_ARRAY, struct rl_rules, RL_GENERATIONS, BPF_F_MMAPABLE);
RL_ARRAY(filters, BPF_MAP_TYPE_ARRAY, struct rl_filter, RL_FILTERS, BPF_F_MMAPABLE);
RL_ARRAY(iface_counters, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_iface_counters, RL_IFACES_MAX, 0);
RL_ARRAY(exempt, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_exempt, RL_IFACES_MAX, 0);
RL_ARRAY(limit_counters, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_limit_counters, RL_SLOTS_MAX, 0);
RL_ARRAY(limit_budgets, BPF_MAP_TYPE_ARRAY, struct rl_limit_budget, RL_SLOTS_MAX, 0);
RL_ARRAY(peers, BPF_MAP_TYPE_ARRAY, struct rl_peers, 1, BPF_F_MMAPABLE);
RL_ARRAY(losses, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_losses, 1, 0);
RL_ARRAY(sweep, BPF_MAP_TYPE_ARRAY, struct rl_sweep, 1, BPF_F_MMAPABLE);
/* As many buckets as the mask below says, a power of two that follows from sources-max. */
RL_ARRAY(front, BPF_MAP_TYPE_ARRAY, struct rl_front_bucket, 32768, BPF_F_MMAPABLE);
RL_ARRAY(hot, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_hot, 1, 0);
/* As many words as its mask says (presence.bpf.h); from sources-max, too. */
RL_ARRAY(presence, BPF_MAP_TYPE_ARRAY, __u64, 32768, BPF_F_MMAPABLE);
/* Overflow buckets: one for each limit slot, and those that limits divide among them
 * (rl_limit.spread_first), of which there are more with more sources-max. */
RL_ARRAY(shared, BPF_MAP_TYPE_ARRAY, struct rl_overflow, RL_SLOTS_MAX, 0);
RL_ARRAY(spread, BPF_MAP_TYPE_ARRAY, struct rl_overflow, 4096, 0);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536); /* sources-max */
	__type(key, __u64);	    /* the fingerprint of the state's key */
	__type(value, struct rl_state);
} states SEC(".maps");

/* While the sources of another sources-max are moved: their table and its front table
 * (states.bpf.h, move.bpf.h). Else one element that nobody looks for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct rl_state);
} states_old SEC(".maps");
RL_ARRAY(front_old, BPF_MAP_TYPE_ARRAY, struct rl_front_bucket, 1, BPF_F_MMAPABLE);
RL_ARRAY(move, BPF_MAP_TYPE_ARRAY, struct rl_move, 1, BPF_F_MMAPABLE);

/* Logs of moving windows: preallocated, since memory for a new one takes 42 us to find. Where all
 * are taken the limit's on-full policy holds. */
#define RL_LOGS(map, value_, entries_)                                                             \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, entries_);                                                     \
		__type(key, __u64);                                                                \
		__type(value, value_);                                                             \
	} map SEC(".maps")

RL_LOGS(logs16, struct rl_log16, 8192);
RL_LOGS(logs64, struct rl_log64, 4096);
RL_LOGS(logs256, struct rl_log256, 2048);
RL_LOGS(logs1024, struct rl_log1024, 512);
/* What new elements are copied from. Of a log only `owner` matters. */
RL_ARRAY(state_template, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_state_template, 1, 0);
RL_ARRAY(log_template, BPF_MAP_TYPE_PERCPU_ARRAY, struct rl_log1024, 1, 0);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4 << 20);
	__type(key, struct rl_prefix);
	__type(value, struct rl_prefix_value);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RL_BANS_MAX);
	__type(key, struct rl_ban_key);
	__type(value, struct rl_ban);
} bans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

static __always_inline struct rl_losses *rl_losses(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&losses, &zero);
}

#endif
