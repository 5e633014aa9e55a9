/* SPDX-License-Identifier: GPL-2.0-only */
/* The logs of moving windows: made before their state, deleted before it, while it is marked dead.
 *
 *   1. A log is read and written only under the lock of its state, whose fingerprint was compared
 *      there.
 *   2. A log that was recycled under a CPU is told by its owner. One that is just being recycled
 *      may take a stray time stamp, in a place that its new owner has not counted yet.
 */
#ifndef RL_LOGS_BPF_H
#define RL_LOGS_BPF_H

#include <linux/errno.h>

#include "bpf/state/key.h"
#include "bpf/state/maps.bpf.h"

/* The class of a window's log, out of rl_limit.logs or rl_state.logs; more than RL_LOG_CLASSES:
 * none. */
static __always_inline __u32 rl_log_class(__u32 logs, __u32 window)
{
	return (logs >> (4 * window) & 15) - 1;
}

/* No long: before Linux 6.4 the upper half of a map's answer is not the sign's. */
static __always_inline int rl_log_put(__u32 class, const __u64 *owner, const void *value)
{
	switch (class) {
	case 0:
		return bpf_map_update_elem(&logs16, owner, value, BPF_NOEXIST);
	case 1:
		return bpf_map_update_elem(&logs64, owner, value, BPF_NOEXIST);
	case 2:
		return bpf_map_update_elem(&logs256, owner, value, BPF_NOEXIST);
	default:
		return bpf_map_update_elem(&logs1024, owner, value, BPF_NOEXIST);
	}
}

static __always_inline void rl_log_delete(__u32 class, const __u64 *owner)
{
	switch (class) {
	case 0:
		bpf_map_delete_elem(&logs16, owner);
		break;
	case 1:
		bpf_map_delete_elem(&logs64, owner);
		break;
	case 2:
		bpf_map_delete_elem(&logs256, owner);
		break;
	case 3:
		bpf_map_delete_elem(&logs1024, owner);
	}
}

static __always_inline void rl_logs_delete(__u64 fingerprint, __u32 logs)
{
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		__u64 owner = rl_log_owner(fingerprint, i);

		rl_log_delete(rl_log_class(logs, i), &owner);
	}
}

/* Makes the logs of all windows. Returns 0, or why there are none: -E2BIG, if there is no room. */
static __always_inline int rl_logs_make(const struct rl_limit *limit, __u64 fingerprint)
{
	__u32 zero = 0;
	struct rl_log1024 *fresh = bpf_map_lookup_elem(&log_template, &zero);
	int err;

	if (!fresh)
		return -ENOENT;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++) {
		__u64 owner = rl_log_owner(fingerprint, i);

		if (i >= limit->windows)
			break;
		fresh->owner = owner;
		err = rl_log_put(rl_log_class(limit->logs, i), &owner, fresh);
		/* One that is there is the same source's, and another CPU may have begun to fill
		 * it. */
		if (err && err != -EEXIST) {
			rl_logs_delete(fingerprint, limit->logs);
			return err;
		}
	}
	return 0;
}

#endif
