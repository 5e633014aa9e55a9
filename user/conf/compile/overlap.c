// SPDX-License-Identifier: GPL-2.0-only
/* Whether more than so many limits can match one packet.
 *
 * A depth-first search over the dimensions: each class of values keeps some of the limits, and
 * where few are left there is nothing more to find. Exact, as no class is empty and values that no
 * packet has together (possible.h) are left out. A search that takes too long ends with the answer
 * that is safe: yes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/compile/dims.h"
#include "conf/compile/possible.h"

#define STEPS_MAX 1000000 /* classes looked at; some 20 ms */
#define SEEN_MAX 64

/* Those that say what the others can be come first. */
static const enum rl_dim order[] = {
	RL_DIM_PROTO,  RL_DIM_TRAITS,	   RL_DIM_FLAGS, RL_DIM_ICMP_TYPE,
	RL_DIM_SOURCE, RL_DIM_DESTINATION, RL_DIM_DPORT, RL_DIM_SPORT,
	RL_DIM_LENGTH, RL_DIM_IP_LENGTH,   RL_DIM_VLAN,	 RL_DIM_IFACE,
};
_Static_assert(sizeof(order) / sizeof(order[0]) == RL_DIM_COUNT, "each dimension once");

struct set {
	__u64 word[ROW_WORDS_MAX];
};

struct search {
	const struct rl_rules *rules;
	struct dim dim[RL_DIM_COUNT]; /* only the classes */
	unsigned max;		      /* limits that are not too many */
	unsigned long steps;
	__u64 *witness;
	struct {
		struct set set;
		__u8 tag;
	} seen[RL_DIM_COUNT][SEEN_MAX]; /* searched in vain at this depth */
};

static unsigned size(const struct search *s, const struct set *set)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->rules->words; i++)
		count += (unsigned)__builtin_popcountll(set->word[i]);
	return count;
}

static bool subset(const struct search *s, const struct set *a, const struct set *b)
{
	for (unsigned i = 0; i < s->rules->words; i++)
		if (a->word[i] & ~b->word[i])
			return false;
	return true;
}

static bool search(struct search *s, unsigned depth, const struct set *set,
		   struct possible context);

/* `set` went with a class of that tag at that depth. */
static bool seen(const struct search *s, unsigned depth, size_t count, const struct set *set,
		 __u8 tag)
{
	for (size_t i = 0; i < count; i++)
		if (s->seen[depth][i].tag == tag && subset(s, set, &s->seen[depth][i].set))
			return true;
	return false;
}

static bool search_classes(struct search *s, unsigned depth, const struct set *set,
			   struct possible context)
{
	const struct dim *dim = &s->dim[order[depth]];
	size_t known = 0;

	for (size_t i = 0; i < dim->classes; i++) {
		const __u64 *row = s->rules->row + 1 +
				   (size_t)dim->class[i].row * RL_ROW_STRIDE(s->rules->words);
		__u8 tag = dim->class[i].tag;
		struct possible next = context;
		struct set left;

		s->steps++;
		if (!possible_with(&next, order[depth], tag))
			continue;
		for (unsigned k = 0; k < s->rules->words; k++)
			left.word[k] = set->word[k] & row[k];
		if (size(s, &left) <= s->max || seen(s, depth, known, &left, tag))
			continue;
		if (search(s, depth + 1, &left, next))
			return true;
		if (known == SEEN_MAX)
			continue;
		s->seen[depth][known].set = left;
		s->seen[depth][known++].tag = tag;
	}
	return false;
}

/* Protocols that no condition tells apart still differ in what they carry. */
static bool search_kinds(struct search *s, unsigned depth, const struct set *set,
			 struct possible context)
{
	for (context.kind = 0; context.kind < POSSIBLE_PROTOS; context.kind++)
		if (search(s, depth + 1, set, context))
			return true;
	return false;
}

static bool search(struct search *s, unsigned depth, const struct set *set, struct possible context)
{
	if (size(s, set) <= s->max)
		return false;
	if (depth == RL_DIM_COUNT || s->steps > STEPS_MAX) {
		memcpy(s->witness, set->word, s->rules->words * sizeof(__u64));
		return true;
	}
	if (s->dim[order[depth]].classes)
		return search_classes(s, depth, set, context);
	if (order[depth] == RL_DIM_PROTO)
		return search_kinds(s, depth, set, context);
	return search(s, depth + 1, set, context);
}

static int compare_classes(const void *a, const void *b)
{
	const struct dim_class *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (int)x->tag - (int)y->tag;
}

static void sort_classes(struct dim *dim)
{
	size_t count = dim->classes;

	if (count)
		qsort(dim->class, count, sizeof(*dim->class), compare_classes);
	dim->classes = 0;
	for (size_t i = 0; i < count; i++)
		if (!dim->classes ||
		    compare_classes(&dim->class[i], &dim -> class[dim->classes - 1]) != 0)
			dim->class[dim->classes++] = dim->class[i];
}

int overlap_classes(struct dims *d, enum rl_dim which, const __u16 *map, size_t values)
{
	for (size_t i = 0; i < values; i++) {
		__u8 tag = possible_tag(which, i);

		/* Most values are like the one before. */
		if (i && map[i] == map[i - 1] && tag == possible_tag(which, i - 1))
			continue;
		if (dim_add_class(&d->dim[which], map[i], tag))
			return -1;
	}
	return 0;
}

static void free_search(struct search **s)
{
	for (unsigned i = 0; *s && i < RL_DIM_COUNT; i++)
		free((*s)->dim[i].class);
	free(*s);
}

bool overlap_exceeds(const struct dims *d, const struct rl_rules *rules, unsigned max,
		     const __u64 *set, __u64 *witness)
{
	_cleanup_(free_search) struct search *s = calloc(1, sizeof(*s));
	struct set all = {0};

	memcpy(all.word, set, rules->words * sizeof(__u64));
	memcpy(witness, set, rules->words * sizeof(__u64));
	if (!s)
		return true;
	s->rules = rules;
	s->max = max;
	s->witness = witness;
	for (unsigned i = 0; i < RL_DIM_COUNT; i++) {
		struct dim *to = &s->dim[i];

		for (size_t k = 0; k < d->dim[i].classes; k++)
			if (dim_add_class(to, d->dim[i].class[k].row, d->dim[i].class[k].tag))
				return true;
		sort_classes(to);
	}
	return search(s, 0, &all, (struct possible){.traits = POSSIBLE_TRAITS_ANY});
}
