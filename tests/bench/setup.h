/* SPDX-License-Identifier: GPL-2.0-only */
/* What the benchmarks' commands have in common: their arguments, their program, how they fail. */
#ifndef BENCH_SETUP_H
#define BENCH_SETUP_H

#include <stdnoreturn.h>

#include "tests/bench/frame.h"

struct bench;

/* "NAME: WHAT: what the error means" on standard error; error is an errno or 0, negative or not. */
noreturn void bench_fail(const char *what, int error);
/* The calling thread runs on this CPU only. */
void bench_pin(int cpu);
/* Sets the plan's order and number of sources by words: random, zipf, new or mixed, and a power of
 * two. 0 or -EINVAL. */
int bench_order(const char *order, const char *sources, struct bench_plan *plan);
/* Loads the program with this plan. */
struct bench *bench_load(const struct bench_plan *plan);

#endif
