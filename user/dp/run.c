// SPDX-License-Identifier: GPL-2.0-only
/* Frames through the program by hand, with a clock of the caller's. */
#include <errno.h>

#include "dp/internal.h"

int dp_run_once(const struct rl *skel, const void *frame, size_t len)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = (__u32)len,
		    .repeat = 1);
	int r = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.rld), &run);

	return r == -EINVAL || r == -ENOMEM || r == -E2BIG ? -EMSGSIZE : r;
}

int dp_run(struct dp *dp, const void *frame, size_t len, __u64 now_ns)
{
	dp->control->test_now = now_ns;
	dp->control->heartbeat = now_ns;
	return dp_run_once(dp->skel, frame, len);
}

int dp_run_iface(struct dp *dp, __u32 slot, enum rl_link link)
{
	return dp_place_set(dp, DP_RUN_IFINDEX, slot, link);
}
