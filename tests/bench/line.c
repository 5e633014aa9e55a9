// SPDX-License-Identifier: GPL-2.0-only
/* How long a cache line takes from one CPU to another and back: line CPU CPU
 *
 * Prints nanoseconds, of the best of many short rounds. A virtual machine's two CPUs are at one
 * time threads of one core and at another far apart, and what is shared between them costs
 * accordingly.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/setup.h"

#define ROUNDS 100
#define TRIPS 500

static _Alignas(128) atomic_uint line;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Makes every odd number even. */
static void *answer(void *cpu)
{
	bench_pin(*(int *)cpu);
	for (unsigned i = 0; i < ROUNDS * TRIPS; i++) {
		while (atomic_load(&line) != 2 * i + 1)
			;
		atomic_store(&line, 2 * i + 2);
	}
	return NULL;
}

static double trips(unsigned from)
{
	double start = now_ns();

	for (unsigned i = from; i < from + TRIPS; i++) {
		atomic_store(&line, 2 * i + 1);
		while (atomic_load(&line) != 2 * i + 2)
			;
	}
	return (now_ns() - start) / TRIPS;
}

int main(int argc, char **argv)
{
	double best = 1e9;
	pthread_t thread;
	int other;

	if (argc != 3)
		bench_fail("usage: line CPU CPU", 0);
	other = atoi(argv[2]);
	bench_pin(atoi(argv[1]));
	if (pthread_create(&thread, NULL, answer, &other))
		bench_fail("cannot make a thread", 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		double ns = trips(i * TRIPS);

		if (ns < best)
			best = ns;
	}
	printf("%.1f\n", best);
	return 0;
}
