// SPDX-License-Identifier: GPL-2.0-only
/* What the benchmarks' commands have in common: their arguments, their program, how they fail. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "tests/bench/setup.h"
/* Behind it, since it uses the types of plan.h. */
#include "tests/bench/bench.skel.h"

noreturn void bench_fail(const char *what, int error)
{
	fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, what, error ? ": " : "",
		error ? strerror(abs(error)) : "");
	exit(1);
}

void bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_fail("cannot stay on the CPU", errno);
}

int bench_order(const char *order, const char *sources, struct bench_plan *plan)
{
	static const char *const words[] = {
		[BENCH_RANDOM] = "random",
		[BENCH_ZIPFIAN] = "zipf",
		[BENCH_NEW] = "new",
		[BENCH_MIXED] = "mixed",
	};
	unsigned long n = strtoul(sources, NULL, 10);

	if (!n || n & (n - 1) || n > 1 << 24)
		return -EINVAL;
	plan->mask = n - 1;
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(order, words[i]))
			continue;
		plan->order = i;
		return 0;
	}
	return -EINVAL;
}

/* Index of the first element of ascending `sums` that is at least x. */
static unsigned find(const double *sums, unsigned count, double x)
{
	unsigned low = 0, high = count - 1;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (sums[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Fills the map of draws: source i with a probability in proportion to 1 / (i + 1). */
static int fill_zipf(int map_fd, unsigned sources)
{
	double *sums = malloc(sources * sizeof(*sums)), sum = 0;
	int r = sums ? 0 : -ENOMEM;

	for (unsigned i = 0; i < sources && sums; i++)
		sums[i] = sum += 1.0 / (i + 1);
	srand48(1);
	for (unsigned i = 0; i < BENCH_ZIPF && !r; i++) {
		/* Scattered, so that frequent ones are not neighbours. */
		unsigned drawn = find(sums, sources, drand48() * sum) * 2654435761u;

		r = bpf_map_update_elem(map_fd, &i, &drawn, 0);
	}
	free(sums);
	return r;
}

struct bench *bench_load(const struct bench_plan *plan)
{
	struct bench *skel = bench__open();
	int r;

	if (!skel)
		bench_fail("cannot open the program", errno);
	*(struct bench_plan *)&skel->rodata->plan = *plan;
	for (int i = 0; i < BENCH_CPUS; i++)
		skel->bss->cpus[i].random = 0x12345679 + i * 7919;
	r = bench__load(skel);
	if (!r && plan->order == BENCH_ZIPFIAN)
		r = fill_zipf(bpf_map__fd(skel->maps.zipf), plan->mask + 1);
	if (r)
		bench_fail("cannot load the program", r);
	return skel;
}
