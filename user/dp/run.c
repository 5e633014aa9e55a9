/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames through the program by hand, with a clock of the caller's. */
#include <errno.h>

#include "dp/internal.h"

/* What a test run without a context is received by: the loopback of the network namespace. */
#define RUN_IFINDEX 1

int dp_run(struct dp *dp, const void *frame, size_t len, __u64 now_ns)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = (__u32)len,
		    .repeat = 1);
	int r;

	dp->control->test_now = now_ns;
	dp->control->heartbeat = now_ns;
	r = bpf_prog_test_run_opts(bpf_program__fd(dp->skel->progs.rld), &run);
	return r == -EINVAL || r == -ENOMEM || r == -E2BIG ? -EMSGSIZE : r;
}

int dp_run_iface(struct dp *dp, __u32 slot)
{
	return dp_place_set(dp, RUN_IFINDEX, slot);
}
