/* SPDX-License-Identifier: GPL-2.0-only */
/* Which values packets have together. Of a value counts its tag: what it says of the others. */
#ifndef CONF_POSSIBLE_H
#define CONF_POSSIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "rl/abi.h"

#define POSSIBLE_PROTOS 5 /* tags of protocols: 0 and up */
#define POSSIBLE_TRAITS_ANY RL_TRAITS

/* A packet, as far as classes of values say what it is. */
struct possible {
	__u8 kind;   /* the tag of its protocol */
	__u8 family; /* 4, 6, or 0 for any */
	__u8 traits; /* POSSIBLE_TRAITS_ANY if no condition looks at them */
};

/* The tag of a value of a dimension of numbers; that of an address is its family. */
__u8 possible_tag(enum rl_dim dim, size_t value);
/* False if no packet has a value of that tag and what `p` says; else `p` says what follows from it.
 * The protocol comes first, then traits; addresses before lengths. */
bool possible_with(struct possible *p, enum rl_dim dim, __u8 tag);

#endif
