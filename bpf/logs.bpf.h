/* SPDX-License-Identifier: GPL-2.0-only */
/* The logs of moving windows: made before their state, deleted before it, while it is marked dead.
 *
 *   1. A log is read and written only under the lock of its state, whose fingerprint was compared
 * there.
 *   2. A log that was recycled under a CPU is told by its owner. One that is just being recycled
 * may take a stray time stamp, in a place that its new owner has not counted yet.
 */
#ifndef RL_LOGS_BPF_H
#define RL_LOGS_BPF_H

#include "maps.bpf.h"
#include "packet.h"

static __always_inline __u64 rl_log_owner(__u64 fingerprint, __u32 window)
{
	return fingerprint + window + 1;
}

/* The 4 bits of rl_state.logs for a window. */
static __always_inline __u32 rl_log_bits(const struct rl_limit *limit, __u32 window)
{
	return (1 + RL_LOG_CLASS(limit->window[window].amount)) << (4 * window);
}

static __always_inline long rl_log_put(__u32 class, const struct rl_key *key, const void *value)
{
	switch (class) {
	case 0:
		return bpf_map_update_elem(&logs16, key, value, BPF_ANY);
	case 1:
		return bpf_map_update_elem(&logs64, key, value, BPF_ANY);
	case 2:
		return bpf_map_update_elem(&logs256, key, value, BPF_ANY);
	default:
		return bpf_map_update_elem(&logs1024, key, value, BPF_ANY);
	}
}

static __always_inline void rl_log_delete(__u32 class, const struct rl_key *key)
{
	switch (class) {
	case 0:
		bpf_map_delete_elem(&logs16, key);
		break;
	case 1:
		bpf_map_delete_elem(&logs64, key);
		break;
	case 2:
		bpf_map_delete_elem(&logs256, key);
		break;
	default:
		bpf_map_delete_elem(&logs1024, key);
	}
}

/* Deletes the logs that `bits` names; `key` is the source's, its pad[0] is left changed. */
static __always_inline void rl_logs_delete(struct rl_key *key, __u32 bits)
{
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		__u32 class = bits >> (4 * i) & 15;

		key->pad[0] = i;
		if (class)
			rl_log_delete(class - 1, key);
	}
}

/* Makes the logs of all windows. Returns what to put into rl_state.logs, 0 if there is no room. */
static __always_inline __u32 rl_logs_make(const struct rl_limit *limit, struct rl_key *key,
					  __u64 fingerprint)
{
	__u32 zero = 0, bits = 0;
	struct rl_log1024 *fresh = bpf_map_lookup_elem(&log_template, &zero);

	if (!fresh)
		return 0;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		if (i >= limit->windows)
			break;
		key->pad[0] = i;
		fresh->owner = rl_log_owner(fingerprint, i);
		if (rl_log_put(RL_LOG_CLASS(limit->window[i].amount), key, fresh)) {
			rl_logs_delete(key, bits);
			return 0;
		}
		bits |= rl_log_bits(limit, i);
	}
	key->pad[0] = 0;
	return bits;
}

#endif
