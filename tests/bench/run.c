// SPDX-License-Identifier: GPL-2.0-only
/* Runs an attached program on frames of changing sources, on one CPU or several at once:
 *
 *   run LINK KIND ORDER SOURCES time SECONDS CPU[,CPU]...
 *   run LINK KIND ORDER SOURCES send PACKETS CPU
 *
 * LINK is where the program's link is pinned. `time` prints what a packet costs, and in the same
 * turn one that meets an empty program. Prints one object of JSON.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "tests/bench/setup.h"
/* Behind it, since it uses the types of plan.h. */
#include "tests/bench/bench.skel.h"

#define CPUS_MAX 8
#define ROUNDS 5
#define TRIAL 20000 /* packets that say how many fill a round */

struct run {
	struct bench *skel;
	struct frame frame;
	int program; /* under test */
	int cpu[CPUS_MAX];
	int cpus;
	unsigned verdict; /* of its last packet */
};

struct turn {
	struct run *run;
	int cpu;
	__u32 packets;
	double ns; /* a packet */
	unsigned verdict;
	pthread_t thread;
};

static int attached(const char *link)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(link), program;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		bench_fail("no link is pinned there", errno);
	program = bpf_prog_get_fd_by_id(info.prog_id);
	if (program < 0)
		bench_fail("cannot open the program", errno);
	return program;
}

/* What a packet meets behind the one that changes its source. */
static void set_next(struct run *r, int program)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(bpf_map__fd(r->skel->maps.next), &zero, &program, 0))
		bench_fail("the program cannot be called", errno);
}

static void *take_turn(void *ctx)
{
	struct turn *t = ctx;
	struct run *r = t->run;
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = r->frame.data, .data_size_in = r->frame.len,
		    .repeat = t->packets);
	int error;

	bench_pin(t->cpu);
	error = bpf_prog_test_run_opts(bpf_program__fd(r->skel->progs.front), &run);
	if (error)
		bench_fail("cannot run", error);
	t->ns = run.duration;
	t->verdict = run.retval;
	return NULL;
}

/* So many packets on each CPU at once; returns their mean cost in ns. */
static double all_cpus(struct run *r, __u32 packets)
{
	struct turn turn[CPUS_MAX];
	double ns = 0;

	for (int i = 0; i < r->cpus; i++) {
		turn[i] = (struct turn){.run = r, .cpu = r->cpu[i], .packets = packets};
		if (pthread_create(&turn[i].thread, NULL, take_turn, &turn[i]))
			bench_fail("cannot make a thread", 0);
	}
	for (int i = 0; i < r->cpus; i++) {
		pthread_join(turn[i].thread, NULL);
		ns += turn[i].ns / r->cpus;
		r->verdict = turn[i].verdict;
	}
	return ns;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static __u32 fill_round(struct run *r, double seconds)
{
	double ns = all_cpus(r, TRIAL);

	return seconds / 2 / ROUNDS * 1e9 / (ns < 1 ? 1 : ns);
}

static void time_it(struct run *r, double seconds)
{
	unsigned sources = r->skel->rodata->plan.mask + 1;
	double ns[ROUNDS], empty[ROUNDS];
	__u32 packets, packets_empty;

	set_next(r, bpf_program__fd(r->skel->progs.empty));
	packets_empty = fill_round(r, seconds);
	set_next(r, r->program);
	all_cpus(r, 2 * sources);
	packets = fill_round(r, seconds);
	for (int i = 0; i < ROUNDS; i++) {
		set_next(r, bpf_program__fd(r->skel->progs.empty));
		empty[i] = all_cpus(r, packets_empty);
		set_next(r, r->program);
		ns[i] = all_cpus(r, packets);
	}
	qsort(ns, ROUNDS, sizeof(*ns), ascending);
	qsort(empty, ROUNDS, sizeof(*empty), ascending);
	printf("{\"ns\": %g, \"empty_ns\": %g, ", ns[ROUNDS / 2], empty[ROUNDS / 2]);
}

static void send(struct run *r, __u32 packets)
{
	set_next(r, r->program);
	printf("{\"ns\": %g, ", all_cpus(r, packets));
}

static void print_counts(const struct run *r)
{
	unsigned long packets = 0, known = 0;

	for (int i = 0; i < BENCH_CPUS; i++) {
		packets += r->skel->bss->cpus[i].packets;
		known += r->skel->bss->cpus[i].known;
	}
	printf("\"verdict\": %u, \"packets\": %lu, \"known\": %lu}\n", r->verdict, packets, known);
}

int main(int argc, char **argv)
{
	static const unsigned char mac[6] = {2, 0, 0, 0, 0, 2};
	struct bench_plan plan = {};
	struct run r = {};

	if (argc != 8)
		bench_fail("usage: run LINK KIND ORDER SOURCES time|send SECONDS|PACKETS CPUS", 0);
	if (bench_frame(argv[2], mac, &r.frame, &plan) || bench_order(argv[3], argv[4], &plan))
		bench_fail("KIND, ORDER or SOURCES are wrong", 0);
	for (char *c = strtok(argv[7], ","); c && r.cpus < CPUS_MAX; c = strtok(NULL, ","))
		r.cpu[r.cpus++] = atoi(c);
	r.program = attached(argv[1]);
	r.skel = bench_load(&plan);
	if (!strcmp(argv[5], "time"))
		time_it(&r, atof(argv[6]));
	else
		send(&r, strtoul(argv[6], NULL, 10));
	print_counts(&r);
	bench__destroy(r.skel);
	return 0;
}
