// SPDX-License-Identifier: GPL-2.0-only
/* The pool of match rows of a rule set, each row once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/compile/rows.h"

/* A fixed number for each bit (the finalizer of splitmix64). */
static __u64 bit_hash(unsigned bit)
{
	__u64 z = (bit + 1) * 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void row_flip(struct row *r, unsigned bit)
{
	r->word[bit / 64] ^= 1ull << bit % 64;
	r->hash ^= bit_hash(bit);
}

int rows_init(struct rows *r, __u64 *word, unsigned words)
{
	*r = (struct rows){.word = word, .words = words};
	/* Row numbers are 16 bits wide. */
	r->max = RL_ROW_WORDS / RL_ROW_STRIDE(words);
	if (r->max > 0xffff)
		r->max = 0xffff;
	for (r->size = 1; r->size < (size_t)r->max * 2;)
		r->size *= 2;
	r->table = calloc(r->size, sizeof(*r->table));
	r->hash = calloc(r->max, sizeof(*r->hash));
	if (r->table && r->hash)
		return 0;
	rows_done(r);
	return -ENOMEM;
}

void rows_done(struct rows *r)
{
	free(r->table);
	free(r->hash);
	*r = (struct rows){0};
}

/* Where row `number` is: its summary. */
static __u64 *place(const struct rows *r, __u32 number)
{
	return r->word + (size_t)number * RL_ROW_STRIDE(r->words);
}

static void put(struct rows *r, __u32 number, const struct row *row)
{
	__u64 *to = place(r, number);

	to[0] = 0;
	for (unsigned i = 0; i < r->words && i < ROW_WORDS_MAX; i++) {
		to[0] |= (__u64)(row->word[i] != 0) << i;
		to[1 + i] = row->word[i];
	}
}

int rows_number(struct rows *r, const struct row *row, __u32 *ret)
{
	size_t bytes = r->words * sizeof(__u64), at = row->hash & (r->size - 1);

	for (; r->table[at]; at = (at + 1) & (r->size - 1)) {
		__u32 number = r->table[at] - 1;

		if (r->hash[number] != row->hash ||
		    memcmp(place(r, number) + 1, row->word, bytes) != 0)
			continue;
		*ret = number;
		return 0;
	}
	if (r->count == r->max)
		return -ENOSPC;
	put(r, r->count, row);
	r->hash[r->count] = row->hash;
	r->table[at] = r->count + 1;
	*ret = r->count++;
	return 0;
}
