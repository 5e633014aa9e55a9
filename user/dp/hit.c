// SPDX-License-Identifier: GPL-2.0-only
/* Hits that no packet brings, by the program that judges them (bpf/hit.bpf.h). */
#include <errno.h>

#include "dp/internal.h"

int dp_hit(struct dp *dp, struct rl_hit *hits, size_t count)
{
	__u32 size = (__u32)(count * sizeof(*hits));
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = hits, .data_size_in = size, .data_out = hits,
		    .data_size_out = size, .repeat = 1);
	int r;

	if (!count || count > RL_HITS_MAX)
		return -EINVAL;
	r = bpf_prog_test_run_opts(bpf_program__fd(dp->skel->progs.rld_hit), &run);
	if (r)
		return r;
	return run.retval == XDP_PASS && run.data_size_out == size ? 0 : -EIO;
}
