/* SPDX-License-Identifier: GPL-2.0-only */
/* The kinds of frame that the generator knows. */
#ifndef TOOLS_KINDS_H
#define TOOLS_KINDS_H

#include <stddef.h>

#define FRAME_MAX 1514
#define KINDS_MAX 32

struct kind;

struct job {
	const char *iface;
	unsigned char to[6];
	unsigned char from[6];
	int family;
	unsigned char src[16];
	unsigned char dst[16];
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

struct frame {
	unsigned char byte[FRAME_MAX];
	size_t len;
};

struct kind {
	const char *name;
	void (*make)(struct frame *f, const struct job *job, const unsigned char *src);
};

extern const struct kind kinds[];
extern const size_t kinds_count;

#endif
