/* SPDX-License-Identifier: GPL-2.0-only */
/* Another object than the one built in, of the same source by another compiler, and what the
 * verifier says of it. The linker puts this in front of libbpf's bpf_object__open_skeleton().
 */
#ifndef TESTS_OBJECT_H
#define TESTS_OBJECT_H

#include <bpf/libbpf.h>
#include <stdbool.h>

/* Names a file: the object that each test of the process loads in place of the one built in. */
#define OBJECT_VARIABLE "RL_OBJECT"

#define OBJECT_PROGRAMS_MAX 4

/* What the verifier wrote of one program. */
struct object_log {
	char name[32];
	char text[1 << 16];
};

/* Where it writes from now on, or NULL. Has room for OBJECT_PROGRAMS_MAX; a name is "" behind the
 * last one. */
extern struct object_log *object_logs;

/* Loads the program that judges while sources move from one table to another. */
extern bool object_moves;

#endif
