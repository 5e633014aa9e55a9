/* SPDX-License-Identifier: GPL-2.0-only */
/* Sources that CPUs count apart. All of it is about the limit `a`. */
#ifndef TESTS_HOT_H
#define TESTS_HOT_H

#include "harness.h"

#define HOT_CPUS_MAX 1024

void hot_run_on(int cpu);
__u64 hot_fingerprint(struct harness *h, const char *source);
/* All CPUs count this source apart from now on. */
void hot_watch(struct harness *h, const char *source);
/* UDP of 60 bytes from one CPU; returns how many passed. */
unsigned hot_send(struct harness *h, int cpu, const char *source, unsigned count);
/* What a CPU holds at the moment, and packets of it. */
struct rl_hot hot_place(struct harness *h, int cpu);
__u64 hot_held(struct harness *h, int cpu);
/* As whoever lists sources sees it. */
struct rl_state hot_seen(struct harness *h, const char *source);
void hot_expect_refused(struct harness *h, const char *source, __u64 packets);

/* Recoveries told since the last time it was asked, and the refused packets in them. */
struct hot_told {
	unsigned times;
	__u64 packets;
};
struct hot_told hot_told_recovered(struct harness *h);

#endif
