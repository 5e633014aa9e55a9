/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinds of frame that the generator knows. */
#ifndef TOOLS_KINDS_H
#define TOOLS_KINDS_H

#include "base/frame.h"

#define KINDS_MAX 32

struct kind;

struct job {
	const char *iface;
	unsigned char to[6];
	unsigned char from[6];
	union rl_addr src;
	union rl_addr dst;
	unsigned long count;
	unsigned long sources;
	unsigned long per_s;
	double seconds;
	unsigned sport;
	unsigned dport;
	unsigned length;
	unsigned vlan[2];
	int vlans;
	int cpu;
	const struct kind *kind[KINDS_MAX];
	size_t kinds;
};

struct kind {
	const char *name;
	void (*make)(struct frame *f, const struct job *job, const union rl_addr *src);
};

extern const struct kind kinds[];
extern const size_t kinds_count;

#endif
