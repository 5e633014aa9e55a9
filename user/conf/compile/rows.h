/* SPDX-License-Identifier: GPL-2.0-only */
/* The pool of match rows of a rule set, each row once; and a set of limits that changes bit by
 * bit. */
#ifndef CONF_ROWS_H
#define CONF_ROWS_H

#include <stddef.h>

#include "rl/abi.h"

#define ROW_WORDS_MAX (RL_LIMITS_MAX / 64)

/* A row in the making. `hash` is the XOR of one number a bit, so that a changed bit costs no pass
 * over the row. */
struct row {
	__u64 word[ROW_WORDS_MAX];
	__u64 hash;
};
void row_flip(struct row *r, unsigned bit);

struct rows {
	__u64 *word;	/* of the rule set, RL_ROW_WORDS of them */
	unsigned words; /* a row */
	__u32 count;
	__u32 max;
	__u32 *table; /* open addressing; row + 1, 0 is free */
	__u64 *hash;  /* of each row */
	size_t size;
};
int rows_init(struct rows *r, __u64 *word, unsigned words);
void rows_done(struct rows *r);
/* The number of a row with these bits; -ENOSPC if the pool is full. */
int rows_number(struct rows *r, const struct row *row, __u32 *ret);

#endif
