// SPDX-License-Identifier: GPL-2.0-only
/* Sends frames out of a device as fast as one CPU can, without leaving the kernel:
 *
 *   generate DEV MAC KIND ORDER SOURCES SECONDS CPU
 *
 * until SIGINT or SECONDS have passed; prints how many. One system call does it all, since each
 * call costs 20 ms of waiting for a grace period.
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "tests/bench/setup.h"
/* Behind it, since it uses the types of plan.h. */
#include "tests/bench/bench.skel.h"

#define BATCH 256

static void on_signal(int signal)
{
}

/* The call into the kernel ends at any signal that has a handler. */
static void catch_signals(unsigned seconds)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(seconds);
}

static void send_all(const struct bench *skel, const struct frame *frame)
{
	struct xdp_md ctx = {.data_end = frame->len};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->data, .data_size_in = frame->len,
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .repeat = 1 << 30,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	int r = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.generate), &run);

	if (r && r != -EINTR)
		bench_fail("cannot send", r);
}

int main(int argc, char **argv)
{
	struct bench_plan plan = {};
	struct frame frame;
	struct bench *skel;
	unsigned char mac[6];
	unsigned long packets = 0;

	if (argc != 8)
		bench_fail("usage: generate DEV MAC KIND ORDER SOURCES SECONDS CPU", 0);
	plan.ifindex = if_nametoindex(argv[1]);
	if (!plan.ifindex)
		bench_fail("there is no such device", 0);
	if (sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3,
		   mac + 4, mac + 5) != 6 ||
	    bench_frame(argv[3], mac, &frame, &plan) || bench_order(argv[4], argv[5], &plan))
		bench_fail("MAC, KIND, ORDER or SOURCES are wrong", 0);
	catch_signals(atoi(argv[6]));
	bench_pin(atoi(argv[7]));
	skel = bench_load(&plan);
	send_all(skel, &frame);
	for (int i = 0; i < BENCH_CPUS; i++)
		packets += skel->bss->cpus[i].packets;
	printf("%lu\n", packets);
	bench__destroy(skel);
	return 0;
}
